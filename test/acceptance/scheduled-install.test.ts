import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addDays, HOUR_MS, utcDate } from "../../shared/calendar/days.js";
import type { Cadence } from "../../shared/groups/ring.js";
import type { deviceView } from "../../shared/releases/view.js";
import { editAccepted } from "../support/groups.js";
import { deviceRows, type ReleaseAnswer, type RingAnswer, releaseOf, ringOf } from "../support/releases.js";
import { instant, runTo, startWorld, type World } from "../support/world.js";

const B = instant("2024-06-11T17:00Z");
const THURSDAY = 4;
const HOUR_OF_INSTALL = 4;
const schedule = (occurrence: "weekly" | "biWeekly" | "monthly", week: number): Cadence => ({
  type: "scheduledInstall",
  install: { kind: "schedule", occurrence, week, day: THURSDAY, hour: HOUR_OF_INSTALL },
});

/** Offered on Thursday the 13th at 17:00 UTC, when the install hour of that day has passed wherever a device is. */
let world: World;
let release: ReleaseAnswer;
const scheduled = { qualityDeferralDays: 2 };
beforeAll(async () => {
  world = await startWorld({
    from: "2024-06-11T00:00Z",
    releasesOnly: true,
    devices: 100,
    parameters: { offlineShare: 0 },
  });
  await editAccepted(world, {
    rings: {
      Ring1: { cadence: { type: "scheduledInstall", install: { kind: "activeHours", startHour: 7, endHour: 19 } } },
      Ring2: { ...scheduled, cadence: schedule("weekly", 1) },
      Ring3: { ...scheduled, cadence: schedule("biWeekly", 2) },
      Last: { ...scheduled, cadence: schedule("monthly", 3) },
    },
  });
  await runTo(world, B);
  release = await releaseOf(world, "2024.06 B");
});
afterAll(() => world?.stop());

interface Local {
  readonly date: string;
  readonly hour: number;
}

/** Local date and hour at which devices of a ring were done installing, as far as they report. */
async function installedLocally(ring: string): Promise<Local[]> {
  const offsets = new Map(world.fleet.devices().map(({ deviceId, pattern }) => [deviceId, pattern.offset]));
  return (await deviceRows(world, release.id, ring)).flatMap(({ deviceId, log }) => {
    const at = log.find(({ kind, attempt }) => kind === "installed" && attempt === 1)?.at;
    if (at === undefined) return [];
    const local = at + (offsets.get(deviceId) ?? 0);
    return { date: utcDate(local), hour: (local % (24 * HOUR_MS)) / HOUR_MS };
  });
}

describe("Rings with scheduled install", () => {
  const outside = ({ targetAt, sloAt, sloDays, deadlineDays, graceDays }: RingAnswer) => [
    targetAt,
    sloAt,
    sloDays,
    deadlineDays,
    graceDays,
  ];

  it.each(["Ring1", "Ring2", "Ring3", "Last"])(
    "row 54: %s has neither deadline nor grace period, and no target or SLO date",
    (name) => {
      expect(outside(ringOf(release, name))).toEqual([null, null, null, null, null]);
    },
  );

  it("row 54: a deadline-driven ring beside them has all of these", () => {
    expect(outside(ringOf(release, "Test"))).not.toContain(null);
  });

  it("row 54: a device of a scheduled ring is outside the SLO, one of a deadline-driven ring is not", async () => {
    const sloOf = async (ring: string) => {
      const [row] = await deviceRows(world, release.id, ring);
      const path = `/releases/${release.id}/devices/${row?.deviceId}`;
      return (await world.api.get<ReturnType<typeof deviceView>>(path)).sloAt;
    };
    expect(await sloOf("Ring2")).toBeNull();
    expect(await sloOf("Test")).toBe(new Date(addDays(B, 5)).toISOString());
  });
});

describe("Devices with scheduled install", () => {
  beforeAll(() => runTo(world, "2024-06-30T00:00Z"));

  it.each([
    ["Ring2", "weekly", "2024-06-20"],
    ["Ring3", "in the second and fourth week", "2024-06-27"],
    ["Last", "in the third week of the month", "2024-06-20"],
  ] as const)("row 54: %s, %s, installs on Thursday %s from 4:00 local time on", async (ring, _plan, date) => {
    const installed = await installedLocally(ring);
    expect(installed.length).toBeGreaterThan(0);
    for (const local of installed) {
      expect(local.date).toBe(date);
      expect(local.hour).toBeGreaterThanOrEqual(HOUR_OF_INSTALL);
      expect(local.hour).toBeLessThan(HOUR_OF_INSTALL + 4);
    }
  });

  it("row 54: Ring1 installs outside active hours", async () => {
    const installed = await installedLocally("Ring1");
    expect(installed.length).toBeGreaterThan(0);
    // What began before active hours may end in their first two.
    for (const { hour } of installed) expect(hour >= 19 || hour < 9).toBe(true);
  });
});
