import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { tenantDevice } from "../../../../support/tenant-device.js";
import { INTUNE, items, TestTenant } from "./support.js";

const DRIVERS = `${INTUNE}/windowsDriverUpdateProfiles`;
const RING = "#microsoft.graph.windowsUpdateForBusinessConfiguration";
const DAY = 86_400;
const everybody = { target: { "@odata.type": "#microsoft.graph.allDevicesAssignmentTarget" } };

let test: TestTenant;
beforeEach(async () => {
  test = await TestTenant.start();
  test.devices(2, { attributes: { networkDriver: "Contoso 1.0" } });
});
afterEach(() => test.discard());

const view = () => test.tenant.view(tenantDevice(0).deviceId);
const versions = () => view().drivers?.map(({ version }) => version);
const publish = (version: string) =>
  test.tenant.publishDriver({
    ...{ component: "Contoso - Net", manufacturer: "Contoso", driverClass: "Net", version, isRequired: true },
    releasedAt: test.clock.now(),
    deployableUntil: null,
  });

async function profile(body: object): Promise<string> {
  const { json } = await test.post(DRIVERS, { displayName: "D", ...body });
  await test.post(`${DRIVERS}/${json.id}/assign`, { assignments: [everybody] });
  test.pass(60);
  return `${DRIVERS}/${json.id}`;
}

async function act(path: string, actionName: string, ids: readonly string[], deploymentDate?: string): Promise<void> {
  const id = path.split("/").at(-1);
  const driverIds = ids.map((each) => `${each}_${id}`);
  const { json } = await test.post(`${path}/executeAction`, { actionName, driverIds, deploymentDate });
  expect(json).toMatchObject({ value: { failedDriverIds: [], notFoundDriverIds: [] } });
}

describe("the drivers that a device is offered", () => {
  it("are those approved, from their date; the device is told then", async () => {
    const path = await profile({ approvalType: "manual" });
    const id = publish("2.0");
    expect(view().drivers).toBeUndefined();
    await act(path, "approve", [id], "2024-06-13T00:00:00Z");
    expect(view().drivers).toBeUndefined();
    let told = 0;
    test.tenant.onChange((devices) => {
      told += devices === "all" ? 0 : devices.size;
    });
    test.clock.advance(Date.parse("2024-06-13T00:00:00Z"));
    expect(view().drivers).toEqual([{ id, name: "Contoso - Net", version: "2.0", since: test.clock.now() }]);
    expect(told).toBe(2);
  });

  it("are the newest approved one of a part; while it is suspended, the next", async () => {
    const path = await profile({ approvalType: "manual" });
    const ids = ["2.0", "10.0", "3.0"].map(publish);
    await act(path, "approve", ids);
    expect(versions()).toEqual(["10.0"]);
    await act(path, "suspend", ids.slice(1, 2));
    expect(versions()).toEqual(["3.0"]);
    test.tenant.withdrawDriver(ids[2] ?? "");
    expect(versions()).toEqual(["2.0"]);
  });

  it("follow an automatic policy after its deferral", async () => {
    await profile({ approvalType: "automatic", deploymentDeferralInDays: 5 });
    publish("2.0");
    test.pass(5 * DAY - 1);
    expect(view().drivers).toBeUndefined();
    test.pass(1);
    expect(view().drivers).toMatchObject([{ version: "2.0", since: test.clock.now() }]);
  });

  it("are none that the device has, which the inventory does not count any more", async () => {
    const path = await profile({ approvalType: "manual" });
    await act(path, "approve", [publish("2.0")]);
    const counted = async () => items(await test.get(`${path}/driverInventories`))[0]?.applicableDeviceCount;
    expect(await counted()).toBe(2);
    test.tenant.reportInventory(tenantDevice(0).deviceId, { installedDrivers: { "Contoso - Net": "2.0" } });
    expect([view().drivers, await counted()]).toEqual([undefined, 1]);
  });

  it("are none where the ring excludes drivers", async () => {
    const path = await profile({ approvalType: "manual" });
    await act(path, "approve", [publish("2.0")]);
    const rings = `${INTUNE}/deviceConfigurations`;
    const { json } = await test.post(rings, { "@odata.type": RING, displayName: "R", driversExcluded: true });
    await test.post(`${rings}/${json.id}/assign`, { assignments: [everybody] });
    expect(view().drivers).toBeUndefined();
    await test.call("DELETE", `${rings}/${json.id}`);
    expect(versions()).toEqual(["2.0"]);
  });
});
