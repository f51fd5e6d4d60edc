import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { StoredGroup } from "../../shared/groups/store.js";
import { type Answer, call, type Problem } from "../support/api.js";
import { definitionOf } from "../support/definitions.js";
import { pass } from "../support/devices.js";
import { directoryGroup, groupsNamed, membersOf } from "../support/directory.js";
import { GraphReader, type IntuneRing } from "../support/graph.js";
import { Person } from "../support/people.js";
import { startWorld, type World } from "../support/world.js";

type View = StoredGroup & { readonly serviceRings: Record<string, string> };

let world: World;
let graph: GraphReader;
let sources: { test: string; last: string; pool: string };
let made: Answer<View>;

beforeAll(async () => {
  world = await startWorld({ from: "2024-06-03T08:00Z", devices: 8 });
  graph = new GraphReader(world);
  const ids = world.fleet.devices().map(({ objectId }) => objectId);
  sources = {
    test: await directoryGroup(graph, "Sales test PCs", ids.slice(0, 1)),
    last: await directoryGroup(graph, "Sales desks", ids.slice(1, 2)),
    pool: await directoryGroup(graph, "Sales PCs", ids.slice(2)),
  };
  made = await call<View>(world, "POST", "/groups", { definition: definitionOf("Sales", sources) });
  await world.settle();
});
afterAll(() => world?.stop());

const group = async () => (await call<View>(world, "GET", "/groups/sales")).body;

/** Names of the update rings in Intune that are assigned to a directory group. */
async function policiesOf(groupId: string): Promise<string[]> {
  const rings = await graph.list<IntuneRing & { assignments: { target: { groupId: string } }[] }>(
    "beta/deviceManagement/deviceConfigurations?$expand=assignments",
  );
  return rings
    .filter(({ assignments }) => assignments.some(({ target }) => target.groupId === groupId))
    .map(({ displayName }) => displayName.replace(/ \[.*/, ""));
}

describe("a new Autopatch group", () => {
  it("row 19: is being created until its directory groups have replicated, and active then", async () => {
    expect([made.status, made.body.id, made.body.status]).toEqual([201, "sales", "creating"]);
    await pass(world, 5);
    expect((await group()).status).toBe("active");
  });

  it("row 19: has a directory group called <group> - <ring> for each ring, nested in a parent", async () => {
    const { bindings } = await group();
    const { "Sales - All rings": parent, ...ringGroups } = await groupsNamed(graph, "Sales - ");
    const rings = ["Test", "Ring1", "Ring2", "Ring3", "Last"];
    expect(ringGroups).toEqual(
      Object.fromEntries(rings.map((ring) => [`Sales - ${ring}`, bindings[ring]?.entraGroupId])),
    );
    expect(await membersOf(graph, parent ?? "")).toEqual(Object.values(ringGroups).sort());
    const all = (await groupsNamed(graph, "Ringmaster - All devices"))["Ringmaster - All devices"];
    expect(await membersOf(graph, all ?? "")).toEqual(expect.arrayContaining(Object.values(ringGroups)));
  });

  it("row 19: has its policies assigned to the group of their ring", async () => {
    expect(await policiesOf((await group()).bindings.Ring2?.entraGroupId ?? "")).toEqual([
      "Ringmaster Sales - Ring2 update ring",
    ]);
  });

  it("row 20: maps Test, Ring1 and Ring2 to Test, First and Fast, all others to Broad", async () => {
    expect((await group()).serviceRings).toEqual({
      Test: "Test",
      Ring1: "First",
      Ring2: "Fast",
      Ring3: "Broad",
      Last: "Broad",
    });
  });

  it("row 12: a deadline on a Sunday is shown on the Monday after", async () => {
    interface Dates {
      readonly ring: string;
      readonly deadlineAt: string;
      readonly shownDeadlineAt: string;
    }
    const schedule = (month: string) => call<{ rings: Dates[] }>(world, "GET", `/groups/sales/schedule?month=${month}`);
    const shown = async (month: string, ring: string) => {
      const dates = (await schedule(month)).body.rings.find((each) => each.ring === ring);
      return [dates?.deadlineAt.slice(0, 10), dates?.shownDeadlineAt.slice(0, 10)];
    };
    // Second Tuesday of November 2026 is the 10th; Ring2 is offered on the 15th and due on the 17th.
    expect(await shown("2026-11", "Ring2")).toEqual(["2026-11-17", "2026-11-17"]);
    const definition = (await group()).definition;
    const rings = definition.rings.map((ring) => ({
      ...ring,
      ...(ring.name === "Ring2" && { qualityDeferralDays: 3 }),
    }));
    await call(world, "PUT", "/groups/sales", { definition: { ...definition, rings } });
    expect(await shown("2026-11", "Ring2")).toEqual(["2026-11-15", "2026-11-16"]);
    await call(world, "PUT", "/groups/sales", { definition });
  });
});

describe("editing", () => {
  it("row 4: Edit cannot change the name", async () => {
    const { definition } = await group();
    const { status, body } = await call(world, "PUT", "/groups/sales", {
      definition: { ...definition, name: "Vendors" },
    });
    expect([status, body.rule, body.field]).toEqual([422, "rename", "name"]);
    expect((await group()).definition.name).toBe("Sales");
  });

  it("row 11: the preset cannot be changed after creation", async () => {
    const { definition } = await group();
    const changed = { ...definition, preset: "sharedDevice" };
    const { status, body } = await call(world, "PUT", "/groups/sales", { definition: changed });
    expect([status, body.rule, body.limit]).toEqual([422, "presetFixed", "informationWorker"]);
  });

  it("row 11: edited ring values go back to those of the preset, of one ring or of all", async () => {
    const { definition } = await group();
    const rings = definition.rings.map((ring) =>
      ring.name.startsWith("Ring") ? { ...ring, qualityDeferralDays: 7, gracePeriodDays: 4 } : ring,
    );
    await call(world, "PUT", "/groups/sales", { definition: { ...definition, rings } });
    const deferrals = async () =>
      (await group()).definition.rings.map(({ qualityDeferralDays }) => qualityDeferralDays);
    await call(world, "POST", "/groups/sales/reset-to-preset", { rings: ["Ring2"] });
    expect(await deferrals()).toEqual([0, 7, 5, 7, 10]);
    await call(world, "POST", "/groups/sales/reset-to-preset", {});
    expect((await group()).definition).toEqual(definition);
  });

  it("row 11: a ring that is added lies between its neighbours and leaves the others as they were", async () => {
    const before = (await group()).definition.rings;
    const assignedGroupId = await directoryGroup(graph, "Sales pilots");
    const body = { name: "Pilots", after: "Ring1", distribution: { assignedGroupId } };
    expect((await call(world, "POST", "/groups/sales/rings", body)).status).toBe(201);
    const { Pilots: added, ...others } = Object.fromEntries(
      (await group()).definition.rings.map((ring) => [ring.name, ring]),
    );
    expect(Object.values(others)).toEqual(before);
    expect((await group()).definition.rings.map(({ name }) => name).indexOf("Pilots")).toBe(2);
    expect([added?.qualityDeferralDays, added?.qualityDeadlineDays, added?.gracePeriodDays]).toEqual([3, 2, 2]);
    await pass(world, 5);
    expect([(await group()).status, Object.keys(await groupsNamed(graph, "Sales - Pilots"))]).toEqual([
      "active",
      ["Sales - Pilots"],
    ]);
  });

  it("row 2: a middle ring can be deleted, and its directory group and policies go with it", async () => {
    const { entraGroupId } = (await group()).bindings.Pilots ?? {};
    expect((await call(world, "DELETE", "/groups/sales/rings/Pilots")).status).toBe(200);
    await pass(world, 1);
    expect(await groupsNamed(graph, "Sales - Pilots")).toEqual({});
    expect(await policiesOf(entraGroupId ?? "")).toEqual([]);
    expect(Object.keys((await group()).bindings)).not.toContain("Pilots");
  });

  it("row 2: Test and Last can neither be deleted nor renamed", async () => {
    for (const [index, ring] of [
      [0, "Test"],
      [4, "Last"],
    ] as const) {
      const deleted = await call(world, "DELETE", `/groups/sales/rings/${ring}`);
      expect([deleted.status, deleted.body.rule]).toEqual([422, "fixedRing"]);
      const { definition } = await group();
      const rings = definition.rings.map((each, place) => (place === index ? { ...each, name: "Pilots" } : each));
      const renamed = await call(world, "PUT", "/groups/sales", { definition: { ...definition, rings } });
      expect([renamed.status, renamed.body.field]).toEqual([422, `rings[${index}].name`]);
    }
    expect(Object.keys((await group()).bindings).sort()).toEqual(["Last", "Ring1", "Ring2", "Ring3", "Test"]);
  });

  it("row 13: a group that no release uses is deleted with its directory groups and policies", async () => {
    const definition = definitionOf("Interns", {
      test: await directoryGroup(graph, "Intern tests"),
      last: await directoryGroup(graph, "Interns of old"),
    });
    await call(world, "POST", "/groups", { definition });
    await pass(world, 5);
    const rings = await groupsNamed(graph, "Interns - ");
    expect(Object.keys(rings)).toHaveLength(3);
    expect((await call<View>(world, "DELETE", "/groups/interns")).body.status).toBe("deleting");
    await pass(world, 1);
    expect(await groupsNamed(graph, "Interns - ")).toEqual({});
    expect(await policiesOf(rings["Interns - Test"] ?? "")).toEqual([]);
    expect((await call(world, "GET", "/groups/interns")).status).toBe(404);
    expect(Object.keys(await groupsNamed(graph, "Intern tests"))).toEqual(["Intern tests"]);
  });

  it("row 99: a directory group that was deleted is made again within the hour, with its policies assigned", async () => {
    const before = (await groupsNamed(graph, "Sales - "))["Sales - Test"];
    await graph.delete(`v1.0/groups/${before}`);
    await pass(world, 62);
    const after = (await groupsNamed(graph, "Sales - "))["Sales - Test"] ?? "";
    expect(after).not.toBe(before);
    expect(await policiesOf(after)).toEqual(["Ringmaster Sales - Test update ring"]);
    expect((await group()).bindings.Test?.entraGroupId).toBe(after);
  });

  it("row 99: a directory group that was renamed has its name back within the hour", async () => {
    const id = (await groupsNamed(graph, "Sales - "))["Sales - Last"];
    await graph.patch(`v1.0/groups/${id}`, { displayName: "My group" });
    await pass(world, 62);
    expect((await groupsNamed(graph, "Sales - "))["Sales - Last"]).toBe(id);
  });

  it("row 9: a directory group of the service cannot be the source of another group", async () => {
    const test = (await groupsNamed(graph, "Sales - "))["Sales - Last"] ?? "";
    const definition = definitionOf("Other", { test, last: await directoryGroup(graph, "Other PCs") });
    const { status, body } = await call(world, "POST", "/groups", { definition });
    expect([status, body.rule]).toEqual([422, "serviceGroup"]);
  });

  it("row 4: Rename gives directory groups and policies the new name and keeps everything else", async () => {
    const before = await group();
    const { status } = await call(world, "POST", "/groups/sales/rename", { name: "Field sales" });
    expect(status).toBe(200);
    await pass(world, 1);
    const after = await group();
    expect(after.definition).toEqual({ ...before.definition, name: "Field sales" });
    const ids = Object.values(await groupsNamed(graph, "Field sales - ")).sort();
    const bound = [...Object.values(before.bindings).map(({ entraGroupId }) => entraGroupId), before.parentGroupId];
    expect(ids).toEqual(bound.sort());
    expect(await groupsNamed(graph, "Sales - ")).toEqual({});
    expect(await policiesOf(after.bindings.Ring2?.entraGroupId ?? "")).toEqual([
      "Ringmaster Field sales - Ring2 update ring",
    ]);
  });

  it("row 14: their group is Pending Assignment until somebody without scope completes it, within 10 minutes", async () => {
    const scoped = new Person(world, "Scoped Sam", ["Administrator"]);
    await call(world, "PUT", `/roles/assignments/${scoped.oid}`, { role: "Administrator", scopeTagIds: ["7"] });
    const definition = {
      ...definitionOf("Branch office", {
        test: await directoryGroup(graph, "Branch tests"),
        last: await directoryGroup(graph, "Branch PCs"),
      }),
      scopeTagIds: ["7"],
    };
    expect((await scoped.call("POST", "/groups", { definition: { ...definition, scopeTagIds: ["8"] } })).status).toBe(
      403,
    );
    const created = await scoped.call<StoredGroup>("POST", "/groups", { definition });
    expect([created.status, created.body.status]).toEqual([201, "pendingAssignment"]);
    const path = "/groups/branch-office";
    const status = async () => (await call<StoredGroup>(world, "GET", path)).body.status;
    await pass(world, 30);
    expect(await status()).toBe("pendingAssignment");
    expect((await scoped.call("POST", `${path}/complete-assignments`)).status).toBe(403);
    expect((await call(world, "POST", `${path}/complete-assignments`)).status).toBe(202);
    await pass(world, 10);
    expect(await status()).toBe("active");
    expect((await call(world, "POST", `${path}/complete-assignments`)).status).toBe(409);
  });

  it("row 13: deletion is refused while the group is in an active release, also while that is paused", async () => {
    await world.run(Date.parse("2024-06-12T09:00:00Z"));
    await world.settle();
    const { body: releases } = await call<{ value: { id: string; group: { id: string } }[] }>(
      world,
      "GET",
      "/releases",
    );
    const release = releases.value.find((each) => each.group.id === "sales");
    const refused = await call(world, "DELETE", "/groups/sales");
    expect([refused.status, refused.body.rule]).toEqual([409, "groupInRelease"]);
    await call(world, "POST", `/releases/${release?.id}/pause`, { justification: "held for the test" });
    await world.settle();
    const paused = await call<Problem>(world, "DELETE", "/groups/sales");
    expect([paused.status, paused.body.rule]).toEqual([409, "groupInRelease"]);
    expect((await group()).status).toBe("active");
  });
});
