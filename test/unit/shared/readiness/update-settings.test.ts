import { describe, expect, it } from "vitest";
import { conflictingPolicies, conflictingRegistryValues } from "../../../../shared/readiness/update-settings.js";

describe("policies of the Update CSP", () => {
  it.each(["ActiveHoursStart", "ActiveHoursEnd", "ActiveHoursMaxRange"])("%s is allowed", (name) => {
    expect(conflictingPolicies([name])).toEqual([]);
  });

  it.each(["DeferQualityUpdatesPeriodInDays", "ConfigureDeadlineForQualityUpdates", "DetectionFrequency"])(
    "%s is the service's own",
    (name) => {
      expect(conflictingPolicies([name])).toEqual([]);
    },
  );

  it.each(["AllowUpdateService", "UpdateServiceUrl", "TargetReleaseVersion", "RequireUpdateApproval"])(
    "%s conflicts",
    (name) => {
      expect(conflictingPolicies(["ActiveHoursStart", name])).toEqual([name]);
    },
  );

  it("are known by the last part of their path, whatever the case", () => {
    const path = "./Device/Vendor/MSFT/Policy/Config/Update/activehoursstart";
    expect(conflictingPolicies([path])).toEqual([]);
  });

  it.each([
    ["ActiveHoursStart", 0, 23],
    ["ActiveHoursEnd", 0, 23],
    ["ActiveHoursMaxRange", 8, 18],
  ])("%s may be %i to %i, no less and no more", (name, least, most) => {
    const conflicts = (value: number) => conflictingPolicies([{ name, value }]).length;
    expect([least, most].map(conflicts)).toEqual([0, 0]);
    expect([least - 1, most + 1].map(conflicts)).toEqual([1, 1]);
  });

  it.each([
    [8, 20, 0],
    [8, 21, 1],
    [20, 8, 0],
    [20, 9, 1],
  ])("active hours from %i to %i", (start, end, conflicts) => {
    const hours = [
      { name: "ActiveHoursStart", value: start },
      { name: "ActiveHoursEnd", value: end },
    ];
    expect(conflictingPolicies(hours)).toHaveLength(conflicts);
  });
});

describe("registry values", () => {
  const FIVE = [
    "DoNotConnectToWindowsUpdateInternetLocations",
    "DisableWindowsUpdateAccess",
    "WUServer",
    "AU\\UseWUServer",
    "AU\\NoAutoUpdate",
  ];

  it.each(FIVE)("%s conflicts", (name) => {
    expect(conflictingRegistryValues([name])).toEqual([name]);
    const path = `HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows\\WindowsUpdate\\${name}`;
    expect(conflictingRegistryValues([path])).toEqual([name]);
  });

  it("others do not", () => {
    expect(conflictingRegistryValues(["AU\\AUOptions", "TargetGroup"])).toEqual([]);
  });

  it("set to 0 are not set", () => {
    expect(conflictingRegistryValues([{ name: "AU\\UseWUServer", value: 0 }])).toEqual([]);
    expect(conflictingRegistryValues([{ name: "AU\\UseWUServer", value: 1 }])).toEqual(["AU\\UseWUServer"]);
  });
});
