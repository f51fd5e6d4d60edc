import { nextOn } from "../../../shared/model/index.js";
import { uniform } from "../../../shared/random.js";
import {
  namesOf,
  SIGNAL_TYPE_PREFIX,
  type SignalEvent,
  SignalKind,
  type SignalSubject,
} from "../../../shared/signals/signal.js";
import type { DeviceState, Outgoing } from "./device-state.js";
import type { SimulatedDevice } from "./devices.js";
import type { Scenario } from "./scenario.js";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Which update a signal is about. */
export interface About extends SignalSubject {
  readonly attempt: number;
}

/** Notes what happens on devices and hands it over when it is time to send it. */
export class Outbox {
  constructor(
    private readonly seed: number,
    private readonly scenario: Scenario,
  ) {}

  /** The next instant at or after `at` (ms) at which devices that are on upload. */
  upload(at: number): number {
    const step = this.scenario.uploadMinutes * MINUTE;
    return Math.ceil(at / step) * step;
  }

  /** When a device that has something to tell at `at` (ms) next checks in. */
  checkIn(device: SimulatedDevice, at: number): number {
    return this.upload(nextOn(device.pattern, at));
  }

  /** Notes a signal; it is sent when the device next checks in after `delayMs`. */
  note(
    device: SimulatedDevice,
    state: DeviceState,
    kind: SignalKind,
    about: About,
    at: number,
    options: { delayMs?: number; errorCode?: string } = {},
  ): void {
    const { workload, kb, build, attempt } = about;
    const key = `${kb}#${attempt}`;
    const sequence = (state.sequences[key] ?? 0) + 1;
    state.sequences[key] = sequence;
    const sendAt = this.checkIn(device, at + (options.delayMs ?? 0));
    const { errorCode } = options;
    const signal = {
      kind,
      at,
      workload,
      kb,
      build,
      attempt,
      sequence,
      ...(errorCode === undefined ? {} : { errorCode }),
    };
    for (const time of this.#deliveries(device, `${key}#${sequence}`, sendAt)) {
      state.outbox.push({ ...signal, sendAt: time });
    }
  }

  /**
   * A device that installs is on and online: what it has to tell so far goes out at the next upload. This is the
   * heartbeat of devices that have started (gate.md §4).
   */
  hasten(state: DeviceState, about: About, at: number): void {
    const sendAt = this.upload(at);
    for (const signal of state.outbox) {
      if (signal.kb === about.kb && !isResult(signal.kind)) signal.sendAt = Math.min(signal.sendAt, sendAt);
    }
  }

  /** Takes out what is to be sent by `now`. */
  take(device: SimulatedDevice, state: DeviceState, now: number): SignalEvent[] {
    if (!state.outbox.some(({ sendAt }) => sendAt <= now)) return [];
    const due = state.outbox.filter(({ sendAt }) => sendAt <= now);
    state.outbox = state.outbox.filter(({ sendAt }) => sendAt > now);
    return due.map((signal) => eventOf(device, signal));
  }

  #deliveries(device: SimulatedDevice, signal: string, sendAt: number): number[] {
    const { duplicateShare, lateShare, lateHours } = this.scenario.delivery;
    const draw = (purpose: string) => uniform(this.seed, device.index, signal, purpose);
    const late =
      lateShare > 0 && draw("late") < lateShare ? this.upload(sendAt + draw("lateness") * lateHours * HOUR) : sendAt;
    const twice = duplicateShare > 0 && draw("duplicate") < duplicateShare;
    return twice ? [late, this.upload(late + (1 + Math.floor(3 * draw("again"))) * HOUR)] : [late];
  }
}

function isResult(kind: SignalKind): boolean {
  return kind === SignalKind.installed || kind === SignalKind.failed || kind === SignalKind.rolledBack;
}

function eventOf(device: SimulatedDevice, signal: Outgoing): SignalEvent {
  const { kind, at, kb, attempt, sequence, errorCode } = signal;
  return {
    specversion: "1.0",
    id: `${device.deviceId}:${kb}:${attempt}:${sequence}`,
    source: `/devices/${device.deviceId}`,
    type: `${SIGNAL_TYPE_PREFIX}${kind}`,
    time: new Date(at).toISOString(),
    datacontenttype: "application/json",
    data: {
      deviceId: device.deviceId,
      ...namesOf(signal),
      attempt,
      sequence,
      ...(errorCode === undefined ? {} : { errorCode }),
    },
  };
}
