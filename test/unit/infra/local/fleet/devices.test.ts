import { describe, expect, test } from "vitest";
import { bench } from "./fake-tenant.js";

describe("the devices of a fleet", () => {
  test("meet every prerequisite of registration", async () => {
    const { tenant, clock } = await bench({ size: 400 });
    const devices = [...tenant.devices.values()];
    expect(new Set(devices.map(({ serialNumber }) => serialNumber)).size).toBe(400);
    const failing = devices.filter((device) => {
      const { skuFamily, ownerType, joinType, model, manufacturer, osVersion, managed, managementAgent } = device;
      const age = clock.now() - Date.parse(device.lastSyncDateTime);
      const named = model !== "" && manufacturer !== "" && device.serialNumber !== "";
      const windows = skuFamily === "Enterprise" && Number(osVersion.split(".")[2]) >= 17_763;
      const x86 = (device.processorArchitecture ?? device.attributes.architecture) === "x86";
      const own = ownerType === "company" && joinType !== "azureADRegistered" && managed !== false;
      return !named || !windows || x86 || !own || managementAgent !== undefined || age > 28 * 86_400_000;
    });
    expect(failing).toEqual([]);
  });
});
