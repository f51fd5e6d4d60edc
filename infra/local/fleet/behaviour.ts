import {
  Ending,
  errorCodeOf,
  type ModelParameters,
  policyReachHours,
  reportDelayDays,
  retryDelayDays,
} from "../../../shared/model/index.js";
import { uniform } from "../../../shared/random.js";
import { type SignalEvent, SignalKind, SignalWorkload } from "../../../shared/signals/signal.js";
import type { DeviceUpdateView, InventoryPatch } from "../tenant/types.js";
import { attemptOf } from "./attempt.js";
import { type DeviceState, type Job, Stage } from "./device-state.js";
import type { SimulatedDevice } from "./devices.js";
import { earliest, freeAt, isBusy, isOver, isWaiting, nextTime, postpone } from "./jobs.js";
import { Outbox } from "./outbox.js";
import type { RegressionOf } from "./regression.js";
import { install, inventoryOf, resultOf, uninstall } from "./results.js";
import type { Scenario } from "./scenario.js";
import { digest, type Target, targetsOf, updateToRollBack } from "./target.js";

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
      this.#options.reportInventory(device.deviceId, inventoryOf(state, state.syncAt));
      delete state.syncAt;
    }
    return this.#outbox.take(device, state, now);
  }

  /** When the device next has something to do, ms. */
  nextDue(state: DeviceState): number {
    let due = Math.min(state.syncAt ?? Infinity, state.read?.at ?? Infinity);
    due = Math.min(due, state.rollBackAt ?? Infinity, state.wakeAt ?? Infinity);
    for (const job of state.jobs) due = Math.min(due, this.#outbox.upload(nextTime(job)));
    for (const { sendAt } of state.outbox) if (sendAt < due) due = sendAt;
    return due;
  }

  /** Does the earliest thing due by `now`; a reading comes before what it might stop. */
  #act(device: SimulatedDevice, state: DeviceState, now: number): boolean {
    const { read, rollBackAt = Infinity, wakeAt = Infinity } = state;
    const readAt = read?.at ?? Infinity;
    const job = earliest(state.jobs);
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
    if (view.safeguards === undefined) delete state.gatedBlocks;
    else state.gatedBlocks = view.safeguards;
    delete state.rollBackAt;
    if (updateToRollBack(view, state.build, state.results, at) !== undefined) {
      state.rollBackAt = this.#outbox.checkIn(device, at);
    }
    const targets = targetsOf(view, state, this.#options.articles, at);
    state.jobs = state.jobs.filter((job) => !isOver(job, targets));
    for (const target of targets) {
      if (!isBusy(state.jobs, target)) this.#start(device, state, target, view, at, changedAt);
    }
  }

  #start(
    device: SimulatedDevice,
    state: DeviceState,
    target: Target,
    view: DeviceUpdateView,
    at: number,
    changedAt: number,
  ): void {
    const last = state.results[target.kb];
    // A tick catches up with what devices did since the one before, and the tenant tells them what it says now.
    const seen = Math.max(at, target.since);
    if (this.#isSafeguarded(device, target)) {
      if (last?.state !== "blocked") this.#block(device, state, target, seen);
      return;
    }
    if (last?.state === "failed" && (last.retryAt ?? Infinity) > at) {
      if (last.retryAt !== undefined) state.wakeAt = Math.min(last.retryAt, state.wakeAt ?? Infinity);
      return;
    }
    const attempt = last === undefined || last.state === "blocked" ? 1 : last.attempt + 1;
    const start = Math.max(target.since, changedAt);
    const deps = { ...this.#options, outbox: this.#outbox };
    const job = attemptOf(deps, { device, target, attempt, ring: view.ring, start, seen });
    if (job.workload === SignalWorkload.driver) state.jobs.push(job);
    else state.jobs.unshift(job);
  }

  #isSafeguarded(device: SimulatedDevice, { kb, workload, isHeld }: Target): boolean {
    if (isHeld) return true;
    const { safeguardShare } = this.#options.scenario;
    if (safeguardShare === 0 || workload === SignalWorkload.driver) return false;
    return uniform(this.#options.seed, device.index, kb, "safeguard") < safeguardShare;
  }

  #block(device: SimulatedDevice, state: DeviceState, { workload, kb, build }: Target, at: number): void {
    const { build: previous } = state;
    const blocked = { workload, build, at, attempt: 1, harmed: false, silent: false, previous };
    state.results[kb] = { ...blocked, state: "blocked" };
    this.#outbox.note(device, state, SignalKind.safeguardBlocked, { workload, kb, build, attempt: 1 }, at);
  }

  #step(device: SimulatedDevice, state: DeviceState, job: Job, at: number): void {
    if (job.stage + 1 === Stage.installing) {
      const free = freeAt(state.jobs, at);
      if (free > at) {
        postpone(job, free - at);
        return;
      }
    }
    job.stage++;
    const kind = STAGE_SIGNALS[job.stage];
    if (kind === undefined) {
      this.#restart(device, state, job, at);
      return;
    }
    if (job.silent && job.stage > Stage.installing) return;
    if (job.isHotpatch && kind === SignalKind.restartPending) return;
    this.#outbox.note(device, state, kind, job, at);
    if (job.stage === Stage.installing) this.#outbox.hasten(state, job, at);
  }

  /** Ends an attempt; a restart ends the others that wait for one, too. */
  #restart(device: SimulatedDevice, state: DeviceState, job: Job, at: number): void {
    const waiting = job.isHotpatch ? [] : state.jobs.filter((each) => each !== job && isWaiting(each));
    for (const each of [job, ...waiting]) {
      if (!state.gone) this.#finish(device, state, each, at);
    }
    if (!state.gone) this.#consider(device, state, at, at);
  }

  #finish(device: SimulatedDevice, state: DeviceState, job: Job, at: number): void {
    const { model, seed } = this.#options;
    const { kb, attempt, harmed, silent, ending } = job;
    state.jobs = state.jobs.filter((each) => each !== job);
    if (ending === Ending.bricked) {
      state.results[kb] = { ...resultOf(job, state, at), state: "bricked" };
      state.gone = true;
      state.jobs = [];
      state.outbox = state.outbox.filter(({ sendAt }) => sendAt <= at);
      for (const key of ["read", "rollBackAt", "wakeAt", "syncAt"] as const) delete state[key];
      return;
    }
    const failed = ending === Ending.failed;
    if (failed) {
      const days = retryDelayDays(model, seed, device.index, kb, attempt);
      const retry = days === undefined ? {} : { retryAt: Math.round(at + days * DAY) };
      state.results[kb] = { ...resultOf(job, state, at), state: "failed", ...retry };
    } else {
      state.results[kb] = { ...resultOf(job, state, at), state: "installed" };
      install(job, state);
      state.syncAt = this.#outbox.checkIn(device, at);
    }
    if (silent) return;
    const delayMs = reportDelayDays(model, seed, device.index, kb, failed, attempt) * DAY;
    const code = failed ? { errorCode: errorCodeOf(seed, device.index, kb, attempt, harmed) } : {};
    const kind = failed ? SignalKind.failed : SignalKind.installed;
    this.#outbox.note(device, state, kind, job, at, { delayMs, ...code });
  }

  /** Uninstalls an update of Windows and restarts at once. */
  #rollBack(device: SimulatedDevice, state: DeviceState, at: number): void {
    const { model, seed, view } = this.#options;
    const kb = updateToRollBack(view(device.deviceId), state.build, state.results, at);
    const result = kb === undefined ? undefined : state.results[kb];
    if (kb === undefined || result === undefined) return;
    state.jobs = state.jobs.filter(({ workload }) => workload === SignalWorkload.driver);
    uninstall(kb, result, state, at);
    state.syncAt = this.#outbox.checkIn(device, at);
    if (result.silent) return;
    const delayMs = reportDelayDays(model, seed, device.index, `${kb} rolled back`, false, result.attempt) * DAY;
    const { workload, build, attempt } = result;
    this.#outbox.note(device, state, SignalKind.rolledBack, { workload, kb, build, attempt }, at, { delayMs });
  }
}
