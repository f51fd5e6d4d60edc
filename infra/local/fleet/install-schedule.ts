import { z } from "zod";
import type { UpdateRingView } from "../tenant/types.js";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** A schedule of at least one day in one week of each month comes round by then. */
const SEARCH_DAYS = 70;

const DAYS = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];
const WEEKS = ["firstWeek", "secondWeek", "thirdWeek", "fourthWeek"];

const scheduleSchema = z.union([
  z.object({ scheduledInstallDay: z.string(), scheduledInstallTime: z.string() }),
  z.object({ activeHoursStart: z.string(), activeHoursEnd: z.string() }),
]);

/** When a ring lets its devices install and restart: the cadence "Scheduled install" (autopatch.md §5.4). */
export type InstallWindow =
  | { readonly kind: "slot"; readonly weekday?: number; readonly time: number; readonly weeks?: readonly number[] }
  | { readonly kind: "outsideActiveHours"; readonly start: number; readonly end: number };

/** The ring's schedule, or undefined when it is deadline-driven. Times are ms after local midnight. */
export function installWindow(ring: UpdateRingView | undefined): InstallWindow | undefined {
  if (ring === undefined || !/AtScheduledTime$|AtMaintenanceTime$/.test(ring.automaticUpdateMode)) return undefined;
  const parsed = scheduleSchema.safeParse(ring.installationSchedule);
  if (!parsed.success) return undefined;
  const schedule = parsed.data;
  if ("activeHoursStart" in schedule) {
    const { activeHoursStart, activeHoursEnd } = schedule;
    return { kind: "outsideActiveHours", start: timeOfDay(activeHoursStart), end: timeOfDay(activeHoursEnd) };
  }
  const weekday = DAYS.indexOf(schedule.scheduledInstallDay);
  const weeks = (ring.updateWeeks ?? "everyWeek").split(",").map((week) => WEEKS.indexOf(week) + 1);
  return {
    kind: "slot",
    time: timeOfDay(schedule.scheduledInstallTime),
    ...(weekday < 0 ? {} : { weekday }),
    ...(weeks.includes(0) ? {} : { weeks }),
  };
}

/** The first instant at or after `at` (ms) at which the window is open; `offset` is local time minus UTC. */
export function nextOpen(window: InstallWindow, at: number, offset: number): number {
  return window.kind === "slot" ? nextSlot(window, at, offset) : afterActiveHours(window, at, offset);
}

function nextSlot(window: Extract<InstallWindow, { kind: "slot" }>, at: number, offset: number): number {
  const today = Math.floor((at + offset) / DAY);
  for (let day = today; day < today + SEARCH_DAYS; day++) {
    const start = day * DAY + window.time - offset;
    if (start >= at && isSlotDay(window, day)) return start;
  }
  return at;
}

function isSlotDay({ weekday, weeks }: Extract<InstallWindow, { kind: "slot" }>, day: number): boolean {
  if (weekday !== undefined && (day + 4) % 7 !== weekday) return false;
  return weeks === undefined || weeks.includes(Math.ceil(new Date(day * DAY).getUTCDate() / 7));
}

function afterActiveHours(
  { start, end }: Extract<InstallWindow, { kind: "outsideActiveHours" }>,
  at: number,
  offset: number,
): number {
  const time = (((at + offset) % DAY) + DAY) % DAY;
  const span = (end - start + DAY) % DAY;
  const since = (time - start + DAY) % DAY;
  return since < span ? at + (span - since) : at;
}

function timeOfDay(text: string): number {
  const [hours = 0, minutes = 0] = text.split(":").map(Number);
  return hours * HOUR + minutes * 60_000;
}
