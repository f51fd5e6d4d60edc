import { refused } from "./release.js";
import { earliestDate, startOf } from "./schedule.js";

interface Dated {
  /** `YYYY-MM-DD` */
  readonly firstDate: string;
}

/** Throws unless a phase begins tomorrow or later (autopatch.md §6.2, row 75). @param now ms */
export function checkFirstDate(firstDate: string, field: string, now: number): void {
  const earliest = earliestDate(now);
  if (firstDate >= earliest) return;
  const message = `${firstDate} is too early; the next day, ${earliest}, is the earliest`;
  throw refused("firstDate", field, message, { limit: earliest });
}

/**
 * Throws where a phase begins before the one that it comes after: the order of phases is fixed (autopatch.md §6.3). Two
 * may begin on the same day.
 * @param fieldOf where the caller has said the date of a phase, by its index; undefined where they have not
 */
export function checkOrder(phases: readonly Dated[], fieldOf: (index: number) => string | undefined): void {
  const index = phases.findIndex(({ firstDate }, nth) => firstDate < (phases[nth - 1]?.firstDate ?? firstDate));
  const [before, phase] = [phases[index - 1], phases[index]];
  if (before === undefined || phase === undefined) return;
  const message = `phase ${index + 1} would begin on ${phase.firstDate}, before phase ${index} on ${before.firstDate}; phases keep their order`;
  const field = fieldOf(index) ?? fieldOf(index - 1) ?? "phases";
  throw refused("phaseOrder", field, message, { phase: index + 1, limit: before.firstDate });
}

/** The first date of the last phase, ms. */
export function lastStart(phases: readonly Dated[]): number {
  return Math.max(...phases.map(({ firstDate }) => startOf(firstDate)));
}
