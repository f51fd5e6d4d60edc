import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { defaultGroup } from "../../../../shared/groups/defaults.js";
import { planMemberships, settle } from "../../../../shared/registration/memberships.js";
import { record } from "./records.js";

const group = defaultGroup("Contoso");
const RINGS = group.rings.map(({ name }) => name);
const one = record();
const members = (...inRings: string[]) =>
  new Map(RINGS.map((ring) => [ring, new Set(inRings.includes(ring) ? [one.objectId] : [])]));
const plan = (patch: Parameters<typeof record>[0], ...inRings: string[]) => {
  const { add, remove, changed, settled } = planMemberships(group, [record(patch)], members(...inRings));
  return { add: [...add.keys()], remove: [...remove.keys()], changed, settled: settled.length === 1 };
};

describe("ring memberships", () => {
  it("need nothing when the device is in its ring alone", () => {
    expect(plan({ ring: "Ring2" }, "Ring2")).toEqual({ add: [], remove: [], changed: [], settled: true });
  });

  it("follow an admin's move out of Test, and into Test", () => {
    const pending = { ringAssignedBy: "Pending", leaving: ["Test"] } as const;
    expect(plan({ ...pending, ring: "Ring1" }, "Test")).toMatchObject({ add: ["Ring1"], remove: ["Test"] });
    expect(plan({ ...pending, leaving: [], ring: "Test" }, "Ring1")).toMatchObject({
      add: ["Test"],
      remove: ["Ring1"],
    });
  });

  it("follow the service out of Test when the device's source changed", () => {
    const moved = plan({ ring: "Ring1", leaving: ["Test"] }, "Test");
    expect(moved).toMatchObject({ add: ["Ring1"], remove: ["Test"], changed: [], settled: false });
  });

  it("made by hand in Test become an admin's move", () => {
    const { remove, changed } = plan({ ring: "Ring1" }, "Ring1", "Test");
    expect(remove).toEqual(["Ring1"]);
    expect(changed[0]).toMatchObject({ ring: "Test", ringAssignedBy: "Admin" });
  });

  it("in both Test and Last are left alone, whichever the device's ring is", () => {
    for (const ring of ["Test", "Last"]) {
      expect(plan({ ring }, "Test", "Last")).toMatchObject({ add: [], remove: [], changed: [] });
    }
  });

  const other = record({ deviceId: "d0000000-0000-4000-8000-000000000002", ring: "Test", ringAssignedBy: "Admin" });
  it("taken away by hand from a device in Test give it a ring other than Test and Last", () => {
    const inTest = record({ ring: "Test", ringAssignedBy: "Admin" });
    const present = members().set("Test", new Set([other.objectId]));
    const { add, changed } = planMemberships(group, [inTest, other], present);
    expect(["Ring1", "Ring2", "Ring3"]).toContain(changed[0]?.ring);
    expect([...add.keys()]).toEqual([changed[0]?.ring]);
  });

  it("come back when the whole group was lost and made again, or when the definition says Test", () => {
    expect(plan({ ring: "Test", ringAssignedBy: "Admin" })).toMatchObject({ add: ["Test"], changed: [] });
    const assigned = record({ ring: "Test", found: [{ groupId: "contoso", ring: "Test" }] });
    const present = members().set("Test", new Set([other.objectId]));
    expect([...planMemberships(group, [assigned, other], present).add.keys()]).toEqual(["Test"]);
  });

  it("wait while a ring has no directory group", () => {
    const present = members();
    present.delete("Ring1");
    expect(planMemberships(group, [one], present)).toMatchObject({ add: new Map(), settled: [] });
  });

  it("carried out leave nothing to do, and the device in one ring beside what hands put into Test and Last", () => {
    const anyRing = fc.constantFrom(...RINGS);
    const anyRecord = fc.record({
      ring: anyRing,
      ringAssignedBy: fc.constantFrom("Service" as const, "Pending" as const, "Admin" as const),
      leaving: fc.subarray(["Test", "Last"]),
    });
    fc.assert(
      fc.property(anyRecord, fc.subarray(RINGS), (patch, inRings) => {
        const before = record({ ...patch, leaving: patch.leaving.filter((ring) => ring !== patch.ring) });
        const first = planMemberships(group, [before], members(...inRings));
        const after = new Set([...inRings, ...first.add.keys()].filter((ring) => !first.remove.has(ring)));
        const now = first.changed[0] ?? before;
        const second = planMemberships(group, [now], members(...after));
        expect([...second.add, ...second.remove, ...second.changed]).toEqual([]);
        expect(after.has(now.ring ?? "")).toBe(true);
        expect([...after].filter((ring) => ring !== now.ring && !["Test", "Last"].includes(ring))).toEqual([]);
      }),
    );
  });
});

it("a device that has arrived was moved by an admin when that was pending", () => {
  expect(settle(record({ ringAssignedBy: "Pending", leaving: ["Test"] }))).toMatchObject({
    ringAssignedBy: "Admin",
    leaving: [],
  });
  expect(settle(record({ ringAssignedBy: "Service" })).ringAssignedBy).toBe("Service");
});
