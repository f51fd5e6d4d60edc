import { addDays } from "../calendar/days.js";

/** Days after a ring's target date in which devices still report (autopatch.md §5.5). */
export const REPORTING_DAYS = 5;

/** When a ring is offered a monthly update: release instant + deferral (§5.4). ms. */
export function availabilityAt(publishedAt: number, deferralDays: number): number {
  return addDays(publishedAt, deferralDays);
}

/**
 * When a ring is offered an out-of-band update (§5.8): at once where the ring's date of the month has passed, otherwise
 * on that planned date. `anchorAt` is the B release instant before it. ms.
 */
export function outOfBandAvailabilityAt(publishedAt: number, anchorAt: number, deferralDays: number): number {
  return Math.max(publishedAt, availabilityAt(anchorAt, deferralDays));
}

/** Day by which a device that became active only after the release is up to date: grace + reporting from that moment. ms. */
export function lateArrivalSloAt(becameActiveAt: number, graceDays: number): number {
  return addDays(becameActiveAt, graceDays + REPORTING_DAYS);
}

/** When Windows forces the restart: the later of the deadline and pending restart + grace period (§5.4, row 50). ms. */
export function forcedRestartAt(
  offeredAt: number,
  deadlineDays: number,
  pendingRestartAt: number,
  graceDays: number,
): number {
  return Math.max(addDays(offeredAt, deadlineDays), addDays(pendingRestartAt, graceDays));
}

/** The same on Windows 11 22H2 and later, where both periods count from the scan that discovered the update. ms. */
export function forcedRestartFromDiscovery(discoveredAt: number, deadlineDays: number, graceDays: number): number {
  return addDays(discoveredAt, Math.max(deadlineDays, graceDays));
}
