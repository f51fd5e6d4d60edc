import { afterAll, beforeAll, expect, it } from "vitest";
import type { StoredGroup } from "../../shared/groups/store.js";
import { call } from "../support/api.js";
import { definitionOf } from "../support/definitions.js";
import { directoryGroups } from "../support/directory.js";
import { GraphReader } from "../support/graph.js";
import { startWorld, type World } from "../support/world.js";

interface Groups {
  readonly value: readonly StoredGroup[];
  readonly canCreate: boolean;
  readonly limit: number;
}

let world: World;
let definitions: ReturnType<typeof definitionOf>[];

beforeAll(async () => {
  world = await startWorld({ from: "2024-06-03T08:00Z", devices: 8 });
  const fresh = await directoryGroups(
    new GraphReader(world),
    Array.from({ length: 602 }, (_, n) => `PCs ${n}`),
  );
  definitions = Array.from({ length: 301 }, (_, n) =>
    definitionOf(`Group ${n + 1}`, { test: fresh[2 * n] ?? "", last: fresh[2 * n + 1] ?? "" }),
  );
});
afterAll(() => world?.stop());

const list = async () => (await call<Groups>(world, "GET", "/groups?top=1000")).body;

// Time stands still, so that only the groups are made and not their policies in the tenant.
it("row 1: the 300th group is accepted", async () => {
  const already = (await list()).value.length;
  const groups = definitions.slice(0, 299 - already);
  expect((await call(world, "POST", "/groups/apply", { groups })).status).toBe(202);
  expect(await list()).toMatchObject({ canCreate: true, value: { length: 299 } });

  expect((await call(world, "POST", "/groups", { definition: definitions[299] })).status).toBe(201);
  expect((await list()).value).toHaveLength(300);
});

it("row 1: creating is disabled then, and the 301st group refused", async () => {
  expect(await list()).toMatchObject({ canCreate: false, limit: 300, value: { length: 300 } });
  const refused = await call(world, "POST", "/groups", { definition: definitions[300] });
  expect([refused.status, refused.body.rule, refused.body.limit]).toEqual([422, "groupLimit", 300]);
  expect((await list()).value).toHaveLength(300);
});
