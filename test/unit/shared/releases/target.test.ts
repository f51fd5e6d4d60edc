import { describe, expect, it } from "vitest";
import { defaultGroup } from "../../../../shared/groups/defaults.js";
import { groupSchema } from "../../../../shared/groups/group.js";
import { storedGroupSchema } from "../../../../shared/groups/store.js";
import { hasMoved, movedGroups, targetOf } from "../../../../shared/releases/target.js";

const definition = groupSchema.parse({ ...defaultGroup("Northwind"), hotpatch: false });
const bindings = { Ring1: { entraGroupId: "g1", updateRingPolicyId: "u1" } };
const group = storedGroupSchema.parse({ id: "northwind", definition, bindings });
const TARGET = {
  groupId: "northwind",
  groupName: "Northwind",
  ringName: "Ring1",
  entraGroupId: "g1",
  updateRingPolicyId: "u1",
  hotpatch: false,
};

describe("what a ring's offers go to", () => {
  it("is what its group says now", () => {
    expect(targetOf(group, "Ring1")).toEqual(TARGET);
  });

  it("is nothing while the ring has no directory group", () => {
    expect(targetOf(group, "Ring2")).toBeUndefined();
  });

  it.each([
    ["another directory group", { entraGroupId: "g2" }, true],
    ["another update ring", { updateRingPolicyId: "u2" }, true],
    ["another hotpatch setting", { hotpatch: true }, true],
    ["another name of the group alone", { groupName: "Southwind" }, false],
    ["another spelling of the id", { entraGroupId: "G1" }, false],
  ])("with %s has moved: %#", (_what, change, moved) => {
    expect(hasMoved(TARGET, { ...TARGET, ...change })).toBe(moved);
  });

  it("takes the place of the lost directory group only", () => {
    expect(movedGroups(["wave", "G1"], TARGET, { ...TARGET, entraGroupId: "g2" })).toEqual(["wave", "g2"]);
  });
});
