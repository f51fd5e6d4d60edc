/** Lengths of time in milliseconds. A day of a release schedule is always 24 hours, counted from the release instant. */
export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

/** The instant `days` times 24 hours after `at` (ms since the epoch). */
export function addDays(at: number, days: number): number {
  return at + days * DAY_MS;
}

/** The UTC calendar date of an instant, `YYYY-MM-DD`. */
export function utcDate(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

/** ISO 8601 text in UTC of an instant. */
export function iso(at: number): string {
  return new Date(at).toISOString();
}

/** An instant for people: `2024-06-13 17:00 UTC`. */
export function shortTime(at: number): string {
  return `${iso(at).slice(0, 16).replace("T", " ")} UTC`;
}

/** A calendar date as `YYYY-MM-DD`; months count from 1. */
export function dateText(year: number, month: number, day: number): string {
  return utcDate(Date.UTC(year, month - 1, day));
}

/** Year, month (from 1) and day of an ISO date or date-time text, as written, without any shift of zone. */
export function dateParts(text: string): { readonly year: number; readonly month: number; readonly day: number } {
  const [year = Number.NaN, month = Number.NaN, day = Number.NaN] = text.slice(0, 10).split("-").map(Number);
  return { year, month, day };
}
