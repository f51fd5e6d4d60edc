import { describe, expect, it } from "vitest";
import { driversOf } from "../../../../shared/drivers/driver.js";
import { offeredInRing } from "../../../../shared/drivers/offered.js";
import { compareVersions } from "../../../../shared/drivers/version.js";
import { driverPoliciesView, driverView } from "../../../../shared/drivers/view.js";
import { inventoryDriver } from "../../../support/driver-inventory.js";

const NOW = Date.parse("2024-06-12T00:00:00Z");
const approved = (id: string, version: string, deployDateTime: string | null = null) =>
  inventoryDriver({ id, version, approvalStatus: "approved", deployDateTime });

describe("versions of drivers", () => {
  it.each([
    ["31.0.101.4502", "31.0.101.999"],
    ["10.0", "9.9.9"],
    ["1.0.1", "1.0"],
  ])("%s is newer than %s", (newer, older) => {
    expect(compareVersions(newer, older)).toBeGreaterThan(0);
    expect(compareVersions(older, newer)).toBeLessThan(0);
  });

  it("are the same whatever zeros follow", () => {
    expect(compareVersions("1.0", "1.0.0")).toBe(0);
  });
});

describe("the drivers of a group", () => {
  it("are one for each of the catalogue, with its state in every ring that needs it", () => {
    const [driver, ...others] = driversOf([
      { ring: "Test", drivers: [inventoryDriver({ id: "aa_1", approvalStatus: "approved" })] },
      {
        ring: "Ring1",
        drivers: [inventoryDriver({ id: "aa_2", approvalStatus: "suspended", category: "previouslyApproved" })],
      },
      { ring: "Last", drivers: [inventoryDriver({ id: "aa_3", applicableDeviceCount: 0 })] },
    ]);
    expect(others).toEqual([]);
    expect(driver).toMatchObject({ id: "aa", name: "Contoso - Net - 2.0", version: "2.0" });
    expect(driver?.rings).toMatchObject([
      { ring: "Test", status: "Approved", category: "recommended", devices: 2 },
      { ring: "Ring1", status: "Paused", category: "other", devices: 2 },
    ]);
  });

  it("are shown with their statuses worst first, and counted by policy", () => {
    const inventory = [
      { ring: "Test", drivers: [inventoryDriver({ id: "aa_1", approvalStatus: "approved" })] },
      { ring: "Ring1", drivers: [inventoryDriver({ id: "aa_2" })] },
    ];
    const drivers = driversOf(inventory);
    const [view] = drivers.map((driver) => driverView(drivers, driver, NOW));
    expect(view).toMatchObject({ devices: 4, statuses: ["Needs review", "Approved"] });
    const [policy] = driverPoliciesView(
      inventory.map((each) => ({ ...each, policyId: "p", name: "P", approval: "manual", deferralDays: null })),
    ).rings;
    expect(policy?.deferralDays).toBe("Not applicable");
    expect(policy?.drivers.map(({ status, count }) => [status, count])).toEqual([
      ...[
        ["Needs review", 0],
        ["Paused", 0],
        ["Declined", 0],
        ["Approved", 1],
      ],
    ]);
  });
});

describe("what is offered in a ring", () => {
  const offered = (...drivers: ReturnType<typeof inventoryDriver>[]) => {
    const [first, ...others] = driversOf([{ ring: "Test", drivers }]);
    return first && offeredInRing([first, ...others], first, "Test", NOW)?.version;
  };
  const paused = inventoryDriver({ id: "a_1", version: "4.0", approvalStatus: "suspended" });

  it("is the next latest approved version where the driver is paused", () => {
    expect(offered(paused, approved("b_1", "2.0"), approved("c_1", "3.0"))).toBe("3.0");
  });

  it("is nothing where no other version is approved, and no driver of another part", () => {
    const other = inventoryDriver({
      id: "d_1",
      name: "Contoso - Display - 9.0",
      version: "9.0",
      driverClass: "Display",
    });
    expect(offered(paused, { ...other, approvalStatus: "approved" })).toBeUndefined();
  });

  it("is no version whose day has not come", () => {
    expect(offered(paused, approved("b_1", "2.0"), approved("c_1", "3.0", "2024-06-13T00:00:00Z"))).toBe("2.0");
  });
});
