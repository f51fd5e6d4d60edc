import { describe, expect, it } from "vitest";
import { type DecisionInput, ordersOf, refuseMalformed } from "../../../../shared/drivers/decisions.js";
import { driversOf } from "../../../../shared/drivers/driver.js";
import { inventoryDriver } from "../../../support/driver-inventory.js";

const NOW = Date.parse("2024-06-12T00:00:00Z");
const decision = (given: Partial<DecisionInput>): DecisionInput => ({
  ...{ action: "approve", driverIds: ["aa"], justification: "Tested." },
  ...given,
});
/** One driver, new in Test, approved in Ring1, declined in Last. */
const drivers = driversOf([
  { ring: "Test", drivers: [inventoryDriver({ id: "aa_1" })] },
  { ring: "Ring1", drivers: [inventoryDriver({ id: "aa_2", approvalStatus: "approved" })] },
  { ring: "Last", drivers: [inventoryDriver({ id: "aa_3", approvalStatus: "declined", category: "other" })] },
]);
const rings = (given: Partial<DecisionInput>) => ordersOf(decision(given), drivers).map(({ ring }) => ring);
const rule = (run: () => unknown) => {
  try {
    run();
  } catch (error) {
    return (error as { details?: { rule?: string } }).details?.rule;
  }
  return undefined;
};

describe("a decision for all policies", () => {
  it("approves everywhere", () => {
    expect(rings({ action: "approve" })).toEqual(["Test", "Ring1", "Last"]);
  });

  it("declines where nobody has reviewed, and leaves what is approved", () => {
    expect(rings({ action: "decline" })).toEqual(["Test", "Last"]);
  });

  it("pauses what is approved alone", () => {
    expect(rings({ action: "pause" })).toEqual(["Ring1"]);
  });
});

describe("a decision for one ring", () => {
  it("never declines what is approved", () => {
    expect(rule(() => rings({ action: "decline", ring: "Ring1" }))).toBe("driverTransition");
  });

  it("does not resume what is not paused, and not pause what is declined", () => {
    expect(rule(() => rings({ action: "resume", ring: "Test" }))).toBe("driverTransition");
    expect(rule(() => rings({ action: "pause", ring: "Last" }))).toBe("driverTransition");
  });

  it("needs a justification where the driver is another than the recommended one there", () => {
    const { justification: _none, ...without } = decision({ action: "approve" });
    expect(rule(() => ordersOf({ ...without, ring: "Last" }, drivers))).toBe("driverJustification");
    expect(ordersOf({ ...without, ring: "Test" }, drivers)).toHaveLength(1);
  });
});

describe("a decision of any kind", () => {
  const ids = (count: number) => Array.from({ length: count }, (_, nth) => `id${nth}`);
  it.each([
    ["101 drivers", { driverIds: ids(101) }, "driverBulkLimit"],
    ["a start in the past", { startsAt: "2024-06-11T00:00:00Z" }, "driverStartDate"],
    ["a start of a pause", { action: "pause", startsAt: "2024-06-13T00:00:00Z" }, "driverStartDate"],
    ["100 drivers", { driverIds: ids(100), startsAt: "2024-06-13T00:00:00Z" }, undefined],
    ["one driver 101 times", { driverIds: Array(101).fill("aa") }, undefined],
  ] as const)("about %s", (_what, given, expected) => {
    expect(rule(() => refuseMalformed(decision(given as Partial<DecisionInput>), NOW))).toBe(expected);
  });
});
