import { describe, expect, it } from "vitest";
import { antivirusEligibility } from "../../../../shared/antivirus/eligibility.js";
import { driverEligibility } from "../../../../shared/drivers/eligibility.js";
import { edgeEligibility } from "../../../../shared/edge/eligibility.js";
import { defaultGroup } from "../../../../shared/groups/defaults.js";
import type { AppDevice } from "../../../../shared/inventory/devices.js";
import { qualityEligibility } from "../../../../shared/updates/eligibility.js";
import type { Eligibility } from "../../../../shared/workloads/eligibility.js";
import { managed, record } from "../registration/records.js";

const NOW = Date.parse("2026-11-20T00:00:00Z");
const said = ({ label, reasons }: Eligibility) => [label, ...reasons.map(({ code }) => code)];
const fresh = managed({ lastSyncAt: "2026-11-19T00:00:00.000Z" });
const group = {
  definition: { ...defaultGroup("Contoso"), updateTypes: { ...defaultGroup("C").updateTypes, driver: true } },
};
const app = (patch: Partial<AppDevice> = {}): AppDevice => ({
  ...{ deviceId: "d", name: null, groupId: "g", ring: "Ring1", architecture: "x64", lastCheckInAt: NOW },
  ...{ checkedIn: true, inventory: {}, inventoryAt: null, conflictingSettings: [], ...patch },
});

describe("quality updates label a device", () => {
  it("Healthy when it is ready, else Unhealthy with every check that fails", () => {
    expect(said(qualityEligibility(record()))).toEqual(["Healthy"]);
    const checks = [
      { check: "diskSpace", passed: false, reason: "2 GB are free." },
      { check: "internet", passed: true },
      { check: "updateHealthTools", passed: false },
    ];
    const notReady = record({ state: "Not ready", readiness: { at: "2026-11-19T00:00:00.000Z", checks } });
    expect(said(qualityEligibility(notReady))).toEqual(["Unhealthy", "diskSpace", "updateHealthTools"]);
    expect(said(qualityEligibility(record({ state: "Excluded", status: "Not registered" })))[0]).toBe("Unhealthy");
  });
});

describe("drivers label a device", () => {
  it.each([
    ["Healthy where a policy reaches it", { managed: fresh }, group, ["Healthy"]],
    ["Unhealthy outside of Intune", { managed: null }, group, ["Unhealthy", "notManaged"]],
    ["Unhealthy without a check-in", { managed: managed({ lastSyncAt: null }) }, group, ["Unhealthy", "checkIn"]],
    [
      "Unhealthy where Configuration Manager has the workload",
      {
        managed: {
          ...fresh,
          coManagement: { windowsUpdateForBusiness: false, deviceConfiguration: true, officeApps: true },
        },
      },
      group,
      ["Unhealthy", "coManaged"],
    ],
    ["Unhealthy in no ring", { managed: fresh, ring: null }, group, ["Unhealthy", "noPolicy"]],
    [
      "Unhealthy where its group leaves drivers alone",
      { managed: fresh },
      { definition: { ...group.definition, updateTypes: { ...group.definition.updateTypes, driver: false } } },
      ["Unhealthy", "noPolicy"],
    ],
  ])("%s", (_, patch, owner, expected) => {
    expect(said(driverEligibility({ record: record(patch), group: owner, now: NOW }))).toEqual(expected);
  });
});

describe("Edge and antivirus label a device", () => {
  const edge = { version: "125.0.2535.51", channel: "stable" } as const;
  const antivirus = { signatureVersion: "1.413.1.0", signaturesUpdatedAt: "2026-11-19T00:00:00.000Z" };

  it("Healthy when its inventory has them", () => {
    expect(said(edgeEligibility(app({ inventory: { edge } })))).toEqual(["Healthy"]);
    expect(said(antivirusEligibility(app({ inventory: { antivirus } })))).toEqual(["Healthy"]);
  });

  it("Unhealthy with the reason when it has not, or has told nothing", () => {
    expect(said(edgeEligibility(app()))).toEqual(["Unhealthy", "notInstalled"]);
    expect(said(antivirusEligibility(app()))).toEqual(["Unhealthy", "notReported"]);
    const silent = app({ inventory: null, checkedIn: false });
    expect(said(edgeEligibility(silent))).toEqual(["Unhealthy", "notCheckedIn", "inventoryUnknown"]);
  });
});
