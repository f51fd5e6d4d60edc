import type { z } from "zod";
import { nextOn } from "../../../shared/model/index.js";
import { uniform } from "../../../shared/random.js";
import { READINESS_CHECKS, type ReadinessCheck } from "../../../shared/readiness/checks.js";
import { READINESS_TYPE, type reportSchema } from "../../../shared/readiness/report.js";
import type { FoundSetting } from "../../../shared/readiness/update-settings.js";
import { GATED_BLOCKS_ATTRIBUTE } from "../../../shared/safeguard-holds/gated-blocks.js";
import { DueCalendar, TICK_MS } from "./calendar.js";
import type { SimulatedDevice } from "./devices.js";

const DAY = 86_400_000;

/** An agent's report, as it goes to the queue `readiness`: CloudEvents 1.0 in JSON. */
export type ReadinessEvent = z.input<typeof reportSchema>;

/** A check that fails on a device, and why. */
export interface Finding {
  readonly check: ReadinessCheck;
  readonly passed: false;
  readonly reason: string;
}

/** What the agent of one device would find now, and what it told last; plain JSON, journalled. */
export interface AgentState {
  /** Reasons by failing check. */
  failures: Partial<Record<ReadinessCheck, string>>;
  /** Policies of the Update CSP that are set on the device; absent until there were any. */
  updatePolicies?: readonly FoundSetting[];
  /** Values below the watched registry keys; absent until there were any. */
  registry?: readonly FoundSetting[];
  /** Ids of the safeguard holds that Windows names; absent until there were any. */
  gatedBlocks?: readonly number[];
  /** The result that was sent last, as text. */
  sent: string;
  /** The next run of the checks that may find something new, ms. */
  runAt?: number;
}

/** What an agent that never told anything is taken to have told: every check passes. */
const PASSING: AgentState = { failures: {}, sent: "" };

export interface AgentsOptions {
  readonly seed: number;
  readonly devices: readonly SimulatedDevice[];
  /** Whether a device is lost for good. */
  readonly isGone: (index: number) => boolean;
}

/**
 * The agents on the devices. Each runs its readiness checks once a day, at the same hour or when its device is next on,
 * and reports when the result differs from the one it sent last (autopatch.md §3.7). An agent that has nothing new to
 * find costs nothing.
 */
export class Agents {
  readonly #options: AgentsOptions;
  readonly #states = new Map<number, AgentState>();
  readonly #calendar: DueCalendar;

  constructor(options: AgentsOptions) {
    this.#options = options;
    this.#calendar = new DueCalendar(options.devices.length);
  }

  /** Every agent that has ever had something to find. */
  states(): Iterable<readonly [index: number, state: AgentState]> {
    return this.#states;
  }

  state(index: number): AgentState {
    return this.#states.get(index) ?? PASSING;
  }

  /** Puts a kept state back. Call `resume` after the last. */
  restore(index: number, state: AgentState): void {
    this.#states.set(index, state);
  }

  /** Queues every agent that has something to find; what should have been told by `tick` is told right after it. */
  resume(tick: number): void {
    for (const [index, { runAt }] of this.#states) this.#calendar.put(index, runAt ?? Infinity, tick + 1);
  }

  /** Changes what the agent will find at its first run after `now` (ms). */
  change(index: number, change: (state: AgentState) => AgentState, now: number): AgentState {
    const state = { ...change(this.state(index)), runAt: this.#nextRun(index, now) };
    this.#states.set(index, state);
    this.#calendar.put(index, state.runAt, Math.floor(now / TICK_MS) + 1);
    return state;
  }

  /**
   * Notes which safeguard holds (ids) Windows names on a device: told at the first run after `now` (ms).
   * @returns whether that is news
   */
  noteGatedBlocks(index: number, gatedBlocks: readonly number[], now: number): boolean {
    if (String(this.state(index).gatedBlocks ?? []) === String(gatedBlocks)) return false;
    this.change(index, (state) => ({ ...state, gatedBlocks }), now);
    return true;
  }

  nextTick(): number | undefined {
    return this.#calendar.next();
  }

  /** Runs the checks that are due by a tick: what is to be sent, and whose state has changed. */
  take(tick: number): { readonly reports: ReadinessEvent[]; readonly changed: readonly number[] } {
    const changed = this.#calendar.take(tick);
    const reports = changed.flatMap((index) => this.#run(index) ?? []);
    return { reports, changed };
  }

  #run(index: number): ReadinessEvent | undefined {
    const device = this.#options.devices[index];
    const { runAt, ...state } = this.state(index);
    const found = resultOf(state);
    this.#states.set(index, { ...state, sent: found });
    const isNews = found !== (state.sent === "" ? resultOf(PASSING) : state.sent);
    if (device === undefined || runAt === undefined || !isNews || this.#options.isGone(index)) return undefined;
    return eventOf(device, state, runAt);
  }

  /** The same time every day, or when the device is next on after it. */
  #nextRun(index: number, now: number): number {
    const { seed, devices } = this.#options;
    const time = Math.floor(uniform(seed, index, "readiness checks") * DAY);
    const run = now + DAY - ((now - time) % DAY);
    const pattern = devices[index]?.pattern;
    return pattern === undefined ? run : Math.ceil(nextOn(pattern, run));
  }
}

/** What the agent of a device tells when it is installed: what the device is like, beyond what Intune knows. */
export function introductionOf(device: SimulatedDevice, at: number): ReadinessEvent {
  const { deviceId } = device;
  return { ...envelope(deviceId, "introduction", at), data: { deviceId, checks: [], attributes: likenessOf(device) } };
}

/** Everything that an agent tells of its device: what was told before counts no more. */
function likenessOf(device: SimulatedDevice, gatedBlocks: readonly number[] = []): Readonly<Record<string, string>> {
  const gated = gatedBlocks.length === 0 ? {} : { [GATED_BLOCKS_ATTRIBUTE]: gatedBlocks.join(",") };
  return { ...toldAttributes(device), ...device.hardware, ...gated };
}

/** Attributes of a device that Intune does not know and that may be a cohort. */
export function toldAttributes({ attributes }: SimulatedDevice): Readonly<Record<string, string>> {
  const { manufacturer: _, model: _model, osVersion: _version, osBuild: _build, ...told } = attributes;
  return told;
}

function resultOf({ failures, updatePolicies, registry, gatedBlocks }: Omit<AgentState, "sent">): string {
  const checks = READINESS_CHECKS.map((check) => failures[check] ?? null);
  return JSON.stringify([checks, updatePolicies, registry, gatedBlocks]);
}

function eventOf(device: SimulatedDevice, state: AgentState, at: number): ReadinessEvent {
  const { deviceId } = device;
  const { failures, updatePolicies, registry, gatedBlocks } = state;
  const checks = READINESS_CHECKS.map((check) => {
    const reason = failures[check];
    return reason === undefined ? { check, passed: true } : { check, passed: false, reason };
  });
  return {
    ...envelope(deviceId, "readiness", at),
    data: {
      deviceId,
      checks,
      ...(updatePolicies === undefined ? {} : { updatePolicies: [...updatePolicies] }),
      ...(registry === undefined ? {} : { registry: [...registry] }),
      ...(gatedBlocks === undefined ? {} : { attributes: likenessOf(device, gatedBlocks) }),
    },
  };
}

function envelope(deviceId: string, about: string, at: number): Omit<ReadinessEvent, "data"> {
  return {
    specversion: "1.0",
    id: `${deviceId}:${about}:${at}`,
    source: `/devices/${deviceId}`,
    type: READINESS_TYPE,
    time: new Date(at).toISOString(),
    datacontenttype: "application/json",
  };
}
