import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Cadence, DeploymentRing } from "../../shared/groups/ring.js";
import type { StoredGroup } from "../../shared/groups/store.js";
import { GraphReader, type IntuneRing, intuneRings } from "../support/graph.js";
import { type Edit, edit, editAccepted, GROUP } from "../support/groups.js";
import { startWorld, type World } from "../support/world.js";

let world: World;
beforeAll(async () => {
  world = await startWorld({ from: "2024-06-03T00:00Z", devices: 8 });
  await world.settle();
});
afterAll(() => world?.stop());

const stored = async (): Promise<StoredGroup["definition"]> => (await world.api.get<StoredGroup>(GROUP)).definition;

async function storedRing(name: string): Promise<DeploymentRing | undefined> {
  return (await stored()).rings.find((ring) => ring.name === name);
}

async function inIntune(ring: string): Promise<IntuneRing | undefined> {
  return (await intuneRings(new GraphReader(world)))[ring];
}

describe("Ring defaults", () => {
  const DEFAULTS = [
    ["Test", 0, 0, 0],
    ["Ring1", 1, 2, 2],
    ["Ring2", 5, 2, 2],
    ["Ring3", 9, 5, 2],
    ["Last", 10, 3, 2],
  ] as const;

  it("row 48: a new group has the five rings with the values of 03/31/2025", async () => {
    const { rings } = await stored();
    const values = rings.map((ring) => [
      ring.name,
      ring.qualityDeferralDays,
      ring.qualityDeadlineDays,
      ring.gracePeriodDays,
    ]);
    expect(values).toEqual(DEFAULTS);
  });

  it("row 48: every ring defers features by 0 days with a deadline of 5", async () => {
    const { rings } = await stored();
    expect(rings.map((ring) => [ring.featureDeferralDays, ring.featureDeadlineDays])).toEqual(Array(5).fill([0, 5]));
  });

  it.each(DEFAULTS)(
    "row 48: the Intune update ring of %s carries %i/%i/%i",
    async (name, deferral, deadline, grace) => {
      expect(await inIntune(name)).toMatchObject({
        qualityUpdatesDeferralPeriodInDays: deferral,
        deadlineForQualityUpdatesInDays: deadline,
        deadlineGracePeriodInDays: grace,
        featureUpdatesDeferralPeriodInDays: 0,
        deadlineForFeatureUpdatesInDays: 5,
        featureUpdatesRollbackWindowInDays: 30,
      });
    },
  );
});

describe("Ranges", () => {
  const RANGES = [
    ["qualityDeferralDays", 0, 30],
    ["featureDeferralDays", 0, 365],
    ["qualityDeadlineDays", 2, 30],
    ["featureDeadlineDays", 2, 30],
    ["gracePeriodDays", 0, 7],
  ] as const;
  const ringEdit = (field: string, value: number): Edit => ({ rings: { Ring3: { [field]: value } } });

  it.each(RANGES)("row 51: %s takes %i and %i", async (field, least, most) => {
    for (const value of [least, most]) {
      await editAccepted(world, ringEdit(field, value));
      expect((await storedRing("Ring3"))?.[field]).toBe(value);
    }
  });

  it.each(RANGES)("row 51: %s refuses what is below %i or above %i and keeps its value", async (field, least, most) => {
    const before = (await storedRing("Ring3"))?.[field];
    for (const [value, limit] of [
      [least - 1, least],
      [most + 1, most],
    ] as const) {
      const { status, body } = await edit(world, ringEdit(field, value));
      expect([status, body.field, body.limit]).toEqual([400, `rings[3].${field}`, limit]);
    }
    expect((await storedRing("Ring3"))?.[field]).toBe(before);
  });

  it("row 51: the uninstall window takes 2 and 60 days", async () => {
    for (const uninstallWindowDays of [2, 60]) {
      await editAccepted(world, { common: { uninstallWindowDays } });
      expect((await stored()).common.uninstallWindowDays).toBe(uninstallWindowDays);
      expect((await inIntune("Test"))?.featureUpdatesRollbackWindowInDays).toBe(uninstallWindowDays);
    }
  });

  it.each([1, 61])("row 51: the uninstall window refuses %i days", async (uninstallWindowDays) => {
    const { status, body } = await edit(world, { common: { uninstallWindowDays } });
    expect([status, body.field]).toEqual([400, "common.uninstallWindowDays"]);
  });

  it("row 51: only the Test ring keeps a deadline below 2 days", async () => {
    expect((await edit(world, { rings: { Test: { qualityDeadlineDays: 0 } } })).status).toBe(200);
    expect((await edit(world, { rings: { Ring1: { qualityDeadlineDays: 0 } } })).status).toBe(400);
  });

  it("row 51: half a day is refused", async () => {
    expect((await edit(world, ringEdit("gracePeriodDays", 1.5))).status).toBe(400);
  });
});

describe("Notifications", () => {
  const OPTIONS = {
    Test: "notConfigured",
    Ring1: "defaultNotifications",
    Ring2: "restartWarningsOnly",
    Ring3: "disableAllNotifications",
  } as const;

  it("row 55: each of the four options reaches the Intune update ring of its ring", async () => {
    const rings = Object.fromEntries(Object.entries(OPTIONS).map(([ring, notifications]) => [ring, { notifications }]));
    await editAccepted(world, { rings });
    const intune = await intuneRings(new GraphReader(world));
    const levels = Object.keys(OPTIONS).map((ring) => [ring, intune[ring]?.updateNotificationLevel]);
    expect(Object.fromEntries(levels)).toEqual(OPTIONS);
  });

  it("row 55: a ring that is told nothing uses the default notifications", async () => {
    expect((await inIntune("Last"))?.updateNotificationLevel).toBe("defaultNotifications");
  });

  it("row 55: a fifth option is refused", async () => {
    const odd = { notifications: "quietHours" } as unknown as Partial<DeploymentRing>;
    const { status, body } = await edit(world, { rings: { Ring1: odd } });
    expect([status, body.field]).toEqual([400, "rings[1].notifications"]);
  });
});

describe("Scheduled install", () => {
  const activeHours = (startHour: number, endHour: number): Cadence => ({
    type: "scheduledInstall",
    install: { kind: "activeHours", startHour, endHour },
  });
  const schedule = (occurrence: "weekly" | "biWeekly" | "monthly", week: number): Cadence => ({
    type: "scheduledInstall",
    install: { kind: "schedule", occurrence, week, day: 3, hour: 4 },
  });
  const PLANS = [
    ["weekly", 1, "everyWeek"],
    ["biWeekly", 1, "firstWeek,thirdWeek"],
    ["biWeekly", 2, "fourthWeek,secondWeek"],
    ["monthly", 3, "thirdWeek"],
  ] as const;

  it.each(PLANS)(
    "row 54: %s from week %i is %s in the Intune update ring, on Wednesdays at 4",
    async (kind, week, weeks) => {
      await editAccepted(world, { rings: { Ring2: { cadence: schedule(kind, week) } } });
      const ring = await inIntune("Ring2");
      expect(String(ring?.updateWeeks).split(",").sort().join(",")).toBe(weeks);
      expect(ring).toMatchObject({
        automaticUpdateMode: "autoInstallAndRebootAtScheduledTime",
        installationSchedule: { scheduledInstallDay: "wednesday", scheduledInstallTime: "04:00:00.0000000" },
      });
    },
  );

  it("row 54: a scheduled ring has neither deadlines nor a grace period in its Intune update ring", async () => {
    await editAccepted(world, { rings: { Ring2: { cadence: schedule("weekly", 1) } } });
    expect(await inIntune("Ring2")).toMatchObject({
      deadlineForQualityUpdatesInDays: null,
      deadlineForFeatureUpdatesInDays: null,
      deadlineGracePeriodInDays: null,
    });
  });

  it("row 54: back on deadlines, a ring has them again", async () => {
    await editAccepted(world, { rings: { Ring2: { cadence: schedule("weekly", 1) } } });
    await editAccepted(world, { rings: { Ring2: { cadence: { type: "deadlineDriven" } } } });
    expect(await inIntune("Ring2")).toMatchObject({
      automaticUpdateMode: "windowsDefault",
      deadlineForQualityUpdatesInDays: 2,
      deadlineGracePeriodInDays: 2,
    });
  });

  it.each([
    [5, 23],
    [14, 8],
  ])("row 54: active hours from %i to %i, 18 hours, are accepted", async (start, end) => {
    await editAccepted(world, { rings: { Ring1: { cadence: activeHours(start, end) } } });
    const time = (hour: number) => `${String(hour).padStart(2, "0")}:00:00.0000000`;
    expect(await inIntune("Ring1")).toMatchObject({
      automaticUpdateMode: "autoInstallAtMaintenanceTime",
      installationSchedule: { activeHoursStart: time(start), activeHoursEnd: time(end) },
    });
  });

  it.each([
    [4, 23],
    [14, 9],
    [6, 6],
  ])("row 54: active hours from %i to %i, more than 18 hours, are refused", async (start, end) => {
    const { status, body } = await edit(world, { rings: { Ring1: { cadence: activeHours(start, end) } } });
    expect([status, body.rule, body.limit]).toEqual([422, "activeHoursSpan", 18]);
  });
});
