import { addDays } from "./days.js";
import { pacificTime } from "./pacific.js";

/** A deadline that falls on a Sunday is shown on the Monday after (autopatch.md §2.3, row 12). Both in ms. */
export function shownDeadline(deadline: number): number {
  return pacificTime(deadline).weekday === 0 ? addDays(deadline, 1) : deadline;
}
