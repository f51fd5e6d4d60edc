import { HOUR_MS } from "./days.js";

/** Windows updates are published by the clock of Redmond. */
const ZONE = "America/Los_Angeles";

const format = new Intl.DateTimeFormat("en-US", {
  timeZone: ZONE,
  hourCycle: "h23",
  year: "numeric",
  month: "2-digit",
  day: "2-digit",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
});

export interface PacificTime {
  /** `YYYY-MM-DD` */
  readonly date: string;
  /** 0 to 23 */
  readonly hour: number;
  /** 0 (Sunday) to 6 */
  readonly weekday: number;
}

const offsets = new Map<number, number>();

/** What clocks in Redmond show at an instant, as if that were UTC (ms). */
function wallClock(at: number): number {
  const parts: Record<string, number> = {};
  for (const { type, value } of format.formatToParts(at)) parts[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

/** Milliseconds to add to UTC for Pacific time, cached by the hour (daylight saving changes on the full hour). */
function offsetAt(at: number): number {
  const hour = Math.floor(at / HOUR_MS) * HOUR_MS;
  const known = offsets.get(hour);
  if (known !== undefined) return known;
  const offset = wallClock(hour) - hour;
  offsets.set(hour, offset);
  return offset;
}

/** Date, hour and weekday in Redmond at an instant. */
export function pacificTime(at: number): PacificTime {
  const shifted = new Date(at + offsetAt(at));
  return { date: shifted.toISOString().slice(0, 10), hour: shifted.getUTCHours(), weekday: shifted.getUTCDay() };
}

/** The instant (ms) at which clocks in Redmond show `hour`:00 on `date` (`YYYY-MM-DD`), daylight saving included. */
export function pacificInstant(date: string, hour: number): number {
  const asUtc = Date.parse(`${date}T00:00:00Z`) + hour * HOUR_MS;
  const guess = asUtc - offsetAt(asUtc);
  return asUtc - offsetAt(guess);
}
