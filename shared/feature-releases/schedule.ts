import { addDays, DAY_MS, HOUR_MS, utcDate } from "../calendar/days.js";

/** Days between the gradual groups of a phase where nobody says otherwise (autopatch.md §6.2). */
export const GRADUAL_DAYS = 7;
/** A goal date allows for the feature deadline and the grace period of the rings (autopatch.md §6.2). */
const DEADLINE_DAYS = 5;
const GRACE_DAYS = 2;
/** The policy of a phase is made so long before its first date (autopatch.md §6.2). */
export const POLICY_LEAD_MS = 24 * HOUR_MS;
/** Hours of the day, UTC, at which the automation runs (autopatch.md §6.2). */
export const AUTOMATION_HOURS = [4, 16] as const;

/** How a phase is offered: from a day on, in groups some days apart. */
export interface Rollout {
  /** `YYYY-MM-DD` */
  readonly firstDate: string;
  /** At least 1. */
  readonly gradualGroups: number;
  /** At least 1. */
  readonly daysBetween: number;
}

/** Midnight UTC of a date `YYYY-MM-DD`, ms. */
export function startOf(date: string): number {
  return Date.parse(`${date}T00:00:00Z`);
}

/** The date that many days after another, `YYYY-MM-DD`. */
export function daysAfter(date: string, days: number): string {
  return utcDate(addDays(startOf(date), days));
}

/** The earliest first date of a phase: the day after `now` (ms), in UTC (autopatch.md §6.2, row 75). */
export function earliestDate(now: number): string {
  return utcDate(addDays(now, 1));
}

/** Dates on which the gradual groups of a phase are offered the update. */
export function offerDates({ firstDate, gradualGroups, daysBetween }: Rollout): string[] {
  return Array.from({ length: gradualGroups }, (_, index) => daysAfter(firstDate, index * daysBetween));
}

/** Days from the first to the last gradual group. */
export function spreadDays({ gradualGroups, daysBetween }: Rollout): number {
  return (gradualGroups - 1) * daysBetween;
}

/** The date on which the last gradual group is offered the update. */
export function lastOffer(rollout: Rollout): string {
  return daysAfter(rollout.firstDate, spreadDays(rollout));
}

/** When all devices of a phase should have the update: the last group's date + 5 + 2 days (autopatch.md §6.2, row 77). */
export function goalDate(rollout: Rollout): string {
  return daysAfter(lastOffer(rollout), DEADLINE_DAYS + GRACE_DAYS);
}

/**
 * Number of gradual groups between a first and a last date, both included: floor(span / days) + 1 (autopatch.md §6.4,
 * row 82).
 * @param daysBetween at least 1
 */
export function gradualGroupsBetween(firstDate: string, lastDate: string, daysBetween: number): number {
  const span = Math.round((startOf(lastDate) - startOf(firstDate)) / DAY_MS);
  return Math.floor(span / daysBetween) + 1;
}

/** Whether it is time for the policy of a phase: its first date is at most 24 hours away. */
export function isDue(firstDate: string, now: number): boolean {
  return startOf(firstDate) - now <= POLICY_LEAD_MS;
}

/** The run of the automation that makes the policy of a phase, ms: the first one within its last 24 hours, after `from`. */
export function policyRun(firstDate: string, from: number): number {
  const earliest = Math.max(startOf(firstDate) - POLICY_LEAD_MS, from);
  const midnight = startOf(utcDate(earliest));
  const runs = [0, DAY_MS].flatMap((day) => AUTOMATION_HOURS.map((hour) => midnight + day + hour * HOUR_MS));
  return runs.find((run) => run >= earliest) ?? earliest;
}
