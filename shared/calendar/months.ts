import { dateParts, dateText } from "./days.js";

/** The month (`2024-06`) of an instant (ms), in UTC. */
export function monthOf(at: number): string {
  return new Date(at).toISOString().slice(0, 7);
}

/** A month as `YYYY-MM`; months count from 1, and those beyond a year are of the next one or the one before. */
export function monthName(year: number, month: number): string {
  return dateText(year, month, 1).slice(0, 7);
}

/** The month (`2024-06`) so many months after another, or before it where `by` is negative. */
export function shiftedMonth(month: string, by: number): string {
  const { year, month: number } = dateParts(`${month}-01`);
  return monthName(year, number + by);
}
