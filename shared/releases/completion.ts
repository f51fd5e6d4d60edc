import { addDays, HOUR_MS } from "../calendar/days.js";
import { reaches } from "../slo/percent.js";
import { REPORTING_DAYS } from "./dates.js";
import type { RingState } from "./ring-state.js";
import { rollbackEnded } from "./rollback.js";

/** Percent of a ring's devices that complete it before its time (design.md §2). */
const COMPLETION_PERCENT = 95;

/** Whether every wave of the ring has been offered, those after released holds included. */
export function allWavesOpened(state: RingState): boolean {
  const { grants, offeredAt, plan, readmits } = state;
  if (grants === null) return offeredAt.length >= plan.waves.length && !readmits;
  return offeredAt.length >= grants.length && grants.at(-1)?.last === true;
}

/**
 * When the ring is over whatever its devices say: target + 5 days. Where the offer came later than planned (a gate, a
 * pause, a further wave), the install days count from the offer. Lateness below an hour is the system's own latency.
 */
export function reportEndsAt(state: RingState): number {
  const { plan, offeringSince } = state;
  if (offeringSince === null || offeringSince - plan.availableAt < HOUR_MS) return plan.reportEndsAt;
  return Math.max(plan.reportEndsAt, addDays(offeringSince, plan.installDays + REPORTING_DAYS));
}

/**
 * Whether 95 % of the ring's devices that no hold keeps back are up to date (autopatch.md §12: held ones do not count
 * against a release). A ring without devices never completes early.
 */
function reachedTarget({ counts, plan }: RingState): boolean {
  // A standing policy offers over days or weeks, so that nobody knows yet how many there will be.
  if (plan.standing === true) return false;
  return counts !== null && reaches(counts.upToDate, counts.size - counts.held, COMPLETION_PERCENT);
}

/** Whether an unpaused ring that has offered all its waves is complete at `now`. */
export function isComplete(state: RingState, now: number): boolean {
  return reachedTarget(state) || now >= reportEndsAt(state);
}

/** Whether a ring that rolls back has nothing left to wait for. */
export function isRolledBack(state: RingState, now: number): boolean {
  const startedAt = state.rollback?.startedAt ?? null;
  return startedAt !== null && rollbackEnded(startedAt, state.counts, state.uninstallWindowDays, now);
}
