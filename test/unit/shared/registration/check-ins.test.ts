import { beforeEach, describe, expect, it, vi } from "vitest";
import { DAY_MS, HOUR_MS } from "../../../../shared/calendar/days.js";
import type { ManagedDevice } from "../../../../shared/graph/inventory.js";
import type { DeviceRecord } from "../../../../shared/registration/device.js";
import { MemoryTables } from "../tenant/memory.js";

const tables = new MemoryTables();
vi.mock("../../../../shared/store/tables.js", () => ({ table: async (name: string) => tables.of(name) }));
const { hoursAway, noteCheckIns, usualHoursAway, surveyedHoursAway } = await import(
  "../../../../shared/registration/check-ins.js"
);

const NOW = Date.parse("2024-06-11T04:20:00Z");
const ids = Array.from({ length: 25 }, (_, n) => `d${n}`);

function managed(hours: number, at = NOW): Map<string, ManagedDevice> {
  const lastSyncAt = new Date(at - hours * HOUR_MS).toISOString();
  return new Map(ids.map((id) => [id, { lastSyncAt } as ManagedDevice]));
}
const records = (groupId: string | null) => ids.map((deviceId) => ({ deviceId, groupId }) as DeviceRecord);

async function note(days: readonly (readonly [day: number, hours: number])[], groupId: string | null = "a") {
  for (const [day, hours] of days) {
    const at = NOW + day * DAY_MS;
    await noteCheckIns(records(groupId), managed(hours, at), at);
  }
}

beforeEach(() => tables.clear());

describe("hours away", () => {
  it("are the mean since the last check-in, of twenty devices at least", () => {
    expect(hoursAway(ids, managed(30), NOW)).toBe(30);
    expect(hoursAway(ids.slice(0, 19), managed(30), NOW)).toBeNull();
  });

  it("leave out who is not expected back", () => {
    const some = managed(10);
    some.set("d0", { lastSyncAt: null } as ManagedDevice);
    some.set("d1", { lastSyncAt: new Date(NOW - 40 * DAY_MS).toISOString() } as ManagedDevice);
    expect(hoursAway(ids, some, NOW)).toBe(10);
  });
});

describe("the usual hours away", () => {
  it("are the median of the four weeks before", async () => {
    await note([
      [-40, 99],
      [-3, 14],
      [-2, 10],
      [-1, 40],
      [1, 99],
      [2, 99],
    ]);
    expect(await usualHoursAway("a", NOW)).toBe(14);
  });

  it("are those of the first day after, where nothing is known from before", async () => {
    await note([
      [1, 20],
      [2, 90],
    ]);
    expect(await usualHoursAway("a", NOW)).toBe(20);
  });

  it("are not known of a group without devices", async () => {
    await note([[-1, 20]], null);
    expect(await usualHoursAway("a", NOW)).toBeNull();
  });

  it("count one look a day", async () => {
    await note([
      [-2, 10],
      [-1, 50],
      [-1, 12],
      [-3, 11],
    ]);
    expect(await usualHoursAway("a", NOW)).toBe(11);
  });
});

describe("the hours away that the last survey saw", () => {
  it("are today's, else yesterday's, and nothing older", async () => {
    await note([
      [-2, 10],
      [-1, 50],
    ]);
    expect(await surveyedHoursAway("a", NOW - DAY_MS)).toBe(50);
    expect(await surveyedHoursAway("a", NOW)).toBe(50);
    expect(await surveyedHoursAway("a", NOW + DAY_MS)).toBeNull();
  });
});
