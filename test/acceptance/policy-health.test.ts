import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AuditEntry } from "../../shared/audit/audit.js";
import { call } from "../support/api.js";
import { addOwner, groupsNamed, ownersOf } from "../support/directory.js";
import type { GraphReader } from "../support/graph.js";
import {
  type AlertAnswer,
  alerts,
  COLLECTIONS,
  check,
  deletePolicy,
  driftRing,
  HOUR_MS,
  type Purpose,
  passTime,
  presentPolicy,
  type TenantPolicy,
  worldWithSales,
} from "../support/policies.js";
import { runTo, type World } from "../support/world.js";

let world: World;
let graph: GraphReader;
beforeAll(async () => {
  ({ world, graph } = await worldWithSales());
});
afterAll(() => world?.stop());

/** The open alert about a ring's policy. */
async function alertOf(ring: string, policyKind: string | null): Promise<AlertAnswer | undefined> {
  return (await alerts(world)).find((alert) => alert.ring === ring && alert.policyKind === policyKind);
}

/** Has the service repair what the alert is about; answers the status of the call. */
async function repair(alert: AlertAnswer | undefined, path = alert?.action): Promise<number> {
  const { status } = await call(world, "POST", `/policy-alerts/${alert?.id}/${path}`, {});
  await world.settle();
  return status;
}

async function assignRing(ring: string, assignments: readonly object[]): Promise<void> {
  const { id } = await presentPolicy(graph, ring, "update ring");
  await graph.post(`${COLLECTIONS["update ring"]}/${id}/assign`, { assignments });
}

const everyone = { target: { "@odata.type": "#microsoft.graph.allDevicesAssignmentTarget" } };
const HAND_DEFERRAL = { qualityUpdatesDeferralPeriodInDays: 21 };
const instant = (text: string) => text.replace(".000Z", "Z");

describe("Policy alert and group repair", () => {
  it("row 99: a policy changed right after a check has its alert four hours later, and none before", async () => {
    await runTo(world, "2024-06-03T04:20Z");
    await driftRing(graph, "Ring1", HAND_DEFERRAL);
    await runTo(world, "2024-06-03T08:19Z");
    expect(await alerts(world)).toEqual([]);
    await runTo(world, "2024-06-03T08:20Z");
    expect(await alerts(world)).toMatchObject([
      {
        kind: "modifiedPolicy",
        title: "Modified Policy",
        groupId: "sales",
        ring: "Ring1",
        details: [{ setting: "qualityUpdatesDeferralPeriodInDays", expected: 1, found: 21 }],
      },
    ]);
  });

  it("row 99: the alert stays as it is from check to check until the policy is repaired", async () => {
    await passTime(world, 24 * HOUR_MS);
    const alert = await alertOf("Ring1", "updateRing");
    expect(instant(alert?.openedAt ?? "")).toBe("2024-06-03T08:20:00Z");
    expect(await repair(alert)).toBe(202);
    expect(await alerts(world)).toEqual([]);
    const closed = (await alerts(world, "closed")).map((each) => each.closed);
    expect(closed).toMatchObject([{ how: "repaired", requestedBy: "The holder of the function key" }]);
  });

  it("row 99: an alert closes by itself when people set the policy right", async () => {
    await driftRing(graph, "Ring1", HAND_DEFERRAL);
    await check(world);
    await driftRing(graph, "Ring1", { qualityUpdatesDeferralPeriodInDays: 1 });
    await check(world);
    expect(await alerts(world)).toEqual([]);
    expect((await alerts(world, "closed")).at(-1)?.closed).toMatchObject({ how: "byHand", requestedBy: null });
  });

  it("row 99: a missing policy, an emptied and a widened assignment and a deadline out of range are told apart", async () => {
    await deletePolicy(graph, "Test", "update ring");
    await assignRing("Ring1", []);
    await assignRing("Ring2", [everyone]);
    await driftRing(graph, "Ring3", { deadlineForQualityUpdatesInDays: 1 });
    await driftRing(graph, "Last", { deadlineForQualityUpdatesInDays: 2 });
    await check(world);
    const kinds = Object.fromEntries((await alerts(world)).map(({ ring, kind }) => [ring, kind]));
    expect(kinds).toEqual({
      Test: "missingPolicy",
      Ring1: "missingAssignment",
      Ring2: "changedAssignment",
      Ring3: "deadlineOutsideRange",
      Last: "modifiedPolicy",
    });
    const { groups } = (await call<Health>(world, "GET", "/policy-health")).body;
    const statuses = groups.find(({ groupId }) => groupId === "sales")?.rings.map(({ status }) => status);
    expect(statuses).toEqual([
      "Missing Policy",
      "Missing Assignment",
      "Changed Assignment",
      "Deadline outside range",
      "Modified Policy",
    ]);
  });

  it("row 99: a missing policy is not set right by submitting changes, nor a modified one by restoring it", async () => {
    expect(await repair(await alertOf("Test", "updateRing"), "submit-changes")).toBe(409);
    expect(await repair(await alertOf("Last", "updateRing"), "restore")).toBe(409);
    expect((await call(world, "POST", "/policy-alerts/0123456789ab/restore", {})).status).toBe(404);
    for (const alert of await alerts(world)) expect(await repair(alert)).toBe(202);
    expect(await alerts(world)).toEqual([]);
    await check(world);
    expect(await alerts(world)).toEqual([]);
  });

  it("row 99: a directory group of a ring that somebody deleted comes back without being asked for", async () => {
    const before = (await groupsNamed(graph, "Sales - Ring2"))["Sales - Ring2"] ?? "";
    await graph.delete(`v1.0/groups/${before}`);
    await passTime(world, 5 * HOUR_MS);
    const after = (await groupsNamed(graph, "Sales - Ring2"))["Sales - Ring2"];
    expect([after === undefined, after === before]).toEqual([false, false]);
    const policy = await presentPolicy(graph, "Ring2", "update ring");
    expect(policy.assignments).toMatchObject([{ target: { groupId: after } }]);
    expect(await alerts(world)).toEqual([]);
  });

  it("row 99: a directory group that somebody renamed has an alert, and gets its name back on request", async () => {
    const id = (await groupsNamed(graph, "Sales - Ring3"))["Sales - Ring3"];
    await graph.patch(`v1.0/groups/${id}`, { displayName: "Marketing's" });
    await check(world);
    const alert = await alertOf("Ring3", null);
    expect(alert).toMatchObject({
      kind: "alteredGroup",
      details: [{ setting: "displayName", expected: "Sales - Ring3", found: "Marketing's" }],
    });
    await repair(alert);
    expect((await groupsNamed(graph, "Sales - Ring3"))["Sales - Ring3"]).toBe(id);
    expect(await alerts(world)).toEqual([]);
  });

  it.each([
    ["a ring's directory group", "Sales - Ring1", "Ring1"],
    ["the parent of the ring groups", "Sales - All rings", null],
  ])(
    "row 99: an owner that somebody gave %s has an alert at the next look, and goes on request",
    async (_what, name, ring) => {
      const { servicePrincipalId: self, administrationPrincipalId: other } = world.tenant;
      const id = (await groupsNamed(graph, name))[name] ?? "";
      expect(await ownersOf(graph, id)).toEqual([self]);
      await addOwner(graph, id, other);
      await passTime(world, 4 * HOUR_MS);
      const owners = { setting: "owners", expected: [self], found: [self, other].sort() };
      expect(await alerts(world)).toMatchObject([
        { kind: "alteredGroup", title: "Altered Group", name, groupId: "sales", ring, details: [owners] },
      ]);
      expect(await repair((await alerts(world))[0])).toBe(202);
      expect([await ownersOf(graph, id), await alerts(world)]).toEqual([[self], []]);
      await passTime(world, 4 * HOUR_MS);
      expect(await alerts(world)).toEqual([]);
    },
  );

  it("row 99: a person whom Entra keeps as owner keeps the alert open, until the directory group is made anew", async () => {
    const name = "Sales - Ring3";
    const before = (await groupsNamed(graph, name))[name] ?? "";
    const person = { displayName: "Ada", userPrincipalName: "ada@contoso.example", accountEnabled: true };
    const [ada = ""] = world.tenant.addUsers([person]);
    await addOwner(graph, before, ada);
    await check(world);
    const alert = await alertOf("Ring3", null);
    await repair(alert);
    expect(await alerts(world)).toEqual([alert]);
    const audit = (await call<{ value: AuditEntry[] }>(world, "GET", "/audit?month=2024-06&top=1000")).body.value;
    const failed = audit.find(({ action }) => action === "policyAlert.repair.failed");
    expect(failed?.evidence?.problem).toContain("Delete the group in the Entra admin center");
    await graph.delete(`v1.0/groups/${before}`);
    await passTime(world, 5 * HOUR_MS);
    const after = (await groupsNamed(graph, name))[name] ?? "";
    expect([after === before, await ownersOf(graph, after)]).toEqual([false, [world.tenant.servicePrincipalId]]);
    expect(await alerts(world)).toEqual([]);
  });
});

interface Health {
  readonly groups: readonly { readonly groupId: string; readonly rings: readonly { readonly status: string }[] }[];
}

describe("Restored values", () => {
  /** Values that a configuration policy holds, by the last words of their ids. */
  const settings = (policy: TenantPolicy) => JSON.stringify(policy.settings);

  it("row 100: an update ring gets the values that it had last, not those of the preset", async () => {
    await edit({ Ring2: { qualityDeferralDays: 7, gracePeriodDays: 4 } });
    await driftRing(graph, "Ring2", { qualityUpdatesDeferralPeriodInDays: 21, deadlineGracePeriodInDays: 0 });
    await check(world);
    await repair(await alertOf("Ring2", "updateRing"));
    expect(await presentPolicy(graph, "Ring2", "update ring")).toMatchObject({
      qualityUpdatesDeferralPeriodInDays: 7,
      deadlineGracePeriodInDays: 4,
    });
  });

  it("row 100: a deleted update ring is made again with the values that it had last", async () => {
    await deletePolicy(graph, "Ring2", "update ring");
    await check(world);
    await repair(await alertOf("Ring2", "updateRing"));
    expect(await presentPolicy(graph, "Ring2", "update ring")).toMatchObject({
      qualityUpdatesDeferralPeriodInDays: 7,
      deadlineGracePeriodInDays: 4,
    });
  });

  it("row 100: a feature policy gets the version that it had last", async () => {
    await deletePolicy(graph, "Last", "feature update");
    await check(world);
    await repair(await alertOf("Last", "featureUpdate"));
    const version = "Windows 11, version 23H2";
    expect(await presentPolicy(graph, "Last", "feature update")).toMatchObject({ featureUpdateVersion: version });
  });

  it("row 100: a driver policy gets its base values: automatic, with the deferral of its ring", async () => {
    const { id } = await presentPolicy(graph, "Ring3", "driver updates");
    await graph.patch(`${COLLECTIONS["driver updates"]}/${id}`, { deploymentDeferralInDays: 30 });
    await check(world);
    await repair(await alertOf("Ring3", "driverUpdate"));
    const base = { id, approvalType: "automatic", deploymentDeferralInDays: 9 };
    expect(await presentPolicy(graph, "Ring3", "driver updates")).toMatchObject(base);
  });

  it.each([
    ["Microsoft 365 Apps", "microsoft365Apps", ["monthlyenterprise", '"value":"3"', '"value":"7"']],
    ["Edge", "edge", ["targetchannel_stable"]],
  ] as const)("row 100: the policy for %s gets its base values", async (purpose, kind, values) => {
    const before = settings(await presentPolicy(graph, "Ring2", purpose));
    await deletePolicy(graph, "Ring2", purpose);
    await check(world);
    await repair(await alertOf("Ring2", kind));
    const after = settings(await presentPolicy(graph, "Ring2", purpose));
    expect(after).toBe(before);
    for (const value of values) expect(after).toContain(value);
  });

  it("row 100: the policy for diagnostic data of all devices gets its base values", async () => {
    const path = "beta/deviceManagement/configurationPolicies";
    const find = async () =>
      (await graph.list<TenantPolicy>(`${path}?$expand=settings,assignments`)).find(({ name }) =>
        String(name).startsWith("Ringmaster - Data Collection ["),
      );
    const before = await find();
    await graph.delete(`${path}/${before?.id}`);
    await check(world);
    const alert = (await alerts(world)).find(({ policyKind }) => policyKind === "dataCollection");
    expect([alert?.kind, alert?.groupId]).toEqual(["missingPolicy", null]);
    await repair(alert);
    const after = await find();
    expect(after?.settings).toEqual(before?.settings);
    expect(JSON.stringify(after?.settings)).toContain("system_allowtelemetry_3");
    const all = (await groupsNamed(graph, "Ringmaster - All devices"))["Ringmaster - All devices"];
    expect(after?.assignments).toMatchObject([{ target: { groupId: all } }]);
  });
});

/** Changes rings of `Sales` through the API. */
async function edit(rings: Readonly<Record<string, object>>): Promise<void> {
  type Group = { definition: { rings: { name: string }[] } };
  const { definition } = (await call<Group>(world, "GET", "/groups/sales")).body;
  const changed = definition.rings.map((ring) => ({ ...ring, ...rings[ring.name] }));
  const { status, body } = await call(world, "PUT", "/groups/sales", { definition: { ...definition, rings: changed } });
  if (status !== 200) throw new Error(`The edit was refused with ${status}: ${body.detail}`);
  await passTime(world, HOUR_MS / 6);
}

describe("Audit", () => {
  /** The tag that ends the name of a policy. */
  const tagIn = (name: unknown) => /\[([0-9a-f]{12})\]$/.exec(String(name))?.[1];
  const entries = async () =>
    (await call<{ value: AuditEntry[] }>(world, "GET", "/audit?month=2024-06&top=1000")).body.value;

  it("row 106: every policy of the service in the tenant was made and assigned by the service, says the audit log", async () => {
    const log = await entries();
    const authors = (action: string, target: string, policyId: string) =>
      log
        .filter((entry) => entry.action === action && entry.target === target && entry.evidence?.policyId === policyId)
        .map(({ actor }) => actor.name);
    const purposes = Object.keys(COLLECTIONS) as Purpose[];
    for (const ring of ["Test", "Ring1", "Ring2", "Ring3", "Last"]) {
      for (const purpose of purposes) {
        const { displayName, name, id } = await presentPolicy(graph, ring, purpose);
        const target = `policy/${tagIn(displayName ?? name)}`;
        expect(authors("policy.create", target, id)).toEqual(["Ringmaster"]);
        // A standing policy is assigned by the ring that comes with it.
        if (purpose !== "standing") expect(authors("policy.assign", target, id)).toContain("Ringmaster");
      }
    }
  });

  it("row 106: a repair is the service's, the request a person's, and the one names the other", async () => {
    await driftRing(graph, "Ring1", HAND_DEFERRAL);
    await check(world);
    const alert = await alertOf("Ring1", "updateRing");
    await repair(alert);
    const about = (await entries()).filter(({ target }) =>
      [`policy-alert/${alert?.id}`, `policy/${alert?.id}`].includes(target),
    );
    const acts = about.map(({ action, actor }) => `${action} by ${actor.name}`);
    expect(acts).toContain("policyAlert.submitChanges by The holder of the function key");
    expect(acts).toContain("policy.change by Ringmaster");
    expect(acts).toContain("policyAlert.repair by Ringmaster");
    const repaired = about.findLast(({ action }) => action === "policyAlert.repair");
    expect(repaired?.evidence).toMatchObject({ requestedBy: "The holder of the function key" });
  });

  it("row 106: opening and filling the offer of a release names the service, ring by ring, once", async () => {
    await runTo(world, "2024-06-13T12:00Z");
    const acts = (await entries()).filter(({ action, target }) => /^ring\./.test(action) && /sales/i.test(target));
    expect(new Set(acts.map(({ actor }) => actor.name))).toEqual(new Set(["Ringmaster"]));
    const opened = acts.filter(({ action }) => action === "ring.open");
    const policies = await graph.list<TenantPolicy>(COLLECTIONS.standing);
    const offering = policies.filter(({ displayName }) =>
      /^Ringmaster Sales - .* (?!standing)\S+ \[/.test(String(displayName)),
    );
    expect(offering.length).toBeGreaterThan(0);
    expect(opened.map(({ evidence }) => evidence?.tag).sort()).toEqual(
      offering.map(({ displayName }) => tagIn(displayName)).sort(),
    );
  });

  it("row 99: a directory group that is made again during a release gets the release as well", async () => {
    const name = "Sales - Test";
    const before = (await groupsNamed(graph, name))[name] ?? "";
    await graph.delete(`v1.0/groups/${before}`);
    await passTime(world, 5 * HOUR_MS);
    const after = (await groupsNamed(graph, name))[name];
    const policies = await graph.list<TenantPolicy>(`${COLLECTIONS.standing}?$expand=rings`);
    const ofRing = policies.filter(({ displayName }) => String(displayName).startsWith("Ringmaster Sales - Test "));
    const reached = ofRing.map(({ rings }) => JSON.stringify(rings));
    expect(reached.length).toBeGreaterThan(1);
    for (const text of reached) expect([text.includes(before), text.includes(String(after))]).toEqual([false, true]);
  });

  it("row 106: no write to a policy or a directory group of the service names anybody else", async () => {
    const writes = (await entries()).filter(({ action }) => /^(policy|group\.directory)\./.test(action));
    expect(writes.length).toBeGreaterThan(60);
    expect(new Set(writes.map(({ actor }) => actor.id))).toEqual(new Set(["service"]));
  });
});
