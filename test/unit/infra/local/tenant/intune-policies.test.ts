import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { device, INTUNE, items, TestTenant, UPDATES } from "./support.js";

const POLICIES = `${INTUNE}/windowsQualityUpdatePolicies`;
const PROFILES = `${INTUNE}/windowsQualityUpdateProfiles`;
const monthly = { windowsQualityUpdateCadence: "monthly", windowsQualityUpdateCategory: "security" };

let test: TestTenant;
let group: string;
beforeEach(async () => {
  test = await TestTenant.start({ at: "2024-06-12T00:00:00Z" });
  test.devices(2);
  group = await test.group("ring", [device(0).objectId]);
  test.pass(31);
});
afterEach(() => test.discard());

const view = (nth = 0) => test.tenant.view(device(nth).deviceId);

async function assign(path: string): Promise<void> {
  const target = { "@odata.type": "#microsoft.graph.groupAssignmentTarget", groupId: group };
  expect((await test.post(`${path}/assign`, { assignments: [{ target }] })).status).toBe(204);
}

async function policy(settings: readonly object[]): Promise<string> {
  const { json } = await test.post(POLICIES, { displayName: "Policy", approvalSettings: settings });
  await assign(`${POLICIES}/${json.id}`);
  return `${POLICIES}/${json.id}`;
}

describe("quality update policies of Intune", () => {
  it("offers what was approved by hand, and stops when it is suspended", async () => {
    const path = await policy([{ ...monthly, approvalMethodType: "manual" }]);
    const ids = [await test.entryId("2024.06 B")];
    expect(view().offer).toBeUndefined();
    await test.post(`${path}/bulkAction`, { action: "approve", ids });
    expect(view().offer?.build).toBe("10.0.22631.3737");
    await test.post(`${path}/bulkAction`, { action: "suspend", ids });
    expect(view().offer).toBeUndefined();
  });

  it("names what it could not act on", async () => {
    const path = await policy([]);
    const { json } = await test.post(`${path}/bulkAction`, { action: "approve", ids: ["none"] });
    expect(json.value).toMatchObject({ successfulIds: [], failedIds: ["none"] });
  });

  it("tells the status of an update by policy", async () => {
    const path = await policy([]);
    const id = await test.entryId("2024.06 B");
    await test.post(`${path}/bulkAction`, { action: "approve", ids: [id] });
    const call = `retrieveWindowsQualityUpdateCatalogItemDetails(ids=['${id}'])`;
    const answer = await test.get(`${INTUNE}/windowsUpdateCatalogItems/${id}/${call}`);
    expect(items(answer)).toMatchObject([{ catalogItemId: id, approvalStatus: "approved" }]);
  });

  it("approves by itself after the deferral of the setting", async () => {
    await policy([{ ...monthly, approvalMethodType: "automatic", deferredDeploymentInDay: 2 }]);
    expect(view().offer?.kb).toBe("KB5037771");
    test.clock.advance(Date.parse("2024-06-13T17:00:00Z"));
    expect(view().offer).toMatchObject({ kb: "KB5039212", since: Date.parse("2024-06-13T17:00:00Z") });
  });

  it("takes six settings and refuses seven", async () => {
    const settings = (count: number) =>
      Array.from({ length: count }, () => ({ ...monthly, approvalMethodType: "manual" }));
    const body = (count: number) => ({ displayName: "P", approvalSettings: settings(count) });
    expect((await test.post(POLICIES, body(6))).status).toBe(201);
    expect((await test.post(POLICIES, body(7))).status).toBe(400);
  });

  it("refuses a deferral of a manual approval", async () => {
    const setting = { ...monthly, approvalMethodType: "manual", deferredDeploymentInDay: 3 };
    expect((await test.post(POLICIES, { displayName: "P", approvalSettings: [setting] })).status).toBe(400);
  });

  it("does not let the approval method change", async () => {
    const path = await policy([{ ...monthly, approvalMethodType: "manual" }]);
    const body = { approvalSettings: [{ ...monthly, approvalMethodType: "automatic" }] };
    expect((await test.call("PATCH", path, body)).status).toBe(400);
  });
});

describe("expedite profiles", () => {
  const settings = (release: string, days: number) => ({
    displayName: "Expedite",
    expeditedUpdateSettings: { qualityUpdateRelease: release, daysUntilForcedReboot: days },
  });

  it("tells assigned devices the build and the days until the forced restart", async () => {
    const { json } = await test.post(PROFILES, settings("2024-06-11T00:00:00Z", 1));
    await assign(`${PROFILES}/${json.id}`);
    expect(view().expedite).toEqual({ build: "10.0.22631.3737", daysUntilForcedReboot: 1 });
    expect(view(1).expedite).toBeUndefined();
  });

  it("ends with the profile", async () => {
    const { json } = await test.post(PROFILES, settings("2024-06-11T00:00:00Z", 1));
    await assign(`${PROFILES}/${json.id}`);
    await test.call("DELETE", `${PROFILES}/${json.id}`);
    expect(view().expedite).toBeUndefined();
  });

  it.each([
    ["a date without an update", "2024-06-12T00:00:00Z", 1],
    ["a preview", "2024-05-29T00:00:00Z", 1],
    ["three days", "2024-06-11T00:00:00Z", 3],
  ])("refuses %s", async (_what, release, days) => {
    expect((await test.post(PROFILES, settings(release, days))).status).toBe(400);
  });
});

describe("inventory", () => {
  it("counts without being asked and shows what the device reported", async () => {
    test.tenant.reportInventory(device(1).deviceId, { osVersion: "10.0.22631.3737" });
    const answer = await test.get(`${INTUNE}/managedDevices?$filter=azureADDeviceId eq '${device(1).deviceId}'`);
    expect(answer.json).toMatchObject({ "@odata.count": 1, value: [{ osVersion: "10.0.22631.3737" }] });
  });

  it("fills hardware information only for a single device", async () => {
    const [row] = items(await test.get(`${INTUNE}/managedDevices`));
    const { json } = await test.get(`${INTUNE}/managedDevices/${row?.id}`);
    expect([row?.hardwareInformation, json.hardwareInformation]).toEqual([
      null,
      expect.objectContaining({ systemManagementBIOSVersion: "1.2.3" }),
    ]);
  });

  it("licenses the deployment service", async () => {
    const [sku] = items(await test.get("/v1.0/subscribedSkus"));
    expect(sku?.servicePlans).toContainEqual(
      expect.objectContaining({ servicePlanId: "7bf960f6-2cd9-443a-8046-5dbff9558365" }),
    );
  });

  it("shares nothing of Windows updates in v1.0", async () => {
    expect((await test.get(`${UPDATES.replace("beta", "v1.0")}/catalog/entries`)).status).toBe(400);
  });
});
