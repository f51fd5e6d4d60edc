import { Ending, type ModelParameters, neverReports, outcomeOf } from "../../../shared/model/index.js";
import { SignalWorkload } from "../../../shared/signals/signal.js";
import type { UpdateRingView } from "../tenant/types.js";
import { type Job, Stage } from "./device-state.js";
import type { SimulatedDevice } from "./devices.js";
import { installWindow } from "./install-schedule.js";
import type { Outbox } from "./outbox.js";
import { planJob } from "./plan.js";
import type { RegressionOf } from "./regression.js";
import type { Target } from "./target.js";

const MINUTE = 60_000;

export interface AttemptDeps {
  readonly seed: number;
  readonly model: ModelParameters;
  readonly regression: RegressionOf;
  readonly outbox: Pick<Outbox, "upload">;
}

export interface AttemptInput {
  readonly device: SimulatedDevice;
  readonly target: Target;
  /** From 1. */
  readonly attempt: number;
  readonly ring: UpdateRingView | undefined;
  /** From when the deadline counts, ms. */
  readonly start: number;
  /** When the device learnt of it, ms. */
  readonly seen: number;
}

/** An attempt of a device to install an update: when it gets where, how it ends, and whether that is heard of. */
export function attemptOf(deps: AttemptDeps, { device, target, attempt, ring, start, seen }: AttemptInput): Job {
  const { model, seed, regression } = deps;
  const { since: _, expeditedDays, isHeld: _held, ...update } = target;
  const { kb } = update;
  const { ending, harmed } = outcomeOf(model, seed, device.index, kb, attempt, regression(device.attributes, update));
  const window = expeditedDays === undefined ? installWindow(ring) : undefined;
  const deadlineDays = expeditedDays ?? deadlineOf(target, ring);
  const [offered, downloading, started, pending, done] = planJob({
    ...{ model, seed, device: device.index, pattern: device.pattern, kb, attempt, start, seen },
    graceDays: expeditedDays === undefined ? (ring?.graceDays ?? 0) : 0,
    withoutRestart: target.isHotpatch === true,
    ...(deadlineDays === undefined ? {} : { deadlineDays }),
    ...(window === undefined ? {} : { window }),
  });
  // A device that is lost is lost after its last heartbeat, and never says that a restart is pending.
  const lost = Math.max(pending, deps.outbox.upload(started) + MINUTE);
  return {
    ...update,
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

/** Drivers follow the deadline of quality updates; a hotpatch waits for no user, so that none applies. */
function deadlineOf({ workload, isHotpatch }: Target, ring: UpdateRingView | undefined): number | undefined {
  if (isHotpatch) return 0;
  return workload === SignalWorkload.feature ? ring?.featureDeadlineDays : ring?.deadlineDays;
}
