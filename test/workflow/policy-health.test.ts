import { afterAll, beforeAll, expect, it } from "vitest";
import { call } from "../support/api.js";
import { groupsNamed, membersOf } from "../support/directory.js";
import type { GraphReader } from "../support/graph.js";
import {
  alerts,
  check,
  driftRing,
  HOUR_MS,
  passTime,
  policyOf,
  presentPolicy,
  worldWithSales,
} from "../support/policies.js";
import type { World } from "../support/world.js";

let world: World;
let graph: GraphReader;
beforeAll(async () => {
  ({ world, graph } = await worldWithSales());
});
afterAll(() => world?.stop());

it("a tenant in order raises no alert, and every ring is healthy", async () => {
  await passTime(world, 4 * HOUR_MS);
  const health = (
    await call<{ groups: { groupId: string; rings: { status: string }[] }[] }>(world, "GET", "/policy-health")
  ).body;
  const sales = health.groups.find(({ groupId }) => groupId === "sales");
  expect(sales?.rings.map(({ status }) => status)).toEqual(Array(5).fill("Healthy"));
  expect(await alerts(world)).toEqual([]);
});

it("a policy that drifts raises the alert at the next check, and its repair restores the values", async () => {
  await driftRing(graph, "Ring2", { qualityUpdatesDeferralPeriodInDays: 20 });
  await passTime(world, 4 * HOUR_MS);
  const [alert] = await alerts(world);
  expect(alert).toMatchObject({ kind: "modifiedPolicy", ring: "Ring2", groupId: "sales" });
  expect((await call(world, "POST", `/policy-alerts/${alert?.id}/submit-changes`)).status).toBe(202);
  await world.settle();
  expect(await presentPolicy(graph, "Ring2", "update ring")).toMatchObject({ qualityUpdatesDeferralPeriodInDays: 5 });
  expect(await alerts(world)).toEqual([]);
});

it("a policy that drifts is repaired without being asked where the setting POLICY_REPAIR says so", async () => {
  const automatic = await worldWithSales(2, { POLICY_REPAIR: "automatic" });
  try {
    await driftRing(automatic.graph, "Ring2", { qualityUpdatesDeferralPeriodInDays: 20 });
    await passTime(automatic.world, 4 * HOUR_MS);
    const policy = await presentPolicy(automatic.graph, "Ring2", "update ring");
    expect(policy).toMatchObject({ qualityUpdatesDeferralPeriodInDays: 5 });
    expect(await alerts(automatic.world)).toEqual([]);
    const [closed] = await alerts(automatic.world, "closed");
    expect(closed).toMatchObject({ kind: "modifiedPolicy", ring: "Ring2", closed: { how: "repaired" } });
  } finally {
    await automatic.world.stop();
  }
});

it("a directory group that is deleted is made again with its devices and its policies' assignments", async () => {
  const before = (await groupsNamed(graph, "Sales - Ring3"))["Sales - Ring3"] ?? "";
  const members = await membersOf(graph, before);
  expect(members.length).toBeGreaterThan(0);
  await graph.delete(`v1.0/groups/${before}`);
  await check(world);
  expect((await alerts(world)).map(({ kind, ring }) => [kind, ring])).toEqual([["missingGroup", "Ring3"]]);
  await passTime(world, HOUR_MS / 4);
  const after = (await groupsNamed(graph, "Sales - Ring3"))["Sales - Ring3"] ?? "";
  expect([after === "", after === before]).toEqual([false, false]);
  expect(await membersOf(graph, after)).toEqual(members);
  for (const purpose of ["update ring", "driver updates", "Edge"] as const) {
    const policy = await policyOf(graph, "Ring3", purpose);
    expect(policy?.assignments).toMatchObject([{ target: { groupId: after } }]);
  }
  expect(await alerts(world)).toEqual([]);
  expect((await alerts(world, "closed")).map(({ kind, closed }) => [kind, closed?.how])).toContainEqual([
    "missingGroup",
    "repaired",
  ]);
});
