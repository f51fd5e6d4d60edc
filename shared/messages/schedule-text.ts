import { z } from "zod";
import { utcDate } from "../calendar/days.js";
import type { RingPlan } from "../releases/plan.js";

const ringDates = z.object({ ring: z.string(), availableAt: z.string(), targetAt: z.string().nullable() });
/** The dates of an update in a group, as evidence of an audit entry. */
export const groupDatesSchema = z.object({ group: z.string(), rings: z.array(ringDates) });
export type GroupDates = z.infer<typeof groupDatesSchema>;

/** Groups that are named one by one; a tenant may have 300. */
export const MOST_NAMED = 20;

/** Dates (`2024-06-11`, UTC) of every ring of a group. */
export function datesOf(group: string, plans: readonly RingPlan[]): GroupDates {
  const rings = plans.map(({ ring, availableAt, targetAt }) => ({
    ...{ ring, availableAt: utcDate(availableAt), targetAt: targetAt === null ? null : utcDate(targetAt) },
  }));
  return { group, rings };
}

/** The dates for people, a line for each group. @param groups how many there are, named or not */
export function datesText(named: readonly GroupDates[], groups: number): string {
  const lines = named.map(({ group, rings }) => {
    const dates = rings.map(({ ring, availableAt, targetAt }) => `${ring} ${availableAt}${until(targetAt)}`);
    return `${group}: ${dates.join(", ")}.`;
  });
  const others = groups - named.length;
  return [...lines, ...(others > 0 ? [`And ${others} more groups.`] : [])].join("\n");
}

function until(targetAt: string | null): string {
  return targetAt === null ? "" : ` (by ${targetAt})`;
}
