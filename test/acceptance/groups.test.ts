import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { StoredGroup } from "../../shared/groups/store.js";
import { type Answer, call, type Problem } from "../support/api.js";
import { definitionOf } from "../support/definitions.js";
import { directoryGroup, groupsNamed, membersOf } from "../support/directory.js";
import { GraphReader } from "../support/graph.js";
import { startWorld, type World } from "../support/world.js";

const MINUTE_MS = 60_000;
type View = StoredGroup & { readonly serviceRings: Record<string, string> };

let world: World;
let graph: GraphReader;
let sources: { test: string; last: string; pool: string };
let answer: Answer<View>;

beforeAll(async () => {
  world = await startWorld({ from: "2024-06-03T08:00Z", devices: 8 });
  graph = new GraphReader(world);
  const ids = world.fleet.devices().map(({ objectId }) => objectId);
  sources = {
    test: await directoryGroup(graph, "Sales test PCs", ids.slice(0, 1)),
    last: await directoryGroup(graph, "Sales desks", ids.slice(1, 2)),
    pool: await directoryGroup(graph, "Sales PCs", ids.slice(2)),
  };
  answer = await call<View>(world, "POST", "/groups", { definition: definitionOf("Sales", sources) });
  await world.settle();
});
afterAll(() => world.stop());

const group = async () => (await call<View>(world, "GET", "/groups/sales")).body;
const post = (definition: unknown) => call<Problem>(world, "POST", "/groups", { definition });

describe("a new Autopatch group", () => {
  it("row 19: is being created until its directory groups have replicated, and active then", async () => {
    expect([answer.status, answer.body.id, answer.body.status]).toEqual([201, "sales", "creating"]);
    await world.run(world.now() + 5 * MINUTE_MS);
    await world.settle();
    expect((await group()).status).toBe("active");
  });

  it("row 19: has a directory group called <group> - <ring> for each ring, nested in a parent", async () => {
    const { bindings } = await group();
    const found = await groupsNamed(graph, "Sales - ");
    const rings = ["Test", "Ring1", "Ring2", "Ring3", "Last"].map((ring) => [
      `Sales - ${ring}`,
      bindings[ring]?.entraGroupId,
    ]);
    const { "Sales - All rings": parent, ...ringGroups } = found;
    expect(ringGroups).toEqual(Object.fromEntries(rings));
    expect(await membersOf(graph, parent ?? "")).toEqual(Object.values(ringGroups).sort());
    const all = (await groupsNamed(graph, "Ringmaster - All devices"))["Ringmaster - All devices"];
    expect(await membersOf(graph, all ?? "")).toEqual(expect.arrayContaining(Object.values(ringGroups)));
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
});

describe("rules of a group", () => {
  it("row 6: percentages of 99 and 101 are refused", async () => {
    for (const last of [64, 66]) {
      const { status, body } = await post(definitionOf("Marketing", sources, [10, 25, last]));
      expect([status, body.rule, body.limit]).toEqual([422, "percentTotal", 100]);
    }
  });
});
