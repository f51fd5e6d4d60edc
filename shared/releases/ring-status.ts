import { isPaused, pausesAt } from "./pauses.js";
import { RingPhase, type RingState } from "./ring-state.js";

/** Statuses of a ring in the release view (autopatch.md §5.11), with the ends of a release that design.md §2 adds. */
export const RingStatus = {
  upcoming: "Upcoming",
  active: "Active",
  completed: "Completed",
  rollingBack: "Rolling back",
  rolledBack: "Rolled back",
  cancelled: "Cancelled",
  superseded: "Superseded",
  pausedByTenant: "Paused by Tenant",
  pausedByService: "Paused by Service",
  policyError: "Policy error",
  expedited: "Expedited",
} as const;
export type RingStatus = (typeof RingStatus)[keyof typeof RingStatus];

/** The part of a ring's state that decides its status. */
export type StatusSource = Pick<RingState, "phase" | "outcome" | "pauses"> &
  Partial<Pick<RingState, "policyError" | "expedited">>;

/** Where the ring stands, whatever lies over it. */
function baseStatus({ phase, outcome }: StatusSource): RingStatus {
  if (phase === RingPhase.ended) return RingStatus[outcome ?? "completed"];
  return RingStatus[phase];
}

/**
 * Overlays in order of precedence. The service's pause shows only on rings the tenant has not paused (§5.6); rings that
 * have ended or roll back carry no overlay.
 */
export function overlays(state: StatusSource, now: number): RingStatus[] {
  if (state.phase === RingPhase.ended || state.phase === RingPhase.rollingBack) return [];
  const shown: RingStatus[] = [];
  if (state.policyError) shown.push(RingStatus.policyError);
  if (isPaused(state.pauses, now))
    shown.push(pausesAt(state.pauses, now).tenant === null ? RingStatus.pausedByService : RingStatus.pausedByTenant);
  if (state.expedited) shown.push(RingStatus.expedited);
  return shown;
}

/** The one status a list shows: the first overlay, or where the ring stands. */
export function ringStatus(state: StatusSource, now: number): RingStatus {
  return overlays(state, now)[0] ?? baseStatus(state);
}
