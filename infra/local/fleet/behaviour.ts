import {
  Ending,
  errorCodeOf,
  type ModelParameters,
  neverReports,
  outcomeOf,
  policyReachHours,
  reportDelayDays,
  retryDelayDays,
} from "../../../shared/model/index.js";
import { uniform } from "../../../shared/random.js";
import { type SignalEvent, SignalKind } from "../../../shared/signals/signal.js";
import type { DeviceUpdateView, InventoryPatch } from "../tenant/types.js";
import { isNewer } from "./build-number.js";
import { type DeviceState, type Job, Stage } from "./device-state.js";
import type { SimulatedDevice } from "./devices.js";
import { installWindow } from "./install-schedule.js";
import { Outbox } from "./outbox.js";
import { planJob } from "./plan.js";
import type { RegressionOf } from "./regression.js";
import type { Scenario } from "./scenario.js";
import { digest, type Target, targetOf, updateToRollBack } from "./target.js";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Hours between two scans of a device that no policy tells how often (autopatch.md §5.4). */
const DEFAULT_SCAN_HOURS = 22;
/** Two ticks: what is drawn inside them would be acted upon after the propagation time had run out. */
const REACH_MARGIN_MS = 30 * MINUTE;

const STAGE_SIGNALS = [
  SignalKind.offered,
  SignalKind.downloading,
  SignalKind.installStarted,
  SignalKind.restartPending,
] as const;

export interface BehaviourOptions {
  readonly seed: number;
  readonly scenario: Scenario;
  readonly model: ModelParameters;
  readonly regression: RegressionOf;
  /** Knowledge base article per build. */
  readonly articles: ReadonlyMap<string, string>;
  readonly view: (deviceId: string) => DeviceUpdateView;
  readonly reportInventory: (deviceId: string, patch: InventoryPatch) => void;
}

/** How one device acts in time. It changes the state it is given and draws only from seed, device and purpose. */
export class Behaviour {
  readonly #options: BehaviourOptions;
  readonly #outbox: Outbox;

  constructor(options: BehaviourOptions) {
    this.#options = options;
    this.#outbox = new Outbox(options.seed, options.scenario);
  }

  /** Everything the device has to tell and would tell later. */
  tellAll(device: SimulatedDevice, state: DeviceState): SignalEvent[] {
    return this.#outbox.take(device, state, Number.POSITIVE_INFINITY);
  }

  /**
   * A policy may have changed at `changedAt` (ms): the device reads it at its next scan, U(0, scan interval) later, or at
   * a reading already due (autopatch.md §5.4).
   */
  hear(device: SimulatedDevice, state: DeviceState, changedAt: number): void {
    if (state.gone || state.read !== undefined) return;
    const { seed } = this.#options;
    const model = { ...this.#options.model, policyReachHours: this.#scanHours(state) };
    const reach = policyReachHours(model, seed, device.index, changedAt) * HOUR;
    const latest = Math.max(0, model.policyReachHours * HOUR - REACH_MARGIN_MS);
    state.read = { at: changedAt + Math.min(Math.round(reach), latest), changedAt };
  }

  /** Hours between two scans: by the policy that the device has read, else by the scenario or as Windows has it. */
  #scanHours({ scanHours }: DeviceState): number {
    return scanHours ?? this.#options.scenario.model.policyReachHours ?? DEFAULT_SCAN_HOURS;
  }

  /** Whether the device would learn something new by reading its policies. */
  isBehind(device: SimulatedDevice, state: DeviceState): boolean {
    return !state.gone && digest(this.#options.view(device.deviceId)) !== state.saw;
  }

  /** Lives through everything up to `now` (ms), in order of time; returns the signals to send. */
  advance(device: SimulatedDevice, state: DeviceState, now: number): SignalEvent[] {
    while (this.#act(device, state, now));
    if (state.syncAt !== undefined && state.syncAt <= now) {
      const lastSyncDateTime = new Date(state.syncAt).toISOString();
      this.#options.reportInventory(device.deviceId, { osVersion: state.build, lastSyncDateTime });
      delete state.syncAt;
    }
    return this.#outbox.take(device, state, now);
  }

  /** When the device next has something to do, ms. */
  nextDue(state: DeviceState): number {
    let due = Math.min(state.syncAt ?? Infinity, state.read?.at ?? Infinity);
    due = Math.min(due, state.rollBackAt ?? Infinity, state.wakeAt ?? Infinity);
    if (state.job !== undefined) due = Math.min(due, this.#outbox.upload(nextTime(state.job)));
    for (const { sendAt } of state.outbox) if (sendAt < due) due = sendAt;
    return due;
  }

  /** Does the earliest thing due by `now`; a reading comes before what it might stop. */
  #act(device: SimulatedDevice, state: DeviceState, now: number): boolean {
    const { read, rollBackAt = Infinity, wakeAt = Infinity, job } = state;
    const readAt = read?.at ?? Infinity;
    const stepAt = job === undefined ? Infinity : nextTime(job);
    const first = Math.min(readAt, rollBackAt, stepAt, wakeAt);
    if (first > now) return false;
    if (read !== undefined && first === readAt) {
      delete state.read;
      this.#consider(device, state, readAt, read.changedAt);
    } else if (first === rollBackAt) {
      delete state.rollBackAt;
      this.#rollBack(device, state, first);
    } else if (job !== undefined && first === stepAt) {
      this.#step(device, state, job, first);
    } else {
      delete state.wakeAt;
      this.#consider(device, state, first, first);
    }
    return true;
  }

  /** Reads the policies at `at` and starts, stops or replaces what is under way. */
  #consider(device: SimulatedDevice, state: DeviceState, at: number, changedAt: number): void {
    const view = this.#options.view(device.deviceId);
    state.saw = digest(view);
    if (view.detectionFrequencyHours === undefined) delete state.scanHours;
    else state.scanHours = view.detectionFrequencyHours;
    delete state.rollBackAt;
    if (updateToRollBack(view, state.build, state.results, at) !== undefined) {
      state.rollBackAt = this.#outbox.checkIn(device, at);
    }
    const target = targetOf(view, state.build, this.#options.articles, at);
    if (state.job !== undefined && isOver(state.job, target)) delete state.job;
    if (state.job === undefined && target !== undefined) this.#start(device, state, target, view, at, changedAt);
  }

  #start(
    device: SimulatedDevice,
    state: DeviceState,
    target: Target,
    view: DeviceUpdateView,
    at: number,
    changedAt: number,
  ): void {
    const { kb, build, expeditedDays } = target;
    const last = state.results[kb];
    if (last?.state === "blocked") return;
    if (last?.state === "failed" && (last.retryAt ?? Infinity) > at) {
      if (last.retryAt !== undefined) state.wakeAt = last.retryAt;
      return;
    }
    const attempt = (last?.attempt ?? 0) + 1;
    if (attempt === 1 && this.#isSafeguarded(device, state, target, at)) return;
    const { model, seed, regression } = this.#options;
    const { ending, harmed } = outcomeOf(model, seed, device.index, kb, attempt, regression(device.attributes, kb));
    const window = expeditedDays === undefined ? installWindow(view.ring) : undefined;
    const deadlineDays = expeditedDays ?? view.ring?.deadlineDays;
    const times = planJob({
      model,
      seed,
      device: device.index,
      pattern: device.pattern,
      kb,
      attempt,
      start: Math.max(target.since, changedAt),
      seen: at,
      graceDays: expeditedDays === undefined ? (view.ring?.graceDays ?? 0) : 0,
      ...(deadlineDays === undefined ? {} : { deadlineDays }),
      ...(window === undefined ? {} : { window }),
    });
    const [offered, downloading, started, pending, done] = times;
    // A device that is lost is lost after its last heartbeat, and never says that a restart is pending.
    const lost = Math.max(pending, this.#outbox.upload(started) + MINUTE);
    state.job = {
      kb,
      build,
      attempt,
      expedited: expeditedDays !== undefined,
      times:
        ending === Ending.bricked
          ? [offered, downloading, started, lost, lost]
          : [offered, downloading, started, pending, done],
      ending,
      harmed,
      silent: ending === Ending.bricked || neverReports(model, seed, device.index, kb, ending === Ending.failed),
      stage: Stage.none,
    };
  }

  #isSafeguarded(device: SimulatedDevice, state: DeviceState, { kb, build }: Target, at: number): boolean {
    const { safeguardShare } = this.#options.scenario;
    if (safeguardShare === 0 || uniform(this.#options.seed, device.index, kb, "safeguard") >= safeguardShare)
      return false;
    const { build: previous } = state;
    state.results[kb] = { build, state: "blocked", at, attempt: 1, harmed: false, silent: false, previous };
    this.#outbox.note(device, state, SignalKind.safeguardBlocked, { kb, build, attempt: 1 }, at);
    return true;
  }

  #step(device: SimulatedDevice, state: DeviceState, job: Job, at: number): void {
    job.stage++;
    const kind = STAGE_SIGNALS[job.stage];
    if (kind === undefined) {
      this.#finish(device, state, job, at);
      return;
    }
    if (job.silent && job.stage > Stage.installing) return;
    this.#outbox.note(device, state, kind, job, at);
    if (job.stage === Stage.installing) this.#outbox.hasten(state, job, at);
  }

  #finish(device: SimulatedDevice, state: DeviceState, job: Job, at: number): void {
    const { model, seed } = this.#options;
    const { kb, build, attempt, harmed, silent, ending } = job;
    const { build: previous } = state;
    const result = { build, at, attempt, harmed, silent, previous };
    delete state.job;
    if (ending === Ending.bricked) {
      state.results[kb] = { ...result, state: "bricked" };
      state.gone = true;
      state.outbox = state.outbox.filter(({ sendAt }) => sendAt <= at);
      for (const key of ["read", "rollBackAt", "wakeAt", "syncAt"] as const) delete state[key];
      return;
    }
    const failed = ending === Ending.failed;
    if (failed) {
      const days = retryDelayDays(model, seed, device.index, kb, attempt);
      const retry = days === undefined ? {} : { retryAt: Math.round(at + days * DAY) };
      state.results[kb] = { ...result, state: "failed", ...retry };
    } else {
      state.results[kb] = { ...result, state: "installed" };
      state.build = build;
      state.syncAt = this.#outbox.checkIn(device, at);
    }
    if (!silent) {
      const delayMs = reportDelayDays(model, seed, device.index, kb, failed, attempt) * DAY;
      const code = failed ? { errorCode: errorCodeOf(seed, device.index, kb, attempt, harmed) } : {};
      const kind = failed ? SignalKind.failed : SignalKind.installed;
      this.#outbox.note(device, state, kind, job, at, { delayMs, ...code });
    }
    this.#consider(device, state, at, at);
  }

  /** Uninstalls the last update and restarts at once. */
  #rollBack(device: SimulatedDevice, state: DeviceState, at: number): void {
    const { model, seed, view } = this.#options;
    const kb = updateToRollBack(view(device.deviceId), state.build, state.results, at);
    const result = kb === undefined ? undefined : state.results[kb];
    if (kb === undefined || result === undefined) return;
    delete state.job;
    state.results[kb] = { ...result, state: "rolledBack", at };
    state.build = result.previous;
    state.syncAt = this.#outbox.checkIn(device, at);
    if (result.silent) return;
    const delayMs = reportDelayDays(model, seed, device.index, `${kb} rolled back`, false, result.attempt) * DAY;
    const about = { kb, build: result.build, attempt: result.attempt };
    this.#outbox.note(device, state, SignalKind.rolledBack, about, at, { delayMs });
  }
}

/** When a job reaches its next stage, ms. */
function nextTime(job: Job): number {
  return job.times[job.stage + 1] ?? Infinity;
}

/**
 * Whether a job ends before its time: one that has not begun to install when there is nothing to install any more, or
 * something else; one that has, only for a newer update (autopatch.md §5.10: the newest approved release wins).
 */
function isOver(job: Job, target: Target | undefined): boolean {
  if (target !== undefined && isNewer(target.build, job.build)) return true;
  if (job.stage >= Stage.installing) return false;
  return target?.build !== job.build || (target.expeditedDays !== undefined && !job.expedited);
}
