import { describe, expect, it } from "vitest";
import { defaultShares } from "../../../../shared/registration/default-shares.js";
import type { ManagedFacts } from "../../../../shared/registration/device.js";
import { countSerials } from "../../../../shared/registration/identity.js";
import { type Candidate, failedPrerequisite } from "../../../../shared/registration/prerequisites.js";
import { servicingProblem } from "../../../../shared/registration/windows-versions.js";
import { managed, record } from "./records.js";

const NOW = Date.parse("2026-11-21T00:00:00Z");
const DAY = 86_400_000;

function check(patch: Partial<ManagedFacts> | null, more: Partial<Candidate> = {}, serials: readonly string[] = []) {
  const candidate: Candidate = {
    entra: record().entra,
    managed: patch === null ? null : managed(patch),
    groups: ["contoso"],
    microsoft365Apps: false,
    isBusinessCloudPc: false,
    ...more,
  };
  const surroundings = { now: NOW, serials: countSerials(serials.map((serialNumber) => ({ serialNumber }))) };
  return failedPrerequisite(candidate, surroundings)?.check;
}
const daysAgo = (days: number, ms = 0) => ({ lastSyncAt: new Date(NOW - days * DAY - ms).toISOString() });
const onPhone = (isManaged: boolean) => ({ entra: { ...record().entra, operatingSystem: "IPhone", isManaged } });

describe("prerequisite checks", () => {
  it("pass for a device of the company that Intune manages", () => {
    expect(check({})).toBeUndefined();
  });

  it("fail for a device that Intune does not manage", () => {
    expect(check(null)).toBe("Intune-managed");
  });

  it("pass through the 28th day after the last check-in and fail on the 29th, or when there was none", () => {
    expect(check(daysAgo(28))).toBeUndefined();
    expect(check(daysAgo(29, -1))).toBeUndefined();
    expect(check(daysAgo(29))).toBe("Last Intune check-in");
    expect(check({ lastSyncAt: null })).toBe("Last Intune check-in");
  });

  it("fail for another system than Windows, managed or not, each with its own reason", () => {
    expect(check(null, onPhone(true))).toBe("Windows and corporate-owned");
    expect(check(null, onPhone(false))).toBe("Intune-managed");
  });

  it("fail for a personal device", () => {
    expect(check({ ownerType: "personal" })).toBe("Windows and corporate-owned");
  });

  it.each(["Pro", "Enterprise", "Education", "Pro Education", "Pro for Workstations", "IoT Enterprise", "ENTERPRISE"])(
    "take edition %s",
    (skuFamily) => {
      expect(check({ skuFamily, osVersion: "10.0.26200.7171" })).toBeUndefined();
    },
  );

  it.each(["Home", "Core", "ServerRdsh", "", null])("refuse edition %s", (skuFamily) => {
    expect(check({ skuFamily })).toBe("Windows edition");
  });

  it("refuse Windows 365 Business and take Windows 365 Enterprise", () => {
    expect(check({ model: "Cloud PC Business 2vCPU/8GB/128GB" })).toBe("Windows edition");
    expect(check({}, { isBusinessCloudPc: true })).toBe("Windows edition");
    expect(check({ model: "Cloud PC Enterprise 2vCPU/8GB/128GB" })).toBeUndefined();
  });

  it("refuse 32-bit Windows and builds of no version", () => {
    expect(check({ processorArchitecture: "x86" })).toBe("Windows version and architecture");
    expect(check({ processorArchitecture: "arm64" })).toBeUndefined();
    expect(check({ osVersion: "10.0.16299.1" })).toBe("Windows version and architecture");
    expect(check({ osVersion: null })).toBe("Windows version and architecture");
  });

  const coManaged = (windowsUpdateForBusiness: boolean, deviceConfiguration: boolean, officeApps: boolean) => ({
    managementAgent: "configurationManagerClientMdm",
    coManagement: { windowsUpdateForBusiness, deviceConfiguration, officeApps },
  });

  it("need the update and configuration workloads of a co-managed device on Intune", () => {
    expect(check(coManaged(true, true, true))).toBeUndefined();
    expect(check(coManaged(false, true, true))).toBe("Management type");
    expect(check(coManaged(true, false, true))).toBe("Management type");
    expect(check({ managementAgent: "configurationManagerClientMdm", coManagement: null })).toBe("Management type");
    expect(check({ managementAgent: "configurationManagerClient", coManagement: null })).toBe("Management type");
  });

  it("need its Office workload only where the group manages Microsoft 365 Apps", () => {
    expect(check(coManaged(true, true, false))).toBeUndefined();
    expect(check(coManaged(true, true, false), { microsoft365Apps: true })).toBe("Management type");
  });

  it.each(["serialNumber", "model", "manufacturer"])(
    "fail without %s, or with what firmware says for none",
    (field) => {
      expect(check({ [field]: null })).toBe("Identity data");
      expect(check({ [field]: " Default string" })).toBe("Identity data");
    },
  );

  it("fail for emulated hardware", () => {
    expect(check({ manufacturer: "QEMU", model: "Standard PC" })).toBe("Identity data");
    expect(check({ manufacturer: "Microsoft Corporation", model: "Virtual Machine" })).toBeUndefined();
  });

  it("fail for a serial number that another device has too, whatever its case", () => {
    expect(check({ serialNumber: "SN-1" }, {}, ["SN-1", "SN-2"])).toBeUndefined();
    expect(check({ serialNumber: "SN-1" }, {}, ["SN-1", "sn-1 "])).toBe("Identity data");
  });

  it("fail for a device that several groups claim", () => {
    expect(check({}, { groups: ["a", "b"] })).toBe("Autopatch group conflict");
  });

  it("name the first that fails", () => {
    const broken: [Partial<ManagedFacts>, string][] = [
      [{ serialNumber: null }, "Identity data"],
      [{ managementAgent: "configurationManagerClient" }, "Management type"],
      [{ processorArchitecture: "x86" }, "Windows version and architecture"],
      [{ skuFamily: "Home" }, "Windows edition"],
      [{ ownerType: "personal" }, "Windows and corporate-owned"],
      [daysAgo(29), "Last Intune check-in"],
    ];
    let patch: Partial<ManagedFacts> = {};
    for (const [more, first] of broken) {
      patch = { ...patch, ...more };
      expect(check(patch, { groups: ["a", "b"] })).toBe(first);
    }
  });
});

describe("a Windows version", () => {
  const at = (date: string) => Date.parse(`${date}T12:00:00Z`);

  it("is serviced until its last day, which comes earlier for Pro", () => {
    expect(servicingProblem(22631, true, at("2025-11-11"))).toBeUndefined();
    expect(servicingProblem(22631, true, at("2025-11-12"))).toContain("2025-11-11");
    expect(servicingProblem(22631, false, at("2025-11-12"))).toBeUndefined();
    expect(servicingProblem(22631, false, at("2026-11-11"))).toContain("Windows 11 23H2");
  });

  it("newer than those known is serviced", () => {
    expect(servicingProblem(29000, true, at("2030-01-01"))).toBeUndefined();
  });
});

describe("the default distribution", () => {
  it("is 5/15/80 up to 200 devices and 1/9/90 above", () => {
    const percents = (devices: number) => defaultShares(devices).map(({ percent }) => percent);
    expect(percents(200)).toEqual([5, 15, 80]);
    expect(percents(201)).toEqual([1, 9, 90]);
  });
});
