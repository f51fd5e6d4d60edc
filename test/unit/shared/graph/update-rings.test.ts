import { describe, expect, it } from "vitest";
import type { Graph } from "../../../../shared/graph/graph.js";
import { objectName, tagOf } from "../../../../shared/graph/names.js";
import { deviations } from "../../../../shared/graph/policies/deviations.js";
import { ensurePolicy } from "../../../../shared/graph/policies/ensure.js";
import { ringProperties } from "../../../../shared/graph/update-ring-settings.js";
import {
  desiredUpdateRing,
  setQualityPause,
  setRollBack,
  updateRingArea,
} from "../../../../shared/graph/update-rings.js";
import { commonSettingsSchema } from "../../../../shared/groups/group.js";
import { type Cadence, ringSettingsSchema } from "../../../../shared/groups/ring.js";
import { script } from "./scripted.js";

const RING = {
  groupId: "contoso",
  groupName: "Contoso",
  ringName: "Ring2",
  entraGroupId: "6f000000-0000-4000-8000-000000000002",
};
const settings = (cadence?: Cadence) => ({
  ring: ringSettingsSchema.parse({
    qualityDeferralDays: 5,
    qualityDeadlineDays: 2,
    gracePeriodDays: 2,
    ...(cadence && { cadence }),
  }),
  common: commonSettingsSchema.parse({}),
});
const ensured = (graph: Graph) => ensurePolicy(graph, updateRingArea, desiredUpdateRing(RING, settings()));
const TYPE = "#microsoft.graph.windowsUpdateForBusinessConfiguration";
const PATH = "/beta/deviceManagement/deviceConfigurations";
const LIST = `GET ${PATH}?$filter=isof('microsoft.graph.windowsUpdateForBusinessConfiguration')&$expand=assignments&$top=999`;
const READ = `GET ${PATH}/u1?$expand=assignments`;
const name = objectName(RING, "update ring");
const stored = (id: string, more: object = {}) => ({ id, displayName: name, ...ringProperties(settings()), ...more });
const target = { "@odata.type": "#microsoft.graph.groupAssignmentTarget", groupId: RING.entraGroupId };
const assigned = { assignments: [{ id: "a1", target }] };

describe("settings of an update ring", () => {
  it("are those of autopatch.md §5.2 and §5.3 for Ring2", () => {
    expect(ringProperties(settings())).toEqual({
      qualityUpdatesDeferralPeriodInDays: 5,
      featureUpdatesDeferralPeriodInDays: 0,
      deadlineForQualityUpdatesInDays: 2,
      deadlineForFeatureUpdatesInDays: 5,
      deadlineGracePeriodInDays: 2,
      featureUpdatesRollbackWindowInDays: 30,
      postponeRebootUntilAfterDeadline: false,
      updateNotificationLevel: "defaultNotifications",
      microsoftUpdateServiceAllowed: true,
      driversExcluded: false,
      allowWindows11Upgrade: false,
      businessReadyUpdatesOnly: "all",
      skipChecksBeforeRestart: false,
      userPauseAccess: "disabled",
      userWindowsUpdateScanAccess: "enabled",
      automaticUpdateMode: "windowsDefault",
      installationSchedule: null,
      updateWeeks: null,
    });
  });

  it("have neither deadline nor grace period with scheduled install", () => {
    const install = { kind: "schedule", occurrence: "biWeekly", week: 2, day: 3, hour: 4 } as const;
    expect(ringProperties(settings({ type: "scheduledInstall", install }))).toMatchObject({
      deadlineForQualityUpdatesInDays: null,
      deadlineGracePeriodInDays: null,
      automaticUpdateMode: "autoInstallAndRebootAtScheduledTime",
      installationSchedule: { scheduledInstallDay: "wednesday", scheduledInstallTime: "04:00:00.0000000" },
      updateWeeks: "secondWeek,fourthWeek",
    });
  });

  it("keep installation outside active hours", () => {
    const install = { kind: "activeHours", startHour: 8, endHour: 18 } as const;
    expect(ringProperties(settings({ type: "scheduledInstall", install }))).toMatchObject({
      automaticUpdateMode: "autoInstallAtMaintenanceTime",
      installationSchedule: { activeHoursStart: "08:00:00.0000000", activeHoursEnd: "18:00:00.0000000" },
    });
  });
});

describe("comparing an update ring with what is wanted", () => {
  it("finds every changed setting", () => {
    const actual = { ...ringProperties(settings()), deadlineGracePeriodInDays: 7, driversExcluded: true };
    expect(deviations(ringProperties(settings()), actual)).toEqual([
      { setting: "deadlineGracePeriodInDays", wanted: 2, actual: 7 },
      { setting: "driversExcluded", wanted: false, actual: true },
    ]);
  });

  it("sees no difference in the spelling of times, weeks and unset values", () => {
    const wanted = settings({
      type: "scheduledInstall",
      install: { kind: "schedule", occurrence: "biWeekly", week: 1, day: 0, hour: 3 },
    });
    const actual = {
      ...ringProperties(wanted),
      installationSchedule: {
        scheduledInstallTime: "03:00:00",
        scheduledInstallDay: "sunday",
        "@odata.type": "microsoft.graph.windowsUpdateScheduledInstall",
      },
      updateWeeks: "thirdWeek, firstWeek",
    };
    expect(deviations(ringProperties(wanted), actual)).toEqual([]);
    expect(
      deviations(ringProperties(settings()), { ...ringProperties(settings()), updateWeeks: "userDefined" }),
    ).toEqual([]);
  });
});

describe("the update ring of a deployment ring", () => {
  it("is made with all settings and assigned to the ring's group", async () => {
    const { graph, sent, finished } = script(
      { on: LIST, body: { value: [] } },
      { on: `POST ${PATH}`, status: 201, body: { id: "u1" } },
      { on: READ, body: stored("u1") },
      { on: `POST ${PATH}/u1/assign`, body: { value: [] } },
      { on: READ, body: stored("u1", assigned) },
    );
    expect(await ensured(graph)).toBe("u1");
    expect(sent[1]?.body).toMatchObject({ "@odata.type": TYPE, displayName: name, ...ringProperties(settings()) });
    expect(sent[3]?.body).toEqual({
      assignments: [{ "@odata.type": "#microsoft.graph.deviceConfigurationAssignment", target }],
    });
    finished();
  });

  it("in order is only read", async () => {
    const { graph, finished } = script({ on: LIST, body: { value: [stored("u1", assigned)] } });
    await ensured(graph);
    finished();
  });

  it("changed by hand is set right without touching pause and rollback", async () => {
    const drifted = { ...assigned, deadlineGracePeriodInDays: 7, qualityUpdatesPaused: true };
    const { graph, sent } = script(
      { on: LIST, body: { value: [stored("u1", drifted)] } },
      { on: `PATCH ${PATH}/u1`, body: {} },
      { on: READ, body: stored("u1", { ...assigned, qualityUpdatesPaused: true }) },
    );
    await ensured(graph);
    expect(sent[1]?.body).toMatchObject({ "@odata.type": TYPE, deadlineGracePeriodInDays: 2 });
    expect(sent[1]?.body).not.toHaveProperty("qualityUpdatesPaused");
  });

  it("renamed by hand keeps its name", async () => {
    const renamed = { displayName: "Ours", description: `Kept by Ringmaster [${tagOf(RING, "update ring")}].` };
    const { graph, finished } = script({ on: LIST, body: { value: [stored("u1", { ...assigned, ...renamed })] } });
    expect(await ensured(graph)).toBe("u1");
    finished();
  });

  it("assigned to others as well is assigned to the ring's group alone", async () => {
    const other = { "@odata.type": "#microsoft.graph.allDevicesAssignmentTarget" };
    const { graph, sent, finished } = script(
      { on: LIST, body: { value: [stored("u1", { assignments: [...assigned.assignments, { target: other }] })] } },
      { on: `POST ${PATH}/u1/assign`, body: { value: [] } },
      { on: READ, body: stored("u1", assigned) },
    );
    await ensured(graph);
    expect(sent[1]?.body).toMatchObject({ assignments: [{ target }] });
    finished();
  });

  it("found twice is reduced to the older one", async () => {
    const younger = stored("u2", { ...assigned, createdDateTime: "2026-11-02T00:00:00Z" });
    const older = stored("u1", { ...assigned, createdDateTime: "2026-11-01T00:00:00Z" });
    const { graph, finished } = script(
      { on: LIST, body: { value: [younger, older] } },
      { on: `DELETE ${PATH}/u2`, status: 204 },
    );
    expect(await ensured(graph)).toBe("u1");
    finished();
  });

  it("is not yet consistent while a setting reads differently", async () => {
    const { graph } = script(
      { on: LIST, body: { value: [stored("u1", { ...assigned, driversExcluded: true })] } },
      { on: `PATCH ${PATH}/u1`, body: {} },
      { on: READ, body: stored("u1", { ...assigned, driversExcluded: true }) },
    );
    await expect(ensured(graph)).rejects.toMatchObject({ code: "not_yet_consistent" });
  });
});

describe("actions on an update ring", () => {
  const read = (more: object) => ({ on: `GET ${PATH}/u1`, body: stored("u1", more) });

  it("pause it with one intent and read it back", async () => {
    const { graph, sent, finished } = script(
      read({}),
      { on: `PATCH ${PATH}/u1`, body: {} },
      read({ qualityUpdatesPaused: true }),
    );
    await setQualityPause(graph, "u1", true);
    expect(sent[1]?.body).toEqual({ "@odata.type": TYPE, qualityUpdatesPaused: true });
    finished();
  });

  it("do not resume what is not paused", async () => {
    const { graph, finished } = script(read({ qualityUpdatesPaused: false }));
    await setQualityPause(graph, "u1", false);
    finished();
  });

  it("start a rollback and fail while it does not show", async () => {
    const { graph, sent } = script(read({}), { on: `PATCH ${PATH}/u1`, body: {} }, read({}));
    await expect(setRollBack(graph, "u1", "quality", true)).rejects.toMatchObject({ code: "not_yet_consistent" });
    expect(sent[1]?.body).toEqual({ "@odata.type": TYPE, qualityUpdatesWillBeRolledBack: true });
  });
});
