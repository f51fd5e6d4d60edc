import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { tenantDevice } from "../../../../support/tenant-device.js";
import { INTUNE, items, TestTenant } from "./support.js";

const W11 = "Windows 11, version 24H2";
const FIT = { tpm: "2.0", secureBoot: "on", processorSupported: "yes", memoryGb: "16", diskGb: "256" };
const TEN = { product: "Windows 10", version: "22H2", osVersion: "10.0.19045.5011" } as const;
const RING = "#microsoft.graph.windowsUpdateForBusinessConfiguration";

let test: TestTenant;
beforeEach(async () => {
  test = await TestTenant.start({ at: "2024-12-02T12:00:00Z" });
});
afterEach(() => test.discard());

const view = (nth: number) => test.tenant.view(tenantDevice(nth).deviceId);
const group = (id: string) => ({ target: { "@odata.type": "#microsoft.graph.groupAssignmentTarget", groupId: id } });
const everybody = { target: { "@odata.type": "#microsoft.graph.allDevicesAssignmentTarget" } };
const without = (id: string) => ({
  target: { "@odata.type": "#microsoft.graph.exclusionGroupAssignmentTarget", groupId: id },
});

async function groupOf(name: string, nths: readonly number[]): Promise<string> {
  const id = await test.group(
    name,
    nths.map((nth) => tenantDevice(nth).objectId),
  );
  test.pass(60);
  return id;
}

async function assigned(collection: string, body: object, assignments: readonly object[]): Promise<string> {
  const { json } = await test.post(`${INTUNE}/${collection}`, { displayName: "P", ...body });
  const path = `${INTUNE}/${collection}/${json.id}`;
  await test.post(`${path}/assign`, { assignments });
  return path;
}

const profile = (body: object, ...assignments: object[]) =>
  assigned("windowsFeatureUpdateProfiles", { featureUpdateVersion: W11, ...body }, assignments);
const gradual = (start: string, end: string, days: number) => ({
  rolloutSettings: { offerStartDateTimeInUTC: start, offerEndDateTimeInUTC: end, offerIntervalInDays: days },
});

describe("the Windows version that a device is offered", () => {
  it("is that of its profile, with the security update of the month before, from when it was assigned", async () => {
    test.devices(3);
    const [ring, left] = [await groupOf("ring", [0, 1]), await groupOf("left", [1])];
    await profile({}, group(ring), without(left));
    expect(view(0).feature).toEqual({
      ...{ version: W11, product: "Windows 11", versionName: "24H2", build: "10.0.26100.2033" },
      since: test.clock.now(),
    });
    expect([view(1).feature, view(2).feature]).toEqual([undefined, undefined]);
  });

  it("is the newest of several, and none that is not above the device's own", async () => {
    test.devices(1);
    test.tenant.addDevices([tenantDevice(1, { version: "24H2", osVersion: "10.0.26100.2314" })]);
    await profile({}, everybody);
    await profile({ featureUpdateVersion: "Windows 11, version 23H2" }, everybody);
    expect([view(0).feature?.versionName, view(1).feature]).toEqual(["24H2", undefined]);
    test.tenant.reportInventory(tenantDevice(0).deviceId, { version: "24H2", osVersion: "10.0.26100.2314" });
    expect(view(0).feature).toBeUndefined();
  });

  it("comes on its date, and only then are the devices told", async () => {
    test.devices(1);
    const start = "2024-12-05T00:00:00Z";
    const rolloutSettings = { offerStartDateTimeInUTC: start, offerEndDateTimeInUTC: null, offerIntervalInDays: null };
    await profile({ rolloutSettings }, group(await groupOf("ring", [0])));
    const told: number[] = [];
    test.tenant.onChange(() => told.push(test.clock.now()));
    test.clock.advance(Date.parse(start) - 1);
    expect(view(0).feature).toBeUndefined();
    test.clock.advance(Date.parse(start));
    expect([view(0).feature?.since, told]).toEqual([Date.parse(start), [Date.parse(start)]]);
  });

  it("comes to even groups of at least 100 devices, drawn by chance, one interval apart", async () => {
    test.devices(399);
    await profile(gradual("2024-12-05T00:00:00Z", "2024-12-14T00:00:00Z", 3), everybody);
    const told: number[] = [];
    test.tenant.onChange((devices) => told.push(devices === "all" ? 399 : devices.size));
    const offered = [4, 5, 7, 8, 11, 14].map((day) => {
      test.clock.advance(Date.parse(`2024-12-${String(day).padStart(2, "0")}T00:00:00Z`));
      return Array.from({ length: 399 }, (_, nth) => nth).filter((nth) => view(nth).feature !== undefined);
    });
    // Four groups are asked for, and three have 100 devices.
    expect(offered.map(({ length }) => length)).toEqual([0, 133, 133, 266, 399, 399]);
    expect(told).toEqual([133, 133, 133]);
    // Devices in a row come into all groups alike.
    expect(offered[1]?.filter((nth) => nth < 133).length).toBeLessThan(70);
  });

  it("is Windows 11 for Windows 10 devices with the hardware; for others the last Windows 10 where the profile says so", async () => {
    const old = { ...TEN, version: "21H2", osVersion: "10.0.19044.1" } as const;
    test.tenant.addDevices([
      tenantDevice(0, { ...TEN, attributes: FIT }),
      tenantDevice(1, { ...TEN, attributes: { ...FIT, tpm: "1.2" } }),
      tenantDevice(2, { ...old, attributes: { ...FIT, processorSupported: "no" } }),
      tenantDevice(3, { ...old, attributes: { ...FIT, diskGb: "32" } }),
    ]);
    await profile({ installLatestWindows10OnWindows11IneligibleDevice: true }, group(await groupOf("a", [0, 1, 2])));
    await profile({}, group(await groupOf("b", [3])));
    expect([view(0), view(1), view(3)].map(({ feature }) => feature?.version)).toEqual([W11, undefined, undefined]);
    expect(view(2).feature).toMatchObject({ version: "Windows 10, version 22H2", isFallback: true });
  });

  it("is none where users may choose it", async () => {
    test.devices(1);
    await profile({ installFeatureUpdatesOptional: true }, group(await groupOf("ring", [0])));
    expect(view(0).feature).toBeUndefined();
  });
});

describe("a safeguard hold", () => {
  const startedAt = Date.parse("2024-12-01T00:00:00Z");
  const hold = { id: 41_234_567, featureVersion: W11, attribute: "bios", value: "1.2.3", title: "No sound", startedAt };

  it("keeps matching devices from the version until it is lifted, and is told as a known issue", async () => {
    test.devices(1);
    await profile({}, group(await groupOf("ring", [0])));
    expect(view(0).safeguards).toBeUndefined();
    test.tenant.setSafeguardHold({ ...hold, liftedAt: Date.parse("2024-12-10T00:00:00Z") });
    expect(view(0)).toMatchObject({ safeguards: [hold.id], feature: { version: W11 } });
    const products = items(await test.get("/beta/admin/windows/updates/products?$expand=knownIssues"));
    const issues = products.flatMap(
      ({ knownIssues }) => knownIssues as { title: string; safeguardHoldIds: number[] }[],
    );
    expect(issues.find(({ title }) => title === "No sound")?.safeguardHoldIds).toEqual([hold.id]);
    let told = 0;
    test.tenant.onChange(() => told++);
    test.clock.advance(Date.parse("2024-12-10T00:00:00Z"));
    expect([view(0).safeguards, told]).toEqual([undefined, 1]);
  });

  it("does not concern devices that a policy opts out", async () => {
    test.devices(2);
    test.tenant.setSafeguardHold(hold);
    await profile({}, group(await groupOf("ring", [0, 1])));
    const id = "device_vendor_msft_policy_config_update_disablewufbsafeguards";
    const type = "#microsoft.graph.deviceManagementConfigurationChoiceSettingInstance";
    const choiceSettingValue = { value: `${id}_1`, children: [] };
    const settings = [{ settingInstance: { "@odata.type": type, settingDefinitionId: id, choiceSettingValue } }];
    const { json } = await test.post(`${INTUNE}/configurationPolicies`, {
      ...{ name: "Safeguards", platforms: "windows10", technologies: "mdm", settings },
    });
    const policy = `${INTUNE}/configurationPolicies/${json.id}`;
    await test.post(`${policy}/assign`, { assignments: [group(await groupOf("out", [1]))] });
    expect([view(0).safeguards, view(1).safeguards]).toEqual([[hold.id], undefined]);
    await test.call("DELETE", policy);
    expect(view(1).safeguards).toEqual([hold.id]);
  });
});

describe("a ring's feature settings", () => {
  it("are told with deadline, roll-back and a pause that ends by itself", async () => {
    test.devices(1);
    const ring = await assigned(
      "deviceConfigurations",
      { "@odata.type": RING, deadlineForFeatureUpdatesInDays: 5, featureUpdatesRollbackWindowInDays: 10 },
      [group(await groupOf("ring", [0]))],
    );
    const told = { featureDeadlineDays: 5, featureUninstallDays: 10, featurePaused: false, rollBackFeature: false };
    expect(view(0).ring).toMatchObject(told);
    await test.call("PATCH", ring, { "@odata.type": RING, featureUpdatesPaused: true });
    expect(view(0).ring).toMatchObject({ featurePaused: true, qualityPaused: false });
    test.pass(35 * 86_400);
    expect(view(0).ring?.featurePaused).toBe(false);
    await test.call("PATCH", ring, { "@odata.type": RING, featureUpdatesWillBeRolledBack: true });
    expect(view(0).ring?.rollBackFeature).toBe(true);
  });
});
