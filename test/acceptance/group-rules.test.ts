import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { StoredGroup } from "../../shared/groups/store.js";
import { call, type Problem } from "../support/api.js";
import { definitionOf } from "../support/definitions.js";
import { directoryGroup, directoryGroups, groupsNamed } from "../support/directory.js";
import { GraphReader } from "../support/graph.js";
import { startWorld, type World } from "../support/world.js";

let world: World;
let graph: GraphReader;
/** Directory groups that no Autopatch group uses yet. */
let fresh: string[];

beforeAll(async () => {
  world = await startWorld({ from: "2024-06-03T08:00Z", devices: 8 });
  graph = new GraphReader(world);
  const ids = world.fleet.devices().map(({ objectId }) => objectId);
  const pool = await directoryGroup(graph, "Office PCs", ids);
  fresh = await directoryGroups(
    graph,
    Array.from({ length: 120 }, (_, n) => `PCs ${n}`),
  );
  base = { test: next(), last: next(), pool };
});
afterAll(() => world?.stop());

let base: { test: string; last: string; pool: string };
const next = () => fresh.shift() ?? "";
const post = <T = Problem>(definition: unknown) => call<T>(world, "POST", "/groups", { definition });
const accept = async (definition: unknown) => {
  const { status, body } = await post<StoredGroup & Problem>(definition);
  if (status !== 201) throw new Error(`Refused with ${status}: ${body.detail}`);
  return body;
};
/** A refusal: status, rule, limit and field. */
const refusal = async (definition: unknown) => {
  const { status, body } = await post(definition);
  return [status, body.rule, body.limit, body.field];
};
const names = async () =>
  (await call<{ value: StoredGroup[] }>(world, "GET", "/groups")).body.value.map(({ definition }) => definition.name);
const own = () => ({ test: next(), last: next() });

describe("rings and names", () => {
  it("row 2: 15 rings are accepted and 16 refused", async () => {
    const rings = (count: number) => {
      const definition = definitionOf(`Rings ${count}`, own());
      const [test, last] = definition.rings;
      const middle = Array.from({ length: count - 2 }, (_, n) => ({
        name: `Ring${n + 1}`,
        distribution: { assignedGroupId: next() },
      }));
      return { ...definition, rings: [test, ...middle, last] };
    };
    expect(await refusal(rings(16))).toEqual([400, "maximum", 15, "rings"]);
    expect((await accept(rings(15))).definition.rings).toHaveLength(15);
    expect(await names()).not.toContain("Rings 16");
  });

  it("row 2: a group without Test or without Last is refused", async () => {
    const { rings, ...definition } = definitionOf("Halves", base, [100]);
    expect(await refusal({ ...definition, rings: rings.slice(1) })).toEqual([
      422,
      "firstRing",
      "Test",
      "rings[0].name",
    ]);
    expect(await refusal({ ...definition, rings: rings.slice(0, -1) })).toEqual([
      422,
      "lastRing",
      "Last",
      "rings[1].name",
    ]);
  });

  it("row 3: a name of 64 characters is accepted and one of 65 refused", async () => {
    expect(await refusal(definitionOf("n".repeat(65), own()))).toEqual([400, "maximum", 64, "name"]);
    expect((await accept(definitionOf("n".repeat(64), own()))).definition.name).toHaveLength(64);
  });

  it("row 3: a description of 150 characters is accepted and one of 151 refused", async () => {
    const described = (length: number) => ({
      ...definitionOf(`Described ${length}`, own()),
      description: "d".repeat(length),
    });
    expect(await refusal(described(151))).toEqual([400, "maximum", 150, "description"]);
    expect((await accept(described(150))).definition.description).toHaveLength(150);
  });

  it("row 3: a name that another group has is refused, whatever its case", async () => {
    await accept(definitionOf("Warehouse", own()));
    expect(await refusal(definitionOf("WAREHOUSE", own()))).toEqual([422, "uniqueGroupName", undefined, "name"]);
  });

  it("row 3: of two groups made at once with the same name one is refused", async () => {
    const both = await Promise.all([post(definitionOf("Twins", own())), post(definitionOf("Twins", own()))]);
    expect(both.map(({ status }) => status).sort()).toEqual([201, 422]);
    expect((await names()).filter((name) => name === "Twins")).toHaveLength(1);
  });

  it("row 11: the four presets are accepted and a fifth is refused", async () => {
    const presets = ["informationWorker", "sharedDevice", "kiosksAndBillboards", "rebootSensitive"];
    for (const preset of presets) {
      const { definition } = await accept({ ...definitionOf(`Preset ${preset}`, own()), preset });
      expect([definition.preset, definition.rings.every(({ cadence }) => cadence.type === "deadlineDriven")]).toEqual([
        preset,
        preset !== "rebootSensitive",
      ]);
    }
    expect((await refusal({ ...definitionOf("Preset 5", own()), preset: "servers" }))[3]).toBe("preset");
  });

  it("row 15: 100 scope tags are accepted and 101 refused", async () => {
    const tagged = (count: number) => ({
      ...definitionOf(`Tags ${count}`, own()),
      scopeTagIds: Array.from({ length: count }, (_, n) => String(n)),
    });
    expect(await refusal(tagged(101))).toEqual([400, "maximum", 100, "scopeTagIds"]);
    expect((await accept(tagged(100))).definition.scopeTagIds).toHaveLength(100);
  });
});

describe("distribution", () => {
  it("row 5: Test and Last refuse a share of the pool", async () => {
    for (const [index, ring] of [
      [0, "Test"],
      [2, "Last"],
    ] as const) {
      const definition = definitionOf("Shares", base, [90]);
      const rings = definition.rings.map((each) =>
        each.name === ring ? { ...each, distribution: { assignedGroupId: next(), dynamicPercent: 10 } } : each,
      );
      const field = `rings[${index}].distribution.dynamicPercent`;
      expect(await refusal({ ...definition, rings })).toEqual([422, "assignedOnly", undefined, field]);
    }
  });

  it("row 5: Test and Last need a directory group and refuse a second one", async () => {
    for (const [index, ring] of [
      [0, "Test"],
      [1, "Last"],
    ] as const) {
      const definition = definitionOf("Seconds", own());
      const given = (distribution: unknown) => ({
        ...definition,
        rings: definition.rings.map((each) => (each.name === ring ? { ...each, distribution } : each)),
      });
      const field = `rings[${index}].distribution.assignedGroupId`;
      expect(await refusal(given({}))).toEqual([422, "oneDirectoryGroup", 1, field]);
      expect((await refusal(given({ assignedGroupId: [next(), next()] })))[3]).toBe(field);
    }
    expect(await names()).not.toContain("Seconds");
  });

  it("row 6: dynamic percentages of 100 are accepted, 99 and 101 refused", async () => {
    for (const last of [64, 66]) {
      const field = "rings[1].distribution.dynamicPercent";
      expect(await refusal(definitionOf("Percents", base, [10, 25, last]))).toEqual([422, "percentTotal", 100, field]);
    }
    const { definition } = await accept(definitionOf("Percents", base, [10, 25, 65]));
    expect(definition.rings.map(({ distribution }) => distribution.dynamicPercent)).toEqual([
      undefined,
      10,
      25,
      65,
      undefined,
    ]);
  });

  it("row 9: a directory group that another ring or pool uses is refused, saying where", async () => {
    const { test, last, pool } = base;
    const again = async (sources: { test: string; last: string; pool?: string }) => {
      const { status, body } = await post<Problem & { usedIn?: string }>(definitionOf("Reuse", sources));
      return [status, body.rule, body.field, body.usedIn];
    };
    const rule = "directoryGroupUsedOnce";
    expect(await again({ test: next(), last: test })).toEqual([
      422,
      rule,
      "rings[1].distribution.assignedGroupId",
      "ring Test of Autopatch group Percents",
    ]);
    expect(await again({ test: next(), last: next(), pool: last })).toEqual([
      422,
      rule,
      "dynamicGroupIds[0]",
      "ring Last of Autopatch group Percents",
    ]);
    expect(await again({ test: pool, last: next() })).toEqual([
      422,
      rule,
      "rings[0].distribution.assignedGroupId",
      "the dynamic pool of Autopatch group Percents",
    ]);
    const twice = next();
    expect((await again({ test: twice, last: twice })).slice(1, 3)).toEqual([
      rule,
      "rings[1].distribution.assignedGroupId",
    ]);
  });

  it("row 10: a directory group of users is refused, also when the user is nested; one of devices is not", async () => {
    const [user] = world.tenant.addUsers([
      { displayName: "Ada", userPrincipalName: "ada@contoso.example", accountEnabled: true },
    ]);
    const users = await directoryGroup(graph, "People", [user ?? ""]);
    const nested = await directoryGroup(graph, "Departments", [users]);
    for (const group of [users, nested]) {
      const field = "rings[1].distribution.assignedGroupId";
      expect(await refusal(definitionOf("Humans", { test: next(), last: group }))).toEqual([
        422,
        "deviceGroup",
        undefined,
        field,
      ]);
    }
    const unknown = "6f000000-0000-4000-8000-000000000000";
    expect((await refusal(definitionOf("Humans", { test: unknown, last: next() })))[1]).toBe("directoryGroupExists");
    expect(await groupsNamed(graph, "Humans - ")).toEqual({});
    const devices = world.fleet.devices().map(({ objectId }) => objectId);
    await accept(definitionOf("Humans", { test: await directoryGroup(graph, "Lab PCs", devices), last: next() }));
  });
});
