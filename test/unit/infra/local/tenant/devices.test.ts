import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { device, INTUNE, items, TestTenant } from "./support.js";

const MANAGED = `${INTUNE}/managedDevices`;

let test: TestTenant;
beforeEach(async () => {
  test = await TestTenant.start();
  test.devices(2);
});
afterEach(() => test.discard());

const inEntra = async (nth = 0) => (await test.get(`/v1.0/devices/${device(nth).objectId}`)).json;
const inIntune = async (nth = 0) => (await test.get(`${MANAGED}/${device(nth).managedDeviceId}`)).json;

describe("devices that differ", () => {
  it("are enabled, managed Windows devices unless told otherwise", async () => {
    expect(await inEntra()).toMatchObject({ accountEnabled: true, isManaged: true, operatingSystem: "Windows" });
    expect(await inIntune()).toMatchObject({ managementAgent: "mdm", configurationManagerClientEnabledFeatures: null });
  });

  it("can be in Entra without being in Intune", async () => {
    test.tenant.patchDevice(device(0).deviceId, { managed: false });
    expect(await inEntra()).toMatchObject({ isManaged: null, managementType: null });
    expect((await test.get(`${MANAGED}/${device(0).managedDeviceId}`)).status).toBe(404);
    expect((await test.get(MANAGED)).json).toMatchObject({ "@odata.count": 1, value: [{ deviceName: "PC-1" }] });
  });

  it("tell the workloads of co-management", async () => {
    const off = { inventory: false, modernApps: false, resourceAccess: false, compliancePolicy: false };
    const coManagement = {
      ...off,
      endpointProtection: false,
      deviceConfiguration: true,
      windowsUpdateForBusiness: true,
      officeApps: false,
    };
    test.tenant.patchDevice(device(0).deviceId, { managementAgent: "configurationManagerClientMdm", coManagement });
    expect(await inIntune()).toMatchObject({
      managementAgent: "configurationManagerClientMdm",
      configurationManagerClientEnabledFeatures: coManagement,
    });
  });

  it("can be disabled, of another system, owner and architecture", async () => {
    const patch = { accountEnabled: false, operatingSystem: "iOS", ownerType: "personal" } as const;
    test.tenant.patchDevice(device(0).deviceId, { ...patch, processorArchitecture: "x86" });
    expect(await inEntra()).toMatchObject({ accountEnabled: false, operatingSystem: "iOS" });
    expect(await inIntune()).toMatchObject({ managedDeviceOwnerType: "personal", processorArchitecture: "x86" });
    expect(items(await test.get(`${MANAGED}?$filter=operatingSystem eq 'Windows'`))).toHaveLength(1);
  });

  it("can enrol anew in Intune under another id", async () => {
    const managedDeviceId = "3b000000-0000-4000-a000-000000000000";
    test.tenant.patchDevice(device(0).deviceId, { managedDeviceId });
    expect((await test.get(`${MANAGED}/${device(0).managedDeviceId}`)).status).toBe(404);
    expect((await test.get(`${MANAGED}/${managedDeviceId}`)).json).toMatchObject({ deviceName: "PC-0" });
  });
});
