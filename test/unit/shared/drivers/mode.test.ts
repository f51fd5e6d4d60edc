import { describe, expect, it } from "vitest";
import { driverApprovalIn, switchViolations } from "../../../../shared/drivers/mode.js";
import { defaultGroup } from "../../../../shared/groups/defaults.js";
import { type AutopatchGroupInput, groupSchema } from "../../../../shared/groups/group.js";
import { settingsOf } from "../../../../shared/groups/ring.js";

const group = (given: Partial<AutopatchGroupInput> = {}) => groupSchema.parse({ ...defaultGroup("Sales"), ...given });
const manual = group({ deploymentSettings: { driverApproval: "manual" } });
const ring1 = (driverApproval: "automatic" | "manual") =>
  group({ rings: group().rings.map((ring) => (ring.name === "Ring1" ? { ...ring, driverApproval } : ring)) });

describe("the way of approving drivers", () => {
  it("is that of the group, unless the ring has its own", () => {
    expect(driverApprovalIn(ring1("manual"), "Ring1")).toBe("manual");
    expect(driverApprovalIn(ring1("manual"), "Ring2")).toBe("automatic");
    expect(driverApprovalIn(group({ updateTypes: { driver: false } }), "Ring1")).toBeNull();
  });

  it("is none of the settings that a running release keeps", () => {
    const [, own] = ring1("manual").rings;
    expect(own?.driverApproval).toBe("manual");
    expect(own && settingsOf(own)).not.toHaveProperty("driverApproval");
  });
});

describe("an edit that loses decisions", () => {
  it.each([
    ["another way of approval for the group", group(), manual, 5],
    ["another way for one ring", group(), ring1("manual"), 1],
    ["no driver updates any more", group(), group({ updateTypes: { driver: false } }), 5],
    ["the same way said by the ring", group(), ring1("automatic"), 0],
    ["driver updates for the first time", group({ updateTypes: { driver: false } }), manual, 0],
    ["another description", group(), group({ description: "Other" }), 0],
  ])("%s", (_what, before, after, rings) => {
    const violations = [...switchViolations(before, after, false)];
    expect(violations.flatMap((violation) => violation.rings)).toHaveLength(rings);
    expect([...switchViolations(before, after, true)]).toEqual([]);
  });
});
