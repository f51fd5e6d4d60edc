import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { Graph } from "../../shared/graph/graph.js";
import { apiInMemory, reset } from "../support/api-in-memory.js";
import { device, type TestTenant } from "../unit/infra/local/tenant/support.js";
import { emulated } from "../unit/shared/graph/emulated.js";

const api = apiInMemory();
const { call } = api;
let graph: Graph;
vi.doMock("../../shared/graph/client.js", () => ({ graphClient: () => graph, tenantManagementGraph: () => graph }));
await import("../../functions/api/apps.js");
const { surveyDevices } = await import("../../shared/registration/discover.js");
const { readTenantPolicies } = await import("../../shared/graph/policies/tenant-policies.js");
const { ensurePolicies } = await import("../../shared/policies/ensure.js");
const { keepInventories } = await import("../../shared/inventory/store.js");
const { changeGroup, readGroup } = await import("../../shared/groups/store.js");
const { autopatchGroup } = await import("../unit/shared/registration/estate.js");

const params = { groupId: "sales", workload: "edge" };
/** Stable and Beta on 12 June 2024, by the local list: one version a week, a feature version every four. */
const [STABLE, STABLE_BEFORE, BETA] = ["125.0.2535.99", "125.0.2535.83", "126.0.2592.99"];

let test: TestTenant;
const sources: Record<string, string> = {};
beforeAll(async () => {
  const started = await emulated(12, { at: "2024-06-12T12:00:00Z" });
  test = started.test;
  graph = started.graph;
  for (const [nth, ring] of ["Test", "Ring1"].entries()) {
    const members = Array.from({ length: 5 }, (_, place) => device(5 * nth + place).objectId);
    sources[ring] = await test.group(ring, members);
  }
  vi.stubGlobal("fetch", async (url: string) => {
    const { status, json } = await test.send("GET", new URL(url).pathname, "", {});
    return Response.json(json, { status });
  });
});
afterAll(() => test?.discard());
beforeEach(async () => {
  reset(api);
  for (let nth = 0; nth < 10; nth++) {
    test.tenant.patchDevice(device(nth).deviceId, { lastSyncDateTime: new Date(test.clock.now()).toISOString() });
  }
  await autopatchGroup(test, "sales", { assigned: sources });
  test.pass(60);
  await surveyDevices();
});

const provision = async () => {
  const { body: group } = await readGroup("sales");
  await ensurePolicies(graph, { group, running: {}, allDevicesGroupId: null, at: test.clock.now() });
};
const allow = async () => {
  expect((await call("appsSwitch", { params, body: { allowed: true } })).status).toBe(202);
  await provision();
};
/** The channel that the policy of each ring sets. */
async function channels(): Promise<Record<string, unknown>> {
  const found = (await readTenantPolicies(graph)).found("edge");
  const policies = found.filter(({ values }) => values.edgeTargetChannel !== undefined);
  return Object.fromEntries(
    policies.map(({ displayName, values }) => [/- (\w+) Edge/.exec(displayName ?? "")?.[1], values.edgeTargetChannel]),
  );
}
const told = (nth: number, channel: "stable" | "beta" | "extended", version: string) =>
  keepInventories([
    {
      deviceId: device(nth).deviceId,
      at: new Date(test.clock.now()).toISOString(),
      inventory: { edge: { version, channel } },
    },
  ]);
type Ring = Record<string, unknown> & { readonly ring: string };
const ringsOf = async () => {
  const { status, body } = await call("groupAppsGet", { params: { groupId: "sales" } });
  expect(status).toBe(200);
  return (body.edge as { rings: Ring[] }).rings;
};

describe("the policies of Edge", () => {
  it("row 91: put Test on Beta and all other rings on Stable", async () => {
    await allow();
    expect(await channels()).toEqual({
      ...{ Test: "beta", Ring1: "stable", Ring2: "stable", Ring3: "stable", Last: "stable" },
    });
  });

  it("row 91: follow the channel of the group, but for Test", async () => {
    await allow();
    await changeGroup("sales", (group) => {
      const deploymentSettings = { ...group.definition.deploymentSettings, edgeChannel: "extended" as const };
      return { ...group, definition: { ...group.definition, deploymentSettings } };
    });
    await provision();
    expect(await channels()).toEqual({
      ...{ Test: "beta", Ring1: "extended", Ring2: "extended", Ring3: "extended", Last: "extended" },
    });
  });

  it("row 91: are there while Edge is allowed, which it is not by default", async () => {
    await provision();
    expect(await channels()).toEqual({});
    await allow();
    expect(Object.keys(await channels())).toHaveLength(5);
    await call("appsSwitch", { params, body: { allowed: false } });
    await provision();
    expect(await channels()).toEqual({});
  });
});

describe("versions of Edge", () => {
  it("row 91: are counted by ring against the newest of the ring's channel and the one before", async () => {
    await told(0, "beta", BETA);
    await told(1, "stable", STABLE);
    for (const nth of [5, 6]) await told(nth, "stable", STABLE);
    await told(7, "stable", STABLE_BEFORE);
    await told(8, "stable", "124.0.2478.97");
    const [ringTest, ring1] = await ringsOf();
    expect(ringTest).toMatchObject({
      ...{ ring: "Test", channel: "beta", devices: 5, onChannel: 1, onNewest: 1, percentOnNewest: 100 },
      ...{ eligible: 2, otherChannel: 1, reasons: { inventoryUnknown: 3 }, newest: { version: BETA } },
    });
    expect(ring1).toMatchObject({
      ...{ ring: "Ring1", channel: "stable", devices: 5, onChannel: 4, onNewest: 2, onPrevious: 1, older: 1 },
      ...{ percentOnNewest: 50, otherChannel: 0, notEligible: 1, reasons: { inventoryUnknown: 1 } },
      ...{ newest: { version: STABLE }, previous: { version: STABLE_BEFORE } },
    });
  });

  it("row 91: of a device that is away do not count, and it is shown with its reason", async () => {
    for (const nth of [5, 6]) await told(nth, "stable", nth === 5 ? STABLE : STABLE_BEFORE);
    const lastSyncDateTime = new Date(test.clock.now() - 6 * 86_400_000).toISOString();
    test.tenant.patchDevice(device(6).deviceId, { lastSyncDateTime });
    test.pass(3601);
    const [, ring1] = await ringsOf();
    expect(ring1).toMatchObject({ onChannel: 1, onNewest: 1, percentOnNewest: 100, reasons: { notCheckedIn: 1 } });
  });

  it("row 91: are listed by channel, and move on every week", async () => {
    const { body } = await call("appVersionsGet");
    expect(body.edge).toMatchObject({
      channels: { stable: { newest: { name: "125", version: STABLE } }, beta: { newest: { name: "126" } } },
      list: { problem: null },
    });
    await told(5, "stable", STABLE);
    test.pass(2 * 86_400);
    const [, ring1] = await ringsOf();
    expect(ring1).toMatchObject({ onNewest: 0, onPrevious: 1, newest: { name: "126" } });
  });
});

describe("holding Edge", () => {
  it.each(["appsPause", "appsResume", "appsRollBack"])("row 91: is refused with the rule: %s", async (name) => {
    await allow();
    const before = await channels();
    const { status, body } = await call(name, { params, body: { justification: "A page looks odd." } });
    expect([status, body.rule, body.field]).toEqual([422, "edgeIsNotHeld", "workload"]);
    expect(String(body.detail)).toContain("progressive rollout");
    expect([await channels(), (await readGroup("sales")).body.officePins]).toEqual([before, undefined]);
  });
});
