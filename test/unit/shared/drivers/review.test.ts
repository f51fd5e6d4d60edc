import { describe, expect, it } from "vitest";
import { driversOf } from "../../../../shared/drivers/driver.js";
import { reviewOrders } from "../../../../shared/drivers/review.js";
import { inventoryDriver } from "../../../support/driver-inventory.js";

const drivers = driversOf([
  { ring: "Test", drivers: [inventoryDriver({ id: "aa_1" }), inventoryDriver({ id: "bb_1" })] },
  { ring: "Ring1", drivers: [inventoryDriver({ id: "aa_2", approvalStatus: "suspended" })] },
  { ring: "Ring2", drivers: [inventoryDriver({ id: "aa_3", approvalStatus: "declined" })] },
  { ring: "Last", drivers: [inventoryDriver({ id: "aa_4", category: "other" })] },
]);
const decided = (asked: readonly string[]) =>
  reviewOrders(drivers, asked).map(({ ring, drivers: concerned }) => [ring, concerned.map(({ driverId }) => driverId)]);

describe("An answer about drivers", () => {
  it("is about rings in which they wait and are recommended, so that it needs no justification", () => {
    expect(decided(["aa"])).toEqual([["Test", ["aa"]]]);
  });

  it("is about the drivers of the question alone, and about none that is gone", () => {
    expect(decided(["bb", "gone"])).toEqual([["Test", ["bb"]]]);
    expect(decided(["gone"])).toEqual([]);
  });
});
