import { parseTimeSpan } from "../config/time-span.js";
import { parseNcrontab } from "./ncrontab.js";
import type { Zone } from "./zone.js";

/** When a timer fires next. */
export interface Schedule {
  readonly text: string;
  /** False when it fires more often than once a minute: its runs are not monitored then. */
  readonly monitorable: boolean;
  /** The first occurrence strictly after `instant`, in ms; undefined: never. */
  next(instant: number): number | undefined;
}

const MINUTE_MS = 60_000;
const LOOK_AHEAD = 5;

/**
 * Reads an NCRONTAB expression (in the wall time of `zone`) or a time span, which is a constant interval.
 * Throws with what is wrong in it (functions-host.md §5.3).
 */
export function parseSchedule(text: string, zone: Zone): Schedule {
  const next = text.includes(":") ? constant(text) : cron(text, zone);
  return { text, next, monitorable: !isFrequent(next) };
}

function constant(text: string): Schedule["next"] {
  const interval = parseTimeSpan(text);
  if (interval === undefined || interval <= 0) throw new Error(`"${text}" is no positive time span such as 00:05:00`);
  return (instant) => instant + interval;
}

/**
 * Daylight saving: schedules that repeat within the day go by elapsed time; schedules that name an hour move with the
 * wall clock, so a skipped time fires shifted by the gap and a repeated one fires once.
 */
function cron(text: string, zone: Zone): Schedule["next"] {
  const expression = parseNcrontab(text);
  return (instant) => {
    const from = zone.toWall(instant);
    let wall = expression.next(from);
    if (wall === undefined) return undefined;
    if (expression.interval) return instant + (wall - from);
    for (let due = zone.toInstant(wall); ; due = zone.toInstant(wall)) {
      if (due > instant) return due;
      wall = expression.next(wall);
      if (wall === undefined) return undefined;
    }
  };
}

function isFrequent(next: Schedule["next"]): boolean {
  let last = next(0);
  for (let i = 0; i < LOOK_AHEAD && last !== undefined; i++) {
    const following = next(last);
    if (following !== undefined && following - last < MINUTE_MS) return true;
    last = following;
  }
  return false;
}
