import { addDays, HOUR_MS } from "../calendar/days.js";
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

/** When the rollback is given up: devices that have not uninstalled within the window no longer can. ms. */
export function rollbackGivesUpAt(startedAt: number, uninstallWindowDays: number): number {
  return addDays(startedAt, uninstallWindowDays);
}

/** Whether the last device has reported: nobody has the update any more, or the window is over. */
export function rollbackEnded(
  startedAt: number,
  counts: RingCounts | null,
  uninstallWindowDays: number,
  now: number,
): boolean {
  if (now >= rollbackGivesUpAt(startedAt, uninstallWindowDays)) return true;
  return now >= rollbackSettlesAt(startedAt) && counts?.upToDate === 0;
}
