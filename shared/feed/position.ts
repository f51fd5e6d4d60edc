import { z } from "zod";
import { monthOf, shiftedMonth } from "../calendar/months.js";

/**
 * How far somebody has followed the audit log: the number of the last entry taken, by month. An entry written late
 * belongs to an older month, so the order holds within each month, and a month stays open while it or the one after it
 * lasts.
 */
export const positionSchema = z.record(z.string(), z.int());
export type Position = Readonly<z.infer<typeof positionSchema>>;

/** A follower that has never looked. What came before the month before is not news any more. */
export const START: Position = {};

/** Months to look at, oldest first. @param thorough also the months before the present one */
export function monthsToRead(position: Position, now: number, thorough: boolean): string[] {
  const current = monthOf(now);
  // Entries of the old month are still being written when the new one begins.
  const isNew = new Date(now).getUTCDate() <= 2;
  if (!thorough && !isNew && position[current] !== undefined) return [current];
  const oldest = [shiftedMonth(current, -1), ...Object.keys(position)].sort()[0] ?? current;
  const months: string[] = [];
  for (let back = 0, month = current; month >= oldest; back++, month = shiftedMonth(current, -back))
    months.unshift(month);
  return months;
}

/** The position after a thorough look: months that nothing is written to any more are forgotten. */
export function pruned(position: Position, now: number): Position {
  const oldest = shiftedMonth(monthOf(now), -1);
  return Object.fromEntries(Object.entries(position).filter(([month]) => month >= oldest));
}
