import { expect, it } from "vitest";
import { defaultGroup } from "../../../../shared/groups/defaults.js";
import type { AppDevice } from "../../../../shared/inventory/devices.js";
import { installedVersions } from "../../../../shared/inventory/inventory.js";
import { officeReport } from "../../../../shared/microsoft-365-apps/report.js";
import { officeUpdateOf } from "../../../../shared/microsoft-365-apps/update.js";
import { microsoft365Apps } from "../../../../shared/microsoft-365-apps/workload.js";

const AT = Date.parse("2024-05-20T00:00:00Z");
const LIST = ["2403", "2404"].map((name, nth) => ({
  ...{ channel: "monthlyEnterprise", name, version: `16.0.1${nth}531.20140` },
  publishedAt: "2024-05-14T17:00:00.000Z",
}));
const [, newest] = LIST;
if (newest === undefined) throw new Error("A version is needed.");
const group = { id: "g", definition: defaultGroup("Workforce"), status: "active", bindings: {} } as const;
const update = officeUpdateOf(newest, LIST, group);

it.each([
  ["newer", "16.0.17628.20144", "current", false],
  ["of the same month", newest.version, "current", false],
  ["of its own channel", newest.version, "monthlyEnterprise", true],
])("the objective and the report of Office agree on a version %s", (_what, version, channel, counts) => {
  const inventory = { office: { version, channel } };
  const device: AppDevice = {
    ...{ deviceId: "d", name: null, groupId: "g", ring: "Test", architecture: "x64", lastCheckInAt: AT },
    ...{ checkedIn: true, inventory, inventoryAt: null, conflictingSettings: [] },
  };
  const report = officeReport({ rings: ["Test"], pins: {}, devices: [device], list: LIST, now: AT });
  const state = microsoft365Apps.stateOf({ osVersion: null, apps: installedVersions(inventory) }, update);
  expect([report.onSupported === 1, state === "upToDate"]).toEqual([counts, counts]);
});
