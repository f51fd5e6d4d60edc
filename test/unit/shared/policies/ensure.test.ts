import { afterEach, describe, expect, it, vi } from "vitest";
import { type AuditEntry, auditEntries } from "../../../../shared/audit/audit.js";
import { readTenantPolicies } from "../../../../shared/graph/policies/tenant-policies.js";
import { type FoundPolicy, PolicyKind } from "../../../../shared/graph/policies/types.js";
import { defaultRings } from "../../../../shared/groups/defaults.js";
import { type AutopatchGroupInput, groupSchema } from "../../../../shared/groups/group.js";
import { findBaseline } from "../../../../shared/policies/baseline.js";
import { desiredPolicies } from "../../../../shared/policies/desired.js";
import {
  type EnsureInput,
  ensurePolicies,
  removePolicies,
  renamePolicies,
} from "../../../../shared/policies/ensure.js";
import { persistently } from "../graph/emulated.js";
import { AT, tenantWithGroup } from "./tenant.js";

vi.mock("../../../../shared/store/tables.js", async () => (await import("./memory-tables.js")).memoryTables());

let stop: () => Promise<void> = async () => {};
afterEach(() => stop());

const EVERYTHING: Partial<AutopatchGroupInput> = {
  updateTypes: { microsoft365Apps: true, edge: true },
  deploymentSettings: { targetFeatureVersion: "Windows 11, version 23H2" },
};

async function begin(definition: Partial<AutopatchGroupInput> = EVERYTHING) {
  const tenant = await tenantWithGroup(definition);
  stop = () => tenant.test.discard();
  const policies = async (kind: PolicyKind): Promise<FoundPolicy[]> => {
    const found = (await readTenantPolicies(tenant.graph)).found(kind);
    return found.filter(({ displayName }) => displayName?.startsWith("Ringmaster") === true);
  };
  const edited = (change: Partial<AutopatchGroupInput>): EnsureInput => ({
    ...tenant.input,
    group: { ...tenant.group, definition: groupSchema.parse({ ...tenant.group.definition, ...change }) },
    at: AT + 1,
  });
  return { ...tenant, policies, edited };
}

describe("the policies of a group", () => {
  it("are made for every ring with the values wanted and assigned to the ring's group alone", async () => {
    const { graph, group, input } = await begin();
    const ids = await ensurePolicies(graph, input);
    const tenant = await readTenantPolicies(graph);
    const wanted = desiredPolicies(group);
    expect(wanted).toHaveLength(5 * 6);
    for (const { ring, policy } of wanted) {
      const found = tenant.found(policy.kind).find(({ id }) => id === ids[ring]?.[policy.kind]);
      expect(found).toMatchObject({
        displayName: policy.name,
        values: policy.values,
        included: [policy.entraGroupId],
        excluded: [],
        everyone: false,
      });
    }
  });

  it("in order are only listed, in one call, and nothing is stored", async () => {
    const { graph, input } = await begin();
    await ensurePolicies(graph, input);
    const before = [graph.writes.length, graph.calls.length];
    const kept = await findBaseline("northwind");
    await ensurePolicies(graph, { ...input, at: AT + 1 });
    expect([graph.writes.length, graph.calls.length - (before[1] ?? 0)]).toEqual([before[0], 1]);
    expect((await findBaseline("northwind"))?.etag).toBe(kept?.etag);
  });

  it("of an update type that is switched off are deleted, those of other types stay", async () => {
    const { graph, input, policies, edited } = await begin();
    await ensurePolicies(graph, input);
    await ensurePolicies(graph, edited({ updateTypes: { edge: false, microsoft365Apps: true } }));
    const names = (await policies(PolicyKind.edge)).map(({ displayName }) => displayName);
    expect(names.filter((name) => name?.includes(" Edge "))).toEqual([]);
    expect(names.filter((name) => name?.includes(" Microsoft 365 Apps "))).toHaveLength(5);
  });

  it("of a ring that was removed are deleted, even when the first attempt broke off", async () => {
    const { graph, input, policies, edited } = await begin();
    await ensurePolicies(graph, input);
    const without = edited({ rings: input.group.definition.rings.filter(({ name }) => name !== "Ring2") });
    const broken = { ...graph, list: () => Promise.reject(new Error("cut off")) };
    await expect(ensurePolicies(broken, without)).rejects.toThrow("cut off");
    await ensurePolicies(graph, without);
    const names = (await policies(PolicyKind.updateRing)).map(({ displayName }) => displayName ?? "");
    expect(names.filter((name) => name.includes("Northwind - Ring2"))).toEqual([]);
    expect(names.filter((name) => name.includes("Northwind - "))).toHaveLength(4);
  });

  it("for drivers are made anew when the way of approval changes", async () => {
    const { graph, input, policies, edited } = await begin();
    const before = await ensurePolicies(graph, input);
    const after = await ensurePolicies(graph, edited({ deploymentSettings: { driverApproval: "manual" } }));
    expect(after.Ring1?.driverUpdate).not.toBe(before.Ring1?.driverUpdate);
    const drivers = await policies(PolicyKind.driverUpdate);
    expect(drivers.map(({ values }) => values.approvalType)).toEqual(Array(5).fill("manual"));
  });

  it("get the new name of a renamed group and keep their ids", async () => {
    const { graph, input, policies, edited } = await begin();
    const ids = await ensurePolicies(graph, input);
    await renamePolicies(graph, edited({ name: "Fabrikam" }));
    for (const kind of [PolicyKind.updateRing, PolicyKind.quality, PolicyKind.driverUpdate, PolicyKind.edge]) {
      const renamed = (await policies(kind)).find(({ id }) => id === ids.Ring2?.[kind]);
      expect(renamed?.displayName).toMatch(/^Ringmaster Fabrikam - Ring2 /);
    }
  });

  it("go with the group, while those of all devices stay", async () => {
    const { graph, input, policies } = await begin();
    await ensurePolicies(graph, input);
    await removePolicies(graph, { group: input.group, at: AT + 1 });
    const left = (await Promise.all(Object.values(PolicyKind).map(policies))).flat();
    const names = new Set(left.map(({ displayName }) => displayName?.replace(/ \[.*/, "")));
    names.delete("Ringmaster Contoso - Ring1 update ring");
    expect([...names]).toEqual(["Ringmaster - Data Collection", "Ringmaster - Windows Update Detection Frequency"]);
    expect(await findBaseline("northwind")).toBeUndefined();
  });

  it("leave an audit entry in the service's name for every write", async () => {
    const { graph, input } = await begin();
    await ensurePolicies(graph, input);
    const entries: AuditEntry[] = [];
    for await (const { body } of auditEntries("2024-06")) entries.push(body);
    const acts = (action: string) => entries.filter((entry) => entry.action === action).length;
    expect([acts("policy.create"), acts("policy.assign")]).toEqual([32, 32 - 5]);
    expect(new Set(entries.map(({ actor }) => actor.id))).toEqual(new Set(["service"]));
  });
});

describe("policies in a tenant that is unwell", () => {
  const DEFINITION: Partial<AutopatchGroupInput> = { updateTypes: { edge: true } };

  it("are one each, whatever answers are lost and however reads lag, and every creation is in the audit log", async () => {
    const rings = defaultRings().filter(({ name }) => name === "Test" || name === "Last");
    const { test, graph, input, policies } = await begin({ ...DEFINITION, rings });
    test.tenant.faults.set({
      throttle: { rate: 0.03, retryAfterSeconds: 5 },
      unavailableAfterWrite: 0.2,
      resetAfterWrite: 0.1,
      truncatedJson: 0.03,
      readDelaySeconds: 30,
    });
    await persistently(test, () => ensurePolicies(graph, input));
    test.tenant.faults.clear();
    await ensurePolicies(graph, { ...input, at: AT + 1 });
    const wanted = desiredPolicies(input.group).map(({ policy }) => policy);
    const created = new Set<string>();
    for await (const { body } of auditEntries("2024-06")) if (body.action === "policy.create") created.add(body.target);
    for (const { kind, tag, values, entraGroupId } of wanted) {
      const found = (await policies(kind)).filter(({ displayName }) => displayName?.includes(tag));
      expect(found).toMatchObject([{ values, included: [entraGroupId] }]);
      expect(created).toContain(`policy/${tag}`);
    }
  });

  it("for quality updates are Intune's where the tenant has no group model", async () => {
    const { graph, input, policies, test } = await begin(DEFINITION);
    test.tenant.faults.set({ groupModel: "forbidden" });
    const ids = await ensurePolicies(graph, input);
    const quality = await policies(PolicyKind.quality);
    expect(quality.map(({ id }) => id).sort()).toEqual(
      Object.values(ids)
        .map((ring) => ring.quality)
        .sort(),
    );
    expect(quality.map(({ included }) => included)).toEqual(
      expect.arrayContaining(Object.values(input.group.bindings).map(({ entraGroupId }) => [entraGroupId])),
    );
    const writes = graph.writes.length;
    await ensurePolicies(graph, { ...input, at: AT + 1 });
    expect(graph.writes.length).toBe(writes);
  });
});
