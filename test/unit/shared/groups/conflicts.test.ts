import { describe, expect, it } from "vitest";
import { resolveRing } from "../../../../shared/groups/conflicts.js";
import { type Distribution, ringSchema } from "../../../../shared/groups/ring.js";

const guid = (n: number) => `6f000000-0000-4000-8000-${String(n).padStart(12, "0")}`;
const ring = (name: string, distribution: Distribution) => ({
  ...ringSchema.parse({ name, qualityDeferralDays: 1, qualityDeadlineDays: 2, gracePeriodDays: 2 }),
  distribution,
});
const group = {
  rings: [
    ring("Test", { assignedGroupId: guid(1) }),
    ring("Ring1", { dynamicPercent: 20 }),
    ring("Ring2", { assignedGroupId: guid(2) }),
    ring("Ring3", { assignedGroupId: guid(3), dynamicPercent: 40 }),
    ring("Ring4", { assignedGroupId: guid(4), dynamicPercent: 40 }),
    ring("Last", { assignedGroupId: guid(5) }),
  ],
};

describe("a device in several rings of one Autopatch group", () => {
  it.each([
    ["assigned beats the pool", ["Ring2", null], "Ring2"],
    ["a combined ring beats dynamic only", [null, "Ring3"], "Ring3"],
    ["of two assigned rings the later wins", ["Ring2", "Test"], "Ring2"],
    ["of two combined rings the later wins", ["Ring4", "Ring3", null], "Ring4"],
    ["Last is later than every other ring", ["Last", "Ring4", "Test"], "Last"],
  ])("%s", (_, found, winner) => {
    expect(resolveRing(group, found)).toEqual({ kind: "assigned", ring: winner });
  });

  it("stays in the pool when no ring has it assigned", () => {
    expect(resolveRing(group, [null])).toEqual({ kind: "pool" });
  });

  it("is not held in a ring that takes no assigned devices any more", () => {
    expect(resolveRing(group, ["Ring1", null])).toEqual({ kind: "pool" });
  });
});
