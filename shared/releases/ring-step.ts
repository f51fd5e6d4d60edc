import { HOUR_MS } from "../calendar/days.js";
import { allWavesOpened, isComplete, isRolledBack, reportEndsAt } from "./completion.js";
import { exclusionsDue, exclusionsOf, lateWave } from "./exclusions.js";
import type { FinalOutcome } from "./outcome.js";
import { isPaused, pausedUntil } from "./pauses.js";
import { hurryDue, wantedHurry } from "./ring-expedite.js";
import { type Brought, RingPhase, type RingState } from "./ring-state.js";
import { rollbackGivesUpAt, rollbackReportsUntil, rollbackSettlesAt } from "./rollback.js";

/** What a ring does next. Every action but `wait` and `done` is confirmed by the event of the same row. */
export type RingAction =
  /** Nothing before `until` (ms); null: only an event can change anything. */
  | { readonly kind: "wait"; readonly until: number | null; readonly reason: WaitReason }
  /** Offer a wave; confirmed by `waveOpened`. */
  | {
      readonly kind: "openWave";
      /** From 0. */
      readonly wave: number;
      /** Devices of a granted wave; null: its share by the ring's plan. */
      readonly devices: number | null;
      readonly last: boolean;
    }
  /** Leave other hold groups out, having marked a late wave first; confirmed by `excluded`. */
  | { readonly kind: "exclude"; readonly groups: readonly string[]; readonly wave: number | null }
  /** Tell devices of the expedite, or that it is over; confirmed by `hurried`. */
  | { readonly kind: "hurry"; readonly brought: Brought | null }
  /** Stop new offers of the opened waves; confirmed by `suspended`. */
  | { readonly kind: "suspend" }
  /** Offer the opened waves again; confirmed by `approved`. */
  | { readonly kind: "approve" }
  /** Suspend and uninstall; confirmed by `rollbackStarted`. */
  | { readonly kind: "rollBack" }
  /** Take the release out of the ring, leaving the predecessor; confirmed by `withdrawn`. */
  | { readonly kind: "withdraw"; readonly outcome: FinalOutcome }
  /** Make the update the ring's standing one; confirmed by `finished`. */
  | { readonly kind: "finish" }
  | { readonly kind: "done"; readonly outcome: FinalOutcome };

export type WaitReason = "availability" | "nextWave" | "gate" | "pause" | "reports" | "rollback";

const wait = (until: number | null, reason: WaitReason): RingAction => ({ kind: "wait", until, reason });

function rollbackStep(state: RingState, now: number): RingAction {
  const startedAt = state.rollback?.startedAt ?? null;
  if (startedAt === null) return { kind: "rollBack" };
  if (hurryDue(state, now)) return hurryStep(state, now);
  if (isRolledBack(state, now)) return { kind: "withdraw", outcome: "rolledBack" };
  const givesUpAt = rollbackGivesUpAt(startedAt, state.uninstallWindowDays);
  const next = [rollbackSettlesAt(startedAt), rollbackReportsUntil(startedAt)].find((at) => at > now && at < givesUpAt);
  return wait(next ?? givesUpAt, "rollback");
}

/** When the next wave may be offered as far as time goes (ms). */
function nextWaveAt({ plan, offeredAt }: RingState): number {
  const previous = offeredAt.at(-1);
  if (previous === undefined) return plan.availableAt;
  return Math.max(plan.availableAt, previous + plan.waveIntervalHours * HOUR_MS);
}

function offerStep(state: RingState, now: number): RingAction {
  const wave = state.offeredAt.length;
  if (state.grants !== null) return grantedStep(state, wave, now);
  if (state.readmits && wave >= state.plan.waves.length) {
    return state.held ? wait(null, "gate") : { kind: "openWave", wave, devices: null, last: true };
  }
  const dueAt = nextWaveAt(state);
  if (now < dueAt) return wait(dueAt, wave === 0 ? "availability" : "nextWave");
  if (state.held) return wait(null, "gate");
  return { kind: "openWave", wave, devices: null, last: wave === state.plan.waves.length - 1 };
}

/** A granted wave opens at once, a probe in a hold too: the release has minded the ring's day and its own waves. */
function grantedStep({ grants, held, plan }: RingState, wave: number, now: number): RingAction {
  const grant = grants?.[wave];
  if (now < plan.availableAt) return wait(plan.availableAt, "availability");
  if (grant === undefined || (held && grant.probe !== true)) return wait(null, "gate");
  return { kind: "openWave", wave, devices: grant.devices, last: grant.last };
}

function excludeStep(state: RingState): RingAction {
  return { kind: "exclude", groups: exclusionsOf(state), wave: lateWave(state) };
}

function hurryStep(state: RingState, now: number): RingAction {
  return { kind: "hurry", brought: wantedHurry(state, now) };
}

/** Whether the gate or a pause keeps a ring from opening that a standing policy would open by itself. */
function isKeptBack({ plan, held, pauses, phase }: RingState, now: number): boolean {
  return plan.standing === true && phase === RingPhase.upcoming && (held || isPaused(pauses, now));
}

/** A standing policy offers from its day on, unless it is stopped by then; stopped before, it would lose that day. */
function keepBack({ plan, pauses }: RingState, now: number): RingAction {
  if (now >= plan.availableAt) return { kind: "suspend" };
  return wait(Math.min(plan.availableAt, pausedUntil(pauses, now) ?? plan.availableAt), "availability");
}

/** What an ended ring still has to do. */
function endedStep(state: RingState, now: number): RingAction {
  if (exclusionsDue(state)) return excludeStep(state);
  return hurryDue(state, now) ? hurryStep(state, now) : { kind: "done", outcome: state.outcome ?? "completed" };
}

/**
 * The next step of a ring at `now` (ms), by state alone: ends before rollbacks, rollbacks before pauses, pauses before
 * offers. A hold of the gate delays offers and nothing else; a pause also keeps the ring from completing. What a standing
 * policy would offer by itself is stopped there on the ring's day, whichever of the two it is. Devices of held
 * cohorts are left out before anything is offered, paused or not. What is expedited is stopped like any other offer
 * first, and the expedite taken back after: that is done as well as can be (autopatch.md §5.7).
 */
export function ringStep(state: RingState, now: number): RingAction {
  if (state.phase === RingPhase.ended) return endedStep(state, now);
  if (state.phase === RingPhase.rollingBack) return rollbackStep(state, now);
  if (state.ending !== null) return { kind: "withdraw", outcome: state.ending };
  const paused = isPaused(state.pauses, now);
  if (paused && state.approval === "approved") return { kind: "suspend" };
  if (exclusionsDue(state)) return excludeStep(state);
  if (isKeptBack(state, now) && state.approval !== "suspended") return keepBack(state, now);
  if (paused) {
    return hurryDue(state, now) ? hurryStep(state, now) : wait(pausedUntil(state.pauses, now) ?? null, "pause");
  }
  if (isKeptBack(state, now)) return wait(null, "gate");
  if (state.approval === "suspended") return { kind: "approve" };
  if (hurryDue(state, now)) return hurryStep(state, now);
  if (!allWavesOpened(state)) return offerStep(state, now);
  return isComplete(state, now) ? { kind: "finish" } : wait(reportEndsAt(state), "reports");
}
