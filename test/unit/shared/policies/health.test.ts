import { afterEach, describe, expect, it, vi } from "vitest";
import { DEFAULT_ROLES } from "../../../../infra/local/tenant/graph/permissions.js";
import { HOUR_MS } from "../../../../shared/calendar/days.js";
import { readTenantPolicies } from "../../../../shared/graph/policies/tenant-policies.js";
import { PolicyKind } from "../../../../shared/graph/policies/types.js";
import { setQualityPause, setRollBack } from "../../../../shared/graph/update-rings.js";
import { type AutopatchGroupInput, groupSchema } from "../../../../shared/groups/group.js";
import { settingsOf } from "../../../../shared/groups/ring.js";
import { closedAlerts, openAlerts } from "../../../../shared/policies/alerts.js";
import { beginBaseline } from "../../../../shared/policies/baseline.js";
import { ensurePolicies, removePolicies } from "../../../../shared/policies/ensure.js";
import { checkHealth } from "../../../../shared/policies/health.js";
import { checkRemedy, repairAlert } from "../../../../shared/policies/repair.js";
import { items } from "../../infra/local/tenant/support.js";
import { storedReads, storedWrites } from "./memory-tables.js";
import { AT, tenantWithGroup } from "./tenant.js";

vi.mock("../../../../shared/store/tables.js", async () => (await import("./memory-tables.js")).memoryTables());

let stop: (() => Promise<void>) | undefined;
afterEach(async () => {
  await stop?.();
  stop = undefined;
});

const EVERYTHING: Partial<AutopatchGroupInput> = {
  updateTypes: { microsoft365Apps: true, edge: true },
  deploymentSettings: { targetFeatureVersion: "Windows 11, version 23H2" },
};
const RINGS = "/beta/deviceManagement/deviceConfigurations";
const RING_TYPE = "#microsoft.graph.windowsUpdateForBusinessConfiguration";

/** A tenant in order, and the means to spoil it. */
async function healthy(definition: Partial<AutopatchGroupInput> = EVERYTHING) {
  const { test, graph, group, input, renewToken } = await tenantWithGroup(definition);
  stop = () => test.discard();
  const ids = await ensurePolicies(graph, input);
  const idOf = (ring: string, kind: PolicyKind) => ids[ring]?.[kind] ?? "";
  let checks = 0;
  const check = () => checkHealth(graph, AT + HOUR_MS * 4 * ++checks);
  const changeRing = (ring: string, change: object) =>
    test.call("PATCH", `${RINGS}/${idOf(ring, "updateRing")}`, { "@odata.type": RING_TYPE, ...change });
  const assignRing = (ring: string, assignments: readonly object[]) =>
    test.post(`${RINGS}/${idOf(ring, "updateRing")}/assign`, { assignments });
  const found = async (ring: string, kind: PolicyKind) =>
    (await readTenantPolicies(graph)).found(kind).find(({ id }) => id === idOf(ring, kind));
  return { test, graph, group, input, renewToken, idOf, check, changeRing, assignRing, found };
}

const target = (groupId: string) => ({ target: { "@odata.type": "#microsoft.graph.groupAssignmentTarget", groupId } });
const everyone = { target: { "@odata.type": "#microsoft.graph.allDevicesAssignmentTarget" } };

/** Kinds that no ring has one of: those of all devices, and that of devices opted out of safeguards. */
const WITHOUT_RING: ReadonlySet<PolicyKind> = new Set(["dataCollection", "detectionFrequency", "safeguardOptOut"]);

describe("a check of policy health", () => {
  it("of a tenant in order raises nothing, costs one call and stores nothing", async () => {
    const { check, graph } = await healthy();
    const [calls, writes] = [graph.calls.length, storedWrites()];
    expect(await check()).toEqual({ open: [], groupsToRestore: [] });
    expect(graph.calls.slice(calls)).toEqual(["post /$batch"]);
    expect(storedWrites()).toBe(writes);
  });

  it("of a tenant in order leaves storage alone once it knows what to expect", async () => {
    const { check } = await healthy();
    await check();
    const reads = storedReads();
    await check();
    expect(storedReads()).toBe(reads);
  });

  it("expects the new values of a group as soon as they are on record", async () => {
    const { check, graph, input, group } = await healthy({});
    await check();
    const [first, ...rest] = group.definition.rings;
    const definition = groupSchema.parse({
      ...group.definition,
      rings: [{ ...first, qualityDeferralDays: 4 }, ...rest],
    });
    await ensurePolicies(graph, { ...input, group: { ...group, definition } });
    expect((await check()).open).toEqual([]);
  });

  it("waits as long as Graph asks when its steps are throttled, and raises nothing", async () => {
    const { check, test } = await healthy({});
    test.tenant.faults.set({ throttle: { rate: 1, retryAfterSeconds: 17 } });
    await expect(check()).rejects.toMatchObject({ code: "throttled", retryable: true, retryAfterSeconds: 17 });
    test.tenant.faults.clear();
    expect((await check()).open).toEqual([]);
  });

  it("names the setting of a modified policy, what is expected and what is found", async () => {
    const { check, changeRing } = await healthy();
    await changeRing("Ring2", { qualityUpdatesDeferralPeriodInDays: 20, userPauseAccess: "enabled" });
    await check();
    const [alert, ...others] = await openAlerts();
    expect(others).toEqual([]);
    expect(alert).toMatchObject({
      kind: "modifiedPolicy",
      policyKind: "updateRing",
      groupId: "northwind",
      ring: "Ring2",
    });
    expect(alert?.details).toEqual([
      { setting: "qualityUpdatesDeferralPeriodInDays", expected: 5, found: 20 },
      { setting: "userPauseAccess", expected: "disabled", found: "enabled" },
    ]);
  });

  it.each([
    [1, "deadlineOutsideRange"],
    [2 + 1, "modifiedPolicy"],
    [30, "modifiedPolicy"],
  ])("calls a quality deadline of %i days %s", async (days, kind) => {
    const { check, changeRing } = await healthy({});
    await changeRing("Ring1", { deadlineForQualityUpdatesInDays: days });
    await check();
    expect((await openAlerts()).map((alert) => alert.kind)).toEqual([kind]);
  });

  it.each(Object.values(PolicyKind).filter((kind) => !WITHOUT_RING.has(kind)))(
    "misses a policy of the kind %s that was deleted, and a repair makes it again",
    async (kind) => {
      const { check, graph, idOf, found } = await healthy();
      const tenant = await readTenantPolicies(graph);
      const before = await found("Ring3", kind);
      await tenant.areaOf(kind).remove(graph, idOf("Ring3", kind));
      const { open } = await check();
      expect(open.map((alert) => [alert.kind, alert.policyKind, alert.ring])).toEqual([
        ["missingPolicy", kind, "Ring3"],
      ]);
      await repairAlert(graph, { alertId: open[0]?.id ?? "", requestedBy: "Ada", at: AT });
      const restored = (await readTenantPolicies(graph))
        .found(kind)
        .find(({ displayName }) => displayName === before?.displayName);
      expect(restored).toMatchObject({ values: before?.values, included: before?.included });
      expect(restored?.id).not.toBe(before?.id);
      expect((await check()).open).toEqual([]);
    },
  );

  it("tells an assignment that is missing from one that was changed", async () => {
    const { check, assignRing, group } = await healthy({});
    await assignRing("Ring1", []);
    await assignRing("Ring2", [everyone]);
    await assignRing("Ring3", [
      target(group.bindings.Ring3?.entraGroupId ?? ""),
      target(group.bindings.Last?.entraGroupId ?? ""),
    ]);
    await check();
    const kinds = Object.fromEntries((await openAlerts()).map(({ ring, kind }) => [ring, kind]));
    expect(kinds).toEqual({ Ring1: "missingAssignment", Ring2: "changedAssignment", Ring3: "changedAssignment" });
  });

  it("takes pauses and rollbacks for no drift", async () => {
    const { check, graph, idOf } = await healthy({});
    await setQualityPause(graph, idOf("Ring1", "updateRing"), true);
    await setRollBack(graph, idOf("Ring2", "updateRing"), "quality", true);
    expect((await check()).open).toEqual([]);
  });

  it("takes the settings of a running release for what should be there", async () => {
    const { check, graph, input, group } = await healthy({});
    const [ring1] = group.definition.rings.slice(1);
    if (ring1 === undefined) throw new Error("The group has no second ring.");
    const running = { Ring1: { ...settingsOf(ring1), qualityDeferralDays: 3 } };
    await ensurePolicies(graph, { ...input, running });
    expect((await check()).open).toEqual([]);
  });

  it("expects nothing of a group whose change is on its way, until an hour has passed", async () => {
    const { graph, input, group } = await healthy({});
    const [first, ...rest] = group.definition.rings;
    const rings = [{ ...first, qualityDeferralDays: 4 }, ...rest];
    const definition = groupSchema.parse({ ...group.definition, rings });
    await beginBaseline({ ...input, group: { ...group, definition } }, AT);
    expect((await checkHealth(graph, AT + HOUR_MS - 1)).open).toEqual([]);
    expect((await checkHealth(graph, AT + HOUR_MS)).open.map(({ kind }) => kind)).toContain("modifiedPolicy");
  });

  it("misses a directory group and says which Autopatch group has to be provisioned again", async () => {
    const { check, test, group } = await healthy({});
    await test.call("DELETE", `/v1.0/groups/${group.bindings.Ring1?.entraGroupId}`);
    const { open, groupsToRestore } = await check();
    expect(groupsToRestore).toEqual(["northwind"]);
    expect(open.map(({ kind, name }) => [kind, name])).toEqual([["missingGroup", "Northwind - Ring1"]]);
  });

  it("finds a directory group that was renamed, and a repair names it back", async () => {
    const { check, graph, test, group } = await healthy({});
    const path = `/v1.0/groups/${group.bindings.Ring2?.entraGroupId}`;
    await test.call("PATCH", path, { displayName: "Somebody's" });
    const { open } = await check();
    expect(open[0]).toMatchObject({
      kind: "alteredGroup",
      details: [{ setting: "displayName", expected: "Northwind - Ring2", found: "Somebody's" }],
    });
    await repairAlert(graph, { alertId: open[0]?.id ?? "", requestedBy: "Ada", at: AT });
    expect((await test.get(path)).json.displayName).toBe("Northwind - Ring2");
  });
});

describe("the owners of a directory group", () => {
  /** The means to change the owners of a group by hand, beside those to spoil policies. */
  async function owned() {
    const tenant = await healthy({});
    const { test, group } = tenant;
    const id = group.bindings.Ring2?.entraGroupId ?? "";
    const path = (of: string) => `/beta/groups/${of}/owners`;
    const add = (owner: string, of = id) => {
      const body = { "@odata.id": `https://graph.microsoft.com/v1.0/directoryObjects/${owner}` };
      return test.post(`${path(of)}/$ref`, body);
    };
    const remove = (owner: string) => test.call("DELETE", `${path(id)}/${owner}/$ref`);
    const owners = async (of = id) => items(await test.get(`${path(of)}?$select=id`)).map((each) => each.id);
    const user = (name: string) => {
      const userPrincipalName = `${name}@contoso.example`;
      return test.tenant.addUsers([{ displayName: name, userPrincipalName, accountEnabled: true }])[0] ?? "";
    };
    const { servicePrincipalId: self, administrationPrincipalId: tools } = test.tenant;
    return { ...tenant, id, add, remove, owners, user, self, tools };
  }

  it("are expected to be those that it got when the service made it; another one is an alteration that a repair takes back", async () => {
    const { check, graph, add, owners, self, tools } = await owned();
    await add(tools);
    const { open, groupsToRestore } = await check();
    expect(groupsToRestore).toEqual([]);
    expect(open).toMatchObject([
      {
        kind: "alteredGroup",
        ring: "Ring2",
        details: [{ setting: "owners", expected: [self], found: [self, tools].sort() }],
      },
    ]);
    await repairAlert(graph, { alertId: open[0]?.id ?? "", requestedBy: "Ada", at: AT });
    expect([await owners(), (await check()).open]).toEqual([[self], []]);
  });

  it("are looked at for the parent of the ring groups as well", async () => {
    const { check, graph, group, add, owners, self, tools } = await owned();
    const parent = group.parentGroupId ?? "";
    await add(tools, parent);
    const { open } = await check();
    expect(open.map(({ name, groupId, ring }) => [name, groupId, ring])).toEqual([
      ["Northwind - All rings", "northwind", null],
    ]);
    await repairAlert(graph, { alertId: open[0]?.id ?? "", requestedBy: null, at: AT });
    expect(await owners(parent)).toEqual([self]);
  });

  it("cost no call of their own", async () => {
    const { check, graph } = await owned();
    const calls = graph.calls.length;
    await check();
    expect(graph.calls.slice(calls)).toEqual(["post /$batch"]);
  });

  it("that no longer are the service are set right once it may change groups of others", async () => {
    const { check, graph, test, add, remove, owners, self, tools, renewToken } = await owned();
    await add(tools);
    await remove(self);
    const [alert] = (await check()).open;
    expect(alert?.details).toEqual([{ setting: "owners", expected: [self], found: [tools] }]);
    const repair = () => repairAlert(graph, { alertId: alert?.id ?? "", requestedBy: "Ada", at: AT });
    await expect(repair()).rejects.toMatchObject({ code: "forbidden" });
    expect(await openAlerts()).toHaveLength(1);
    test.tenant.authority.grant([...DEFAULT_ROLES, "Group.ReadWrite.All"]);
    renewToken();
    await repair();
    expect([await owners(), await openAlerts()]).toEqual([[self], []]);
  });

  it("keep the last person, as Entra wants: all else is repaired, and the alert stays", async () => {
    const { check, graph, test, id, add, owners, user, self } = await owned();
    const [ada, ben] = [user("Ada"), user("Ben")];
    for (const person of [ada, ben]) await add(person);
    await test.call("PATCH", `/v1.0/groups/${id}`, { displayName: "Somebody's" });
    const [alert] = (await check()).open;
    expect(alert?.details.map(({ setting }) => setting)).toEqual(["displayName", "owners"]);
    const repair = repairAlert(graph, { alertId: alert?.id ?? "", requestedBy: "Ada", at: AT });
    await expect(repair).rejects.toMatchObject({ code: "conflict", message: expect.stringMatching(/last person/) });
    expect([await owners(), (await test.get(`/v1.0/groups/${id}`)).json.displayName]).toEqual([
      [self, ben],
      "Northwind - Ring2",
    ]);
    expect((await check()).open[0]?.details.map(({ setting }) => setting)).toEqual(["owners"]);
  });

  it("are left alone where they are not on record", async () => {
    const { check, graph, input, group, add, owners, self, tools } = await owned();
    await ensurePolicies(graph, { ...input, group: { ...group, owners: {} } });
    await add(tools);
    expect((await check()).open).toEqual([]);
    expect(await owners()).toEqual([self, tools]);
  });
});

describe("an alert", () => {
  it("stays as it was opened while the drift lasts", async () => {
    const { check, changeRing } = await healthy({});
    await changeRing("Ring2", { driversExcluded: true });
    await check();
    const writes = storedWrites();
    await check();
    expect((await openAlerts()).map(({ openedAt }) => openedAt)).toEqual([AT + 4 * HOUR_MS]);
    expect(storedWrites()).toBe(writes);
  });

  it("is one per policy: what it says changes, when it was opened does not", async () => {
    const { check, changeRing, graph, idOf } = await healthy({});
    await changeRing("Ring2", { driversExcluded: true });
    await check();
    await graph.delete(`/deviceManagement/deviceConfigurations/${idOf("Ring2", "updateRing")}`);
    await check();
    expect((await openAlerts()).map(({ kind, openedAt }) => [kind, openedAt])).toEqual([
      ["missingPolicy", AT + 4 * HOUR_MS],
    ]);
  });

  it("closes as fixed by hand when people set the policy right", async () => {
    const { check, changeRing } = await healthy({});
    await changeRing("Ring2", { driversExcluded: true });
    await check();
    await changeRing("Ring2", { driversExcluded: false });
    expect((await check()).open).toEqual([]);
    expect((await closedAlerts()).map(({ closed }) => closed)).toEqual([
      { at: AT + 8 * HOUR_MS, how: "byHand", requestedBy: null },
    ]);
  });

  it("closes as repaired when somebody had it repaired, with the values brought there last", async () => {
    const { check, changeRing, graph, found } = await healthy({});
    await changeRing("Ring2", { qualityUpdatesDeferralPeriodInDays: 20 });
    const { open } = await check();
    await repairAlert(graph, { alertId: open[0]?.id ?? "", requestedBy: "Ada", at: AT });
    expect((await found("Ring2", "updateRing"))?.values.qualityUpdatesDeferralPeriodInDays).toBe(5);
    expect((await closedAlerts()).map(({ closed }) => closed)).toEqual([
      { at: AT, how: "repaired", requestedBy: "Ada" },
    ]);
    expect((await check()).open).toEqual([]);
  });

  it("closes as repaired when the group's policies were brought to the tenant again for another reason", async () => {
    const { check, changeRing, graph, input } = await healthy({});
    await changeRing("Ring2", { driversExcluded: true });
    await check();
    await ensurePolicies(graph, { ...input, at: AT + 5 * HOUR_MS });
    expect((await closedAlerts()).map(({ closed }) => closed)).toEqual([
      { at: AT + 5 * HOUR_MS, how: "repaired", requestedBy: null },
    ]);
  });

  it("becomes obsolete with its group", async () => {
    const { check, changeRing, graph, group } = await healthy({});
    await changeRing("Ring2", { driversExcluded: true });
    await check();
    await removePolicies(graph, { group, at: AT });
    await check();
    expect((await closedAlerts()).map(({ closed }) => closed?.how)).toEqual(["obsolete"]);
  });

  it.each([
    ["missingPolicy", "submitChanges"],
    ["modifiedPolicy", "restore"],
    ["changedAssignment", "restore"],
    ["missingGroup", "submitChanges"],
  ] as const)("of the kind %s refuses the remedy %s", (kind, remedy) => {
    const alert = { id: "a", kind, name: "n", policyKind: null, groupId: null, ring: null, entraGroupId: "g" };
    expect(() => checkRemedy({ ...alert, details: [], openedAt: 0, closed: null }, remedy)).toThrow(
      expect.objectContaining({ code: "conflict" }),
    );
  });
});
