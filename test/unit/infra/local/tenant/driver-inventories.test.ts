import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compareVersions } from "../../../../../shared/drivers/version.js";
import { deviceSynthesiser } from "../../../../../shared/model/index.js";
import { tenantDevice } from "../../../../support/tenant-device.js";
import { INTUNE, items, TestTenant } from "./support.js";

const DRIVERS = `${INTUNE}/windowsDriverUpdateProfiles`;
const everybody = { target: { "@odata.type": "#microsoft.graph.allDevicesAssignmentTarget" } };

let test: TestTenant;
let policy: string;
/** Hardware as the fleet has it. */
const attributes = (nth: number) => ({ ...deviceSynthesiser(1)(nth).attributes });
beforeAll(async () => {
  test = await TestTenant.start();
  test.tenant.addDevices(
    Array.from({ length: 200 }, (_, nth) => {
      const hardware = attributes(nth);
      return tenantDevice(nth, { attributes: hardware, model: hardware.model, manufacturer: hardware.manufacturer });
    }),
  );
  const { json } = await test.post(DRIVERS, {
    displayName: "D",
    approvalType: "automatic",
    deploymentDeferralInDays: 5,
  });
  policy = `${DRIVERS}/${json.id}`;
  await test.post(`${policy}/assign`, { assignments: [everybody] });
});
afterAll(() => test.discard());

const inventory = async () => items(await test.get(`${policy}/driverInventories?$top=999`));

describe("the driver inventory of a policy", () => {
  it("is empty until the devices have been asked", async () => {
    expect(await inventory()).toEqual([]);
    expect((await test.get(policy)).json.inventorySyncStatus).toMatchObject({ driverInventorySyncState: "pending" });
    test.pass(60);
    expect((await test.get(policy)).json.inventorySyncStatus).toMatchObject({ driverInventorySyncState: "success" });
    expect((await inventory()).length).toBeGreaterThan(20);
  });

  it("has drivers of each class for the fleet's hardware, newer than what devices have", async () => {
    const drivers = await inventory();
    const classes = new Set(drivers.map(({ driverClass }) => driverClass));
    expect([...classes].sort()).toEqual(["Display", "Firmware", "Net"]);
    const nvidia = drivers.filter(({ name }) => String(name).startsWith("NVIDIA - Display"));
    for (const { version } of nvidia) expect(compareVersions(String(version), "32.0.15.7652")).toBeGreaterThan(0);
    const withNvidia = Array.from({ length: 200 }, (_, nth) => attributes(nth)).filter(({ gpuDriver }) =>
      gpuDriver.startsWith("NVIDIA"),
    );
    for (const { applicableDeviceCount } of nvidia) expect(applicableDeviceCount).toBe(withNvidia.length);
  });

  it("recommends one version of a part at most, and no firmware", async () => {
    const recommended = (await inventory()).filter(({ category }) => category === "recommended");
    const parts = recommended.map(({ name, version }) => String(name).replace(String(version), ""));
    expect(parts.length).toBeGreaterThan(3);
    expect(new Set(parts).size).toBe(parts.length);
    expect(recommended.map(({ driverClass }) => driverClass)).not.toContain("Firmware");
    for (const { approvalStatus, deployDateTime } of recommended) {
      expect([approvalStatus, deployDateTime]).toEqual(["approved", "2024-06-16T12:00:00Z"]);
    }
  });

  it("has new versions as months go by, the oldest of which expire", async () => {
    const before = new Set((await inventory()).map(({ id }) => id));
    test.pass(200 * 86_400);
    const after = new Set((await inventory()).map(({ id }) => id));
    expect([...after].filter((id) => !before.has(id)).length).toBeGreaterThan(10);
    expect([...before].some((id) => !after.has(id))).toBe(true);
  });
});
