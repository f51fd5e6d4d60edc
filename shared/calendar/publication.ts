import { DAY_MS } from "./days.js";
import { releaseInstant } from "./patch-tuesday.js";

/** The dated part of a catalogue entry that decides when it became available. */
export interface Dated {
  /** ISO date or date-time. The catalogue gives midnight UTC of the release date. */
  readonly releaseDate: string;
}

/**
 * The true instant (ms) at which a catalogue entry was published. The catalogue knows only the date, written as midnight
 * UTC, which is the evening before in Redmond; updates appear at 10:00 Pacific of that date (autopatch.md §13.1).
 * An entry with a time of day of its own keeps it.
 */
export function publishedAt(update: Dated): number {
  const { releaseDate } = update;
  const at = Date.parse(releaseDate);
  const hasOwnTime = releaseDate.length > 10 && at % DAY_MS !== 0;
  return hasOwnTime ? at : releaseInstant(releaseDate.slice(0, 10));
}
