import { describe, expect, it } from "vitest";
import { loadScenario } from "../../../../../infra/local/fleet/index.js";
import { Population } from "../../../../../infra/local/fleet/population.js";
import { DevicesTenant } from "../../../../../infra/local/in-process/devices-tenant.js";
import { sampleGroup } from "../../../../../infra/local/in-process/sample-group.js";
import { Register } from "../../../../../infra/local/year/register.js";
import { addDays, iso } from "../../../../../shared/calendar/days.js";

const START = Date.parse("2024-01-01T00:00:00Z");
const SURVEYED = Date.parse("2024-02-05T04:20:00Z");
const tenant = new DevicesTenant();
const population = new Population({
  ...{ tenant, seed: 1, size: 30, scenario: loadScenario("nominal"), startedAt: START },
});
tenant.addDevices(population.devices.map(({ record }) => record));
const { group, enrolled } = sampleGroup({ devices: 30, gate: "enforce" }, population, tenant);
const [silent, failing, ...others] = population.devices.map(({ deviceId }) => deviceId);

describe("the register of a year", () => {
  const register = new Register(group, tenant, enrolled);
  const stateOf = (deviceId = "") => register.devices().get(deviceId)?.state;

  it("judges devices by their last check-in as the daily survey does, and by what agents told", () => {
    for (const deviceId of [failing, ...others]) {
      tenant.reportInventory(deviceId ?? "", { lastSyncDateTime: iso(addDays(SURVEYED, -28)) });
    }
    tenant.reportInventory(silent ?? "", { lastSyncDateTime: iso(addDays(SURVEYED, -29)) });
    const check = "Internet connectivity" as const;
    const data = { deviceId: failing ?? "", checks: [{ check, passed: false, reason: "offline" }] };
    const envelope = {
      specversion: "1.0",
      id: "1",
      source: "/devices/1",
      type: "ringmaster.device.readiness",
    } as const;
    register.hear([{ ...envelope, time: iso(addDays(SURVEYED, -1)), data }], SURVEYED);
    register.survey(SURVEYED);
    expect(stateOf(silent)).toBe("Prerequisites failed");
    expect(stateOf(failing)).toBe("Not ready");
    expect(new Set(others.map(stateOf))).toEqual(new Set(["Ready"]));
  });

  it("stands until the next survey", () => {
    tenant.reportInventory(silent ?? "", { lastSyncDateTime: iso(SURVEYED) });
    expect(stateOf(silent)).toBe("Prerequisites failed");
    register.survey(addDays(SURVEYED, 1));
    expect(stateOf(silent)).toBe("Ready");
  });

  it("keeps devices in the rings of the sample group", () => {
    const rings = new Map([...register.devices().values()].map(({ deviceId, ring }) => [deviceId, ring]));
    expect(rings).toEqual(new Map(enrolled.map(({ deviceId, ring }) => [deviceId, ring])));
  });
});
