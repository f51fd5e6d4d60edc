import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { Graph } from "../../../../shared/graph/graph.js";
import { device, type TestTenant } from "../../infra/local/tenant/support.js";
import { addByHand, autopatchGroup, table, tables } from "../registration/estate.js";

vi.doMock("../../../../shared/store/tables.js", () => ({ table }));
const written = vi.hoisted((): string[] => []);
vi.mock("../../../../shared/audit/audit.js", () => ({
  audit: async ({ action }: { action: string }) => void written.push(action),
}));
const { emulated } = await import("../graph/emulated.js");
const { readTenantPolicies } = await import("../../../../shared/graph/policies/tenant-policies.js");
const { pinRing } = await import("../../../../shared/microsoft-365-apps/pin.js");
const { readGroup } = await import("../../../../shared/groups/store.js");
const { ensurePolicies } = await import("../../../../shared/policies/ensure.js");
const { checkHealth } = await import("../../../../shared/policies/health.js");

const VERSION = "16.0.17425.20140";
const id = "sales";
let test: TestTenant;
let graph: Graph;
beforeAll(async () => {
  ({ test, graph } = await emulated(1));
});
afterAll(() => test?.discard());
beforeEach(async () => {
  tables.clear();
  await autopatchGroup(test, id, { manages: { microsoft365Apps: true } });
  test.pass(60);
  await ensure();
  written.length = 0;
});

const ensure = async () => {
  const { body: group } = await readGroup(id);
  await ensurePolicies(graph, { group, running: {}, allDevicesGroupId: null, at: test.clock.now() });
};

/** What the policy of each ring says of updating, the ring's name in front. */
async function inTenant(): Promise<Record<string, unknown>> {
  const found = (await readTenantPolicies(graph)).found("microsoft365Apps");
  const rings = Object.keys((await readGroup(id)).body.bindings);
  return Object.fromEntries(
    rings.map((ring) => {
      const { values = {} } = found.find(({ displayName }) => displayName?.includes(`${ring} `)) ?? {};
      return [ring, [values.officeTargetVersion ?? null, values.officeAutomaticUpdates]];
    }),
  );
}

describe("pinning a ring", () => {
  it("sets the target version of that ring alone, and takes it away again", async () => {
    await pinRing(graph, { id }, "Ring1", VERSION);
    const others = { Test: [null, true], Ring2: [null, true], Ring3: [null, true], Last: [null, true] };
    expect(await inTenant()).toEqual({ ...others, Ring1: [VERSION, true] });
    await pinRing(graph, { id }, "Ring1", null);
    expect(await inTenant()).toEqual({ ...others, Ring1: [null, true] });
  });

  it("switches updating off where devices keep what they have", async () => {
    await pinRing(graph, { id }, "Ring2", VERSION, { keepsInstalled: true });
    expect((await inTenant()).Ring2).toEqual([VERSION, false]);
  });

  it("is what the devices of the ring are told, and no others", async () => {
    const { objectId } = device(0);
    const told = () => test.tenant.appPolicies().get(objectId)?.office;
    await addByHand(test, (await readGroup(id)).body.bindings.Ring2?.entraGroupId ?? "", objectId);
    await pinRing(graph, { id }, "Ring1", VERSION);
    expect(told()).toEqual({ deferralDays: 3, deadlineDays: 7, automatic: true, target: null });
    await pinRing(graph, { id }, "Ring2", VERSION, { keepsInstalled: true });
    expect(told()).toMatchObject({ automatic: false, target: VERSION });
  });

  it("stays through policy health and through the next provisioning of the group", async () => {
    await pinRing(graph, { id }, "Ring1", VERSION);
    const { open } = await checkHealth(graph, test.clock.now());
    // The ring groups of this test have names of their own.
    expect(open.filter(({ policyKind }) => policyKind !== null)).toEqual([]);
    await ensure();
    expect((await inTenant()).Ring1).toEqual([VERSION, true]);
  });

  it("writes nothing the second time", async () => {
    await pinRing(graph, { id }, "Ring1", VERSION);
    const before = written.length;
    await pinRing(graph, { id }, "Ring1", VERSION);
    expect(written.length).toBe(before);
    expect(before).toBe(1);
  });

  it("is finished by whoever comes next, where the tenant does not take it", async () => {
    const away = new Proxy(graph, {
      get: (target, name: keyof Graph) =>
        name === "put" || name === "patch" ? () => Promise.reject(new Error("away")) : Reflect.get(target, name),
    });
    await expect(pinRing(away, { id }, "Ring1", VERSION)).rejects.toThrow("away");
    expect((await inTenant()).Ring1).toEqual([null, true]);
    await pinRing(graph, { id }, "Ring1", VERSION);
    expect((await inTenant()).Ring1).toEqual([VERSION, true]);
  });
});
