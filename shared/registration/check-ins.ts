import { z } from "zod";
import { DAY_MS, HOUR_MS, utcDate } from "../calendar/days.js";
import type { ManagedDevice } from "../graph/inventory.js";
import { type Documents, documents } from "../store/documents.js";
import { table } from "../store/tables.js";
import type { DeviceRecord } from "./device.js";

/** How long the devices of each Autopatch group have been away from Intune, hours on average, on one day. */
const daySchema = z.object({ hours: z.record(z.string(), z.number()) });
type Day = z.infer<typeof daySchema>;

const PARTITION = "checkIns";
/** Days before a release that show what is usual. */
const USUAL_DAYS = 28;
/** Days are kept so long: a release may run for months after the days that show what was usual before it. */
const KEPT_DAYS = 120;
/** Who has been away for longer is not expected back; such devices are not registered either (autopatch.md §3.2). */
const LONGEST_HOURS = 28 * 24;
/** Fewer devices say too little about everybody. */
const LEAST_DEVICES = 20;

/**
 * Mean hours since these devices last synchronised with Intune; null where there are fewer than twenty. What a device has
 * not said for longer than 28 days does not count.
 * @param now domain time, ms
 */
export function hoursAway(
  deviceIds: Iterable<string>,
  managed: ReadonlyMap<string, Pick<ManagedDevice, "lastSyncAt">>,
  now: number,
): number | null {
  let [sum, devices] = [0, 0];
  for (const deviceId of deviceIds) {
    const lastSyncAt = managed.get(deviceId)?.lastSyncAt ?? null;
    const hours = lastSyncAt === null ? LONGEST_HOURS : Math.max(0, (now - Date.parse(lastSyncAt)) / HOUR_MS);
    if (hours >= LONGEST_HOURS) continue;
    sum += hours;
    devices++;
  }
  return devices < LEAST_DEVICES ? null : sum / devices;
}

/** Keeps what a survey saw of check-ins, one entry a day: how else could one tell an unusual day later? May be repeated. */
export async function noteCheckIns(
  records: Iterable<DeviceRecord>,
  managed: ReadonlyMap<string, ManagedDevice>,
  now: number,
): Promise<void> {
  const byGroup = new Map<string, string[]>();
  for (const { groupId, deviceId } of records) {
    if (groupId === null) continue;
    const devices = byGroup.get(groupId) ?? [];
    devices.push(deviceId);
    byGroup.set(groupId, devices);
  }
  const hours: Record<string, number> = {};
  for (const [groupId, devices] of byGroup) {
    const away = hoursAway(devices, managed, now);
    if (away !== null) hours[groupId] = Math.round(10 * away) / 10;
  }
  const store = await days();
  await store.put(PARTITION, utcDate(now), { hours });
  await store.delete(PARTITION, utcDate(now - KEPT_DAYS * DAY_MS));
}

/**
 * The usual hours away of a group's devices: the median of the 28 days up to `at` (ms), or, of a group that is younger,
 * what the first day after showed; null where nothing is known.
 */
export async function usualHoursAway(groupId: string, at: number): Promise<number | null> {
  const [before, after]: [number[], number[]] = [[], []];
  for await (const { id, body } of (await days()).all(PARTITION, { from: utcDate(at - USUAL_DAYS * DAY_MS) })) {
    const hours = body.hours[groupId];
    if (hours !== undefined) (id <= utcDate(at) ? before : after).push(hours);
  }
  before.sort((a, b) => a - b);
  return before[before.length >> 1] ?? after[0] ?? null;
}

/**
 * The hours away of all of a group's devices as the last daily survey saw them, yesterday at the earliest; null where
 * there is none. For when nobody is left whom a release has not been offered to.
 */
export async function surveyedHoursAway(groupId: string, at: number): Promise<number | null> {
  const store = await days();
  for (const day of [at, at - DAY_MS]) {
    const hours = (await store.get(PARTITION, utcDate(day)))?.body.hours[groupId];
    if (hours !== undefined) return hours;
  }
  return null;
}

async function days(): Promise<Documents<Day>> {
  return documents(await table("Discovery"), daySchema);
}
