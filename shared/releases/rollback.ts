import { addDays, HOUR_MS } from "../calendar/days.js";
import { REPORTING_DAYS } from "./dates.js";
import type { RingCounts } from "./ring-state.js";

/** A changed policy reaches every device that is on within this time (autopatch.md §5.6). */
export const PROPAGATION_HOURS = 8;

/** Last instant at which a ring first offered at `openedAt` can be rolled back: the uninstall window (§5.6). ms. */
export function rollbackAllowedUntil(openedAt: number, uninstallWindowDays: number): number {
  return addDays(openedAt, uninstallWindowDays);
}

/** Earliest instant at which a rollback can be over: until then devices may still install what they had downloaded. */
export function rollbackSettlesAt(startedAt: number): number {
  return startedAt + PROPAGATION_HOURS * HOUR_MS;
}

/** Until when devices that had just installed report; what they have not reported they still have to uninstall. ms. */
export function rollbackReportsUntil(startedAt: number): number {
  return addDays(startedAt, REPORTING_DAYS);
}

/** When the rollback is given up: devices that have not uninstalled within the window no longer can. ms. */
export function rollbackGivesUpAt(startedAt: number, uninstallWindowDays: number): number {
  return addDays(startedAt, uninstallWindowDays);
}

/**
 * Whether the last device has reported: nobody has the update any more, and no report of an installation is on its way;
 * or the window is over.
 */
export function rollbackEnded(
  startedAt: number,
  counts: RingCounts | null,
  uninstallWindowDays: number,
  now: number,
): boolean {
  if (now >= rollbackGivesUpAt(startedAt, uninstallWindowDays)) return true;
  if (now < rollbackSettlesAt(startedAt) || counts?.upToDate !== 0) return false;
  return counts.open === 0 || now >= rollbackReportsUntil(startedAt);
}
