import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { Graph } from "../../../../shared/graph/graph.js";
import type { TestTenant } from "../../infra/local/tenant/support.js";
import { autopatchGroup, table, tables } from "../registration/estate.js";

vi.doMock("../../../../shared/store/tables.js", () => ({ table }));
vi.mock("../../../../shared/audit/audit.js", () => ({ audit: async () => undefined }));
const months = (names: readonly string[]) =>
  names.map((name, month) => ({
    ...{ channel: "monthlyEnterprise", name, version: `16.0.1${name}.20100` },
    publishedAt: `2020-0${month + 1}-14T17:00:00.000Z`,
  }));
const list = vi.hoisted(() => ({ versions: [] as unknown[] }));
vi.mock("../../../../shared/microsoft-365-apps/list.js", () => ({ officeVersions: async () => list }));
const { emulated } = await import("../graph/emulated.js");
const { readTenantPolicies } = await import("../../../../shared/graph/policies/tenant-policies.js");
const { officeOffers } = await import("../../../../shared/microsoft-365-apps/offers.js");
const { pinRing } = await import("../../../../shared/microsoft-365-apps/pin.js");
const { readGroup } = await import("../../../../shared/groups/store.js");
const { ensurePolicies } = await import("../../../../shared/policies/ensure.js");

const id = "sales";
const BEFORE = "16.0.12403.20100";
let test: TestTenant;
let graph: Graph;
beforeAll(async () => {
  ({ test, graph } = await emulated(1));
});
afterAll(() => test?.discard());
beforeEach(async () => {
  list.versions = months(["2403", "2404", "2405"]);
  tables.clear();
  await autopatchGroup(test, id, { manages: { microsoft365Apps: true } });
  test.pass(60);
  const { body: group } = await readGroup(id);
  await ensurePolicies(graph, { group, running: {}, allDevicesGroupId: null, at: test.clock.now() });
});

const ring = {
  ...{ groupId: id, groupName: "Sales", ringName: "Ring1" },
  ...{ entraGroupId: "e", updateRingPolicyId: "u", hotpatch: false },
};
const refOf = (name: string) => ({ policyId: "p", ring, catalogEntryId: `Microsoft 365 Apps ${name}` });
const set = (name: string, status: "approved" | "suspended") => officeOffers(graph).set(refOf(name), status);
const open = (name: string) => officeOffers(graph).open?.(refOf(name));

/** Target version and automatic updating, as the policy of the ring in the tenant says. */
async function inTenant(): Promise<unknown> {
  const found = (await readTenantPolicies(graph)).found("microsoft365Apps");
  const { values = {} } = found.find(({ displayName }) => displayName?.includes("Ring1 ")) ?? {};
  return [values.officeTargetVersion ?? null, values.officeAutomaticUpdates];
}
const FREE = [null, true];

describe("A release that stops a version of Office in a ring", () => {
  it("has its devices keep what they have, and lets them go on", async () => {
    await set("2404", "suspended");
    expect(await inTenant()).toEqual([BEFORE, false]);
    await set("2404", "approved");
    expect(await inTenant()).toEqual(FREE);
  });

  it("leaves alone what people hold", async () => {
    await pinRing(graph, { id }, "Ring1", BEFORE);
    await set("2404", "suspended");
    expect(await inTenant()).toEqual([BEFORE, true]);
    await set("2404", "approved");
    await open("2405");
    expect(await inTenant()).toEqual([BEFORE, true]);
  });

  it("has stopped it for good once it ends, until the next version opens the ring", async () => {
    await set("2404", "suspended");
    await open("2404");
    expect(await inTenant()).toEqual([BEFORE, false]);
    await open("2405");
    expect(await inTenant()).toEqual(FREE);
  });

  it("is tried again while no version is known at which the ring could be held", async () => {
    list.versions = [];
    await expect(set("2404", "suspended")).rejects.toMatchObject({ code: "unavailable" });
    expect(await inTenant()).toEqual(FREE);
  });
});
