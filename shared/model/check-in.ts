import { uniform } from "../random.js";
import { type DeviceKey, isOfflineType } from "./install.js";
import type { ModelParameters } from "./parameters.js";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Nobody stays away for longer; a search that finds nothing by then ends. */
const LONGEST_ABSENCE_DAYS = 60;

/** When a device is switched on and online. */
export const Habit = {
  /** Office hours, Monday to Friday. */
  office: "office",
  /** Early to late, most weekends. */
  extended: "extended",
  /** Around the clock. */
  always: "always",
  /** A few hours every third day or so. */
  rare: "rare",
} as const;
export type Habit = (typeof Habit)[keyof typeof Habit];

const OFFICE_SHARE = 0.3;
const EXTENDED_SHARE = 0.3;

/** A time in which a share of the users is away and their devices are off. */
export interface Holiday {
  /** ms since the epoch. */
  readonly from: number;
  /** ms since the epoch. */
  readonly to: number;
  /** Share of devices that are off from begin to end, 0–1. */
  readonly awayShare: number;
}

export interface CheckInPattern {
  readonly habit: Habit;
  /** Local time minus UTC, ms. */
  readonly offset: number;
  /** When a local day of work begins, ms after midnight. */
  readonly dayStart: number;
  /** The holiday that this device's user takes. */
  readonly away?: Holiday;
  readonly seed: number;
  readonly device: DeviceKey;
}

/** A device's habit. `utcOffsetHours` is its time zone; daylight saving is left out. */
export function checkInPattern(
  model: ModelParameters,
  seed: number,
  device: DeviceKey,
  utcOffsetHours: number,
  holiday?: Holiday,
): CheckInPattern {
  const away = holiday !== undefined && uniform(seed, device, "holiday") < holiday.awayShare;
  return {
    habit: habitOf(model, seed, device),
    offset: utcOffsetHours * HOUR,
    dayStart: (7 + 2 * uniform(seed, device, "day start")) * HOUR,
    ...(away ? { away: holiday } : {}),
    seed,
    device,
  };
}

function habitOf(model: ModelParameters, seed: number, device: DeviceKey): Habit {
  if (isOfflineType(model, seed, device)) return Habit.rare;
  const draw = uniform(seed, device, "habit");
  if (draw < OFFICE_SHARE) return Habit.office;
  return draw < OFFICE_SHARE + EXTENDED_SHARE ? Habit.extended : Habit.always;
}

/** The first instant at or after `at` (ms) at which the device is on. */
export function nextOn(pattern: CheckInPattern, at: number): number {
  const from = isAway(pattern, at) ? (pattern.away?.to ?? at) : at;
  const first = localDay(pattern, from);
  for (let day = first; day < first + LONGEST_ABSENCE_DAYS; day++) {
    const hours = onHours(pattern, day);
    if (hours === undefined || hours.to <= from) continue;
    const on = Math.max(hours.from, from);
    if (!isAway(pattern, on)) return on;
    return nextOn(pattern, pattern.away?.to ?? on);
  }
  return from;
}

/** The last instant at or before `at` (ms) at which the device was on. */
export function lastOn(pattern: CheckInPattern, at: number): number {
  const from = isAway(pattern, at) ? (pattern.away?.from ?? at) : at;
  const first = localDay(pattern, from);
  for (let day = first; day > first - LONGEST_ABSENCE_DAYS; day--) {
    const hours = onHours(pattern, day);
    if (hours !== undefined && hours.from <= from) return Math.min(hours.to, from);
  }
  return from;
}

/** Whether the device's user is on holiday, so that the device is off whatever its habit. */
export function isAway({ away }: CheckInPattern, at: number): boolean {
  return away !== undefined && at >= away.from && at < away.to;
}

function localDay(pattern: CheckInPattern, at: number): number {
  return Math.floor((at + pattern.offset) / DAY);
}

/** From when to when (ms) the device is on, on a local day counted from 1970-01-01. */
function onHours(pattern: CheckInPattern, day: number): { from: number; to: number } | undefined {
  const midnight = day * DAY - pattern.offset;
  const between = (from: number, to: number) => ({ from: midnight + from, to: midnight + to });
  const weekend = (day + 4) % 7 === 0 || (day + 4) % 7 === 6;
  const { dayStart, seed, device } = pattern;
  switch (pattern.habit) {
    case Habit.always:
      return between(0, DAY);
    case Habit.office:
      return weekend ? undefined : between(dayStart, dayStart + 9.5 * HOUR);
    case Habit.extended:
      if (!weekend) return between(dayStart - HOUR, dayStart + 14 * HOUR);
      return uniform(seed, device, day, "weekend") < 0.7 ? between(10 * HOUR, 20 * HOUR) : undefined;
    case Habit.rare: {
      if (uniform(seed, device, day, "session") >= 0.35) return undefined;
      const start = (8 + 10 * uniform(seed, device, day, "session start")) * HOUR;
      return between(start, start + 3 * HOUR);
    }
  }
}
