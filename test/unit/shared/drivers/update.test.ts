import { describe, expect, it } from "vitest";
import { driversOf } from "../../../../shared/drivers/driver.js";
import { driverUpdateOf } from "../../../../shared/drivers/update.js";
import { inventoryDriver } from "../../../support/driver-inventory.js";

const named = (name: string, manufacturer: string, version: string) => {
  const approved = inventoryDriver({ id: "aa_1", name, manufacturer, version, approvalStatus: "approved" });
  const [driver] = driversOf([{ ring: "Test", drivers: [approved] }]);
  const update = driver && driverUpdateOf(driver, 0);
  return [update?.shortName, update?.displayName];
};

describe("what an approved driver is called", () => {
  it("has maker and version once, whether the publisher wrote them into the name or not", () => {
    const whole = "AMD - Display - 32.0.21236.1000";
    expect(named(whole, "AMD", "32.0.21236.1000")).toEqual([whole, whole]);
    expect(named("Display driver", "AMD", "1.2")).toEqual(["Display driver 1.2", "AMD Display driver 1.2"]);
  });
});
