import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Approval } from "../../shared/approvals/store.js";
import type { DriverView } from "../../shared/drivers/view.js";
import type { AutopatchGroupInput } from "../../shared/groups/group.js";
import type { StoredGroup } from "../../shared/groups/store.js";
import { apiInMemory, reset } from "../support/api-in-memory.js";
import { tenantDevice } from "../support/tenant-device.js";

const now = vi.hoisted(() => ({ graph: undefined as unknown }));
vi.mock("../../shared/graph/client.js", async (original) => ({
  ...(await original<object>()),
  graphClient: () => now.graph,
  tenantManagementGraph: () => now.graph,
}));
vi.mock("../../workflows/group-start.js", () => ({
  startProvisioning: async () => undefined,
  startRemoval: async () => undefined,
}));
const api = apiInMemory();
const { call, noted } = api;
await import("../../functions/api/drivers.js");
await import("../../functions/api/group-files.js");
await import("../../functions/api/groups.js");
const { readGroup, writeGroup } = await import("../../shared/groups/store.js");
const { ensurePolicies } = await import("../../shared/policies/ensure.js");
const review = await import("../../shared/drivers/review.js");
const { driversOf } = await import("../../shared/drivers/driver.js");
const { readDriverPolicies } = await import("../../shared/drivers/policies.js");
const { newApproval } = await import("../../shared/approvals/store.js");
const { policyFor } = await import("../../shared/approvals/policy.js");
const { approvalCard } = await import("../../shared/cards/approval-card.js");
const { drivers: driversModule } = await import("../../shared/drivers/workload.js");
const { driverUpdateArea } = await import("../../shared/graph/policies/intune-areas.js");
const { targetOf } = await import("../../shared/releases/target.js");
const { tenantWithGroup } = await import("../unit/shared/policies/tenant.js");

const DAY = 86_400_000;
const RINGS = ["Test", "Ring1", "Ring2", "Ring3", "Last"] as const;
const params = { groupId: "northwind" };

type Tenant = Awaited<ReturnType<typeof tenantWithGroup>>;
let tenant: Tenant;

beforeEach(() => reset(api));
afterEach(() => tenant?.test.discard());

/** A group with two devices in each ring, whose network adapters have version 1.0 of the driver of Contoso. */
async function begin(definition: Partial<AutopatchGroupInput> = {}): Promise<void> {
  tenant = await tenantWithGroup(definition);
  now.graph = tenant.graph;
  await writeGroup({ ...tenant.group, definition: await distributed(tenant.group) });
  const devices = tenant.test.devices(10, { attributes: { networkDriver: "Contoso 1.0" } });
  for (const [nth, ring] of RINGS.entries()) {
    for (const { objectId } of devices.slice(2 * nth, 2 * nth + 2)) {
      const path = `/v1.0/groups/${tenant.group.bindings[ring]?.entraGroupId}/members/$ref`;
      const body = { "@odata.id": `https://graph.microsoft.com/v1.0/directoryObjects/${objectId}` };
      expect((await tenant.test.post(path, body)).status).toBe(204);
    }
  }
  tenant.test.pass(60);
  await bringPolicies();
}

/** The definition with a directory group for each ring, without which no group is admitted. */
async function distributed({ definition }: StoredGroup): Promise<StoredGroup["definition"]> {
  const rings = [];
  for (const ring of definition.rings) {
    const assignedGroupId = await tenant.test.group(`Source${ring.name}`);
    rings.push({ ...ring, distribution: { assignedGroupId } });
  }
  return { ...definition, rings };
}

async function bringPolicies(): Promise<void> {
  const group: StoredGroup = (await readGroup(params.groupId)).body;
  await ensurePolicies(tenant.graph, { ...tenant.input, group });
  tenant.test.pass(60);
}

/** Contoso publishes a version of its driver; returns its id. */
function publish(version: string, { required = true, until }: { required?: boolean; until?: number } = {}): string {
  const releasedAt = tenant.test.clock.now();
  return tenant.test.tenant.publishDriver({
    ...{ component: "Contoso - Net", manufacturer: "Contoso", driverClass: "Net", version },
    ...{ isRequired: required, releasedAt, deployableUntil: until ?? null },
  });
}

async function drivers(query: Record<string, string> = {}): Promise<DriverView[]> {
  return (await call("driversList", { params, query })).body.value as DriverView[];
}

async function driver(id: string): Promise<DriverView> {
  return (await call("driversGet", { params: { ...params, driverId: id } })).body as unknown as DriverView;
}

const decide = (body: object) => call("driversDecide", { params, body: { justification: "Tested.", ...body } });
const ruleOf = ({ status, body }: { status: number | undefined; body: Readonly<Record<string, unknown>> }) => [
  status,
  (body.details as { rule?: string } | undefined)?.rule ?? body.rule,
];
const statusesOf = async (id: string) => (await driver(id)).rings.map(({ status }) => status);
const policies = async () =>
  (await call("driverPoliciesGet", { params })).body.rings as { approval: string; deferralDays: number | string }[];
const put = (definition: AutopatchGroupInput, more: object = {}) =>
  call("groupsPut", { params, body: { definition, ...more } });

const MANUAL = { deploymentSettings: { driverApproval: "manual" } } as const;

describe("The mode of driver policies", () => {
  it("row 85: is automatic unless somebody says otherwise: recommended drivers are approved, others need a review", async () => {
    await begin();
    expect((await policies()).map(({ approval }) => approval)).toEqual(RINGS.map(() => "automatic"));
    const [former, latest, optional] = [publish("2.0"), publish("3.0"), publish("4.0", { required: false })];
    expect(await statusesOf(latest)).toEqual(RINGS.map(() => "Approved"));
    expect(await statusesOf(optional)).toEqual(RINGS.map(() => "Needs review"));
    expect((await driver(latest)).categories).toEqual(["recommended"]);
    expect((await driver(former)).categories).toEqual(["other"]);
  });

  it("row 85: is switched only once the loss is confirmed, and then every decision is lost", async () => {
    await begin();
    const [latest, optional] = [publish("3.0"), publish("4.0", { required: false })];
    await decide({ action: "pause", driverIds: [latest] });
    await decide({ action: "approve", driverIds: [optional], ring: "Ring1" });
    const { definition } = (await readGroup(params.groupId)).body;
    const manual = { ...definition, ...MANUAL };
    expect(ruleOf(await put(manual))).toEqual([422, "driverDecisionsLost"]);
    await bringPolicies();
    expect(await statusesOf(latest)).toEqual(RINGS.map(() => "Paused"));

    expect((await put(manual, { confirm: ["loseDriverDecisions"] })).status).toBe(200);
    await bringPolicies();
    expect((await policies()).map(({ approval }) => approval)).toEqual(RINGS.map(() => "manual"));
    for (const id of [latest, optional]) expect(await statusesOf(id)).toEqual(RINGS.map(() => "Needs review"));
  });

  it("row 85: is not switched by a file either, unless that confirms the loss", async () => {
    await begin();
    const { definition } = (await readGroup(params.groupId)).body;
    const file = { groups: [{ id: params.groupId, ...definition, ...MANUAL }] };
    for (const operation of ["groupsPlan", "groupsApply"]) {
      expect(ruleOf(await call(operation, { body: file }))).toEqual([422, "driverDecisionsLost"]);
    }
    const confirmed = { ...file, confirm: ["loseDriverDecisions"] };
    expect((await call("groupsPlan", { body: confirmed })).status).toBe(200);
    expect((await readGroup(params.groupId)).body.definition.deploymentSettings.driverApproval).toBe("automatic");
    expect((await call("groupsApply", { body: confirmed })).status).toBe(202);
    expect((await readGroup(params.groupId)).body.definition.deploymentSettings.driverApproval).toBe("manual");
  });

  it("row 85: may be another one in a ring of its own", async () => {
    await begin();
    const latest = publish("3.0");
    const { definition } = (await readGroup(params.groupId)).body;
    const rings = definition.rings.map((ring) =>
      ring.name === "Ring3" ? { ...ring, driverApproval: "manual" as const } : ring,
    );
    expect(ruleOf(await put({ ...definition, rings }))).toEqual([422, "driverDecisionsLost"]);
    expect((await put({ ...definition, rings }, { confirm: ["loseDriverDecisions"] })).status).toBe(200);
    await bringPolicies();
    expect((await policies()).map(({ approval }) => approval)).toEqual([
      ...["automatic", "automatic", "automatic", "manual", "automatic"],
    ]);
    expect(await statusesOf(latest)).toEqual(["Approved", "Approved", "Approved", "Needs review", "Approved"]);
  });
});

describe("The deferral of drivers", () => {
  it("row 86: is the ring's quality deferral, from the day on which the driver came into the policy", async () => {
    await begin();
    tenant.test.pass(3 * 86_400);
    const latest = publish("3.0");
    const added = tenant.test.clock.now();
    expect((await policies()).map(({ deferralDays }) => deferralDays)).toEqual([0, 1, 5, 9, 10]);
    const days = (await driver(latest)).rings.map(({ offeredFrom }) => (Date.parse(offeredFrom ?? "") - added) / DAY);
    expect(days).toEqual([0, 1, 5, 9, 10]);
  });

  it("row 86: is not applicable where people approve", async () => {
    await begin(MANUAL);
    const latest = publish("3.0");
    expect((await policies()).map(({ deferralDays }) => deferralDays)).toEqual(RINGS.map(() => "Not applicable"));
    expect((await driver(latest)).rings.map(({ offeredFrom }) => offeredFrom)).toEqual(RINGS.map(() => null));
  });
});

/** Decisions that lead from Needs review to each status. */
const PATHS = {
  "Needs review": [],
  Approved: ["approve"],
  Paused: ["approve", "pause"],
  Declined: ["decline"],
} as const;
const PERMITTED = {
  "Needs review": { approve: "Approved", decline: "Declined" },
  Approved: { pause: "Paused" },
  Paused: { approve: "Approved", resume: "Approved" },
  Declined: { approve: "Approved" },
} as const;
/** Decisions that leave a driver as it is. */
const SAME: Record<string, readonly string[]> = {
  "Needs review": [],
  Approved: ["approve", "resume"],
  Paused: ["pause"],
  Declined: ["decline"],
};

describe("Decisions about drivers", () => {
  it.each(Object.keys(PATHS) as (keyof typeof PATHS)[])(
    "row 87: from %s, no other change is permitted",
    async (from) => {
      await begin(MANUAL);
      const ring = "Ring1";
      for (const [nth, action] of (["approve", "decline", "pause", "resume"] as const).entries()) {
        const id = publish(`${nth + 2}.0`);
        for (const step of PATHS[from])
          expect((await decide({ action: step, driverIds: [id], ring })).status).toBe(200);
        const to = (PERMITTED[from] as Record<string, string>)[action];
        const reply = await decide({ action, driverIds: [id], ring });
        const isFine = to !== undefined || SAME[from]?.includes(action) === true;
        expect(ruleOf(reply)).toEqual(isFine ? [200, undefined] : [422, "driverTransition"]);
        expect((await driver(id)).rings.find((each) => each.ring === ring)?.status).toBe(to ?? from);
      }
    },
  );

  it("row 87: are about 100 drivers at most, and one action", async () => {
    await begin(MANUAL);
    const ids = Array.from({ length: 101 }, (_, nth) => publish(`2.${nth}`));
    expect(ruleOf(await decide({ action: "approve", driverIds: ids }))).toEqual([422, "driverBulkLimit"]);
    expect((await decide({ action: ["approve", "decline"], driverIds: ids.slice(1) })).status).toBe(400);
    expect(await drivers({ status: "Approved", top: "1000" })).toEqual([]);
    expect((await decide({ action: "approve", driverIds: ids.slice(1) })).status).toBe(200);
    expect(await drivers({ status: "Approved", top: "1000" })).toHaveLength(100);
  });

  it("row 87: approve for all policies from a day on, and decline where nobody has reviewed yet", async () => {
    await begin(MANUAL);
    const id = publish("3.0");
    await decide({ action: "approve", driverIds: [id], ring: "Test" });
    expect((await decide({ action: "decline", driverIds: [id] })).status).toBe(200);
    expect(await statusesOf(id)).toEqual(["Approved", ...RINGS.slice(1).map(() => "Declined")]);
    const startsAt = new Date(tenant.test.clock.now() + 7 * DAY).toISOString();
    expect((await decide({ action: "approve", driverIds: [id], startsAt })).status).toBe(200);
    expect(await statusesOf(id)).toEqual(RINGS.map(() => "Approved"));
    const [first, ...others] = (await driver(id)).rings;
    expect(Date.parse(first?.offeredFrom ?? "")).toBeLessThanOrEqual(tenant.test.clock.now());
    for (const { offeredFrom } of others) expect(Date.parse(offeredFrom ?? "")).toBe(Date.parse(startsAt));
    expect(others.map(({ offered }) => offered)).toEqual(RINGS.slice(1).map(() => null));
    const past = { action: "approve", driverIds: [id], startsAt: "2024-01-01T00:00:00Z" };
    expect(ruleOf(await decide(past))).toEqual([422, "driverStartDate"]);
  });

  it("row 87: refuse all of them when one is refused, and name the rule", async () => {
    await begin(MANUAL);
    const at = tenant.test.clock.now();
    const [good, withdrawn] = [publish("4.0"), publish("5.0")];
    const expiring = publish("3.0", { until: at + DAY });
    const unneeded = publish("0.9");
    tenant.test.tenant.withdrawDriver(withdrawn);
    tenant.test.pass(2 * 86_400);
    for (const [id, rule] of [
      [withdrawn, "driverWithdrawn"],
      [expiring, "driverExpired"],
      [unneeded, "driverNotNeeded"],
    ] as const) {
      expect(ruleOf(await decide({ action: "approve", driverIds: [good, id] }))).toEqual([422, rule]);
    }
    expect(await statusesOf(good)).toEqual(RINGS.map(() => "Needs review"));
    expect((await drivers()).map(({ id }) => id)).toEqual([good]);
    expect(noted).not.toContain("driver.approve");
  });

  it("row 87: are refused where a driver expires before it would be offered", async () => {
    await begin(MANUAL);
    const at = tenant.test.clock.now();
    const [lasting, expiring] = [publish("3.0"), publish("4.0", { until: at + 3 * DAY })];
    const from = (days: number) => ({
      ...{ action: "approve", driverIds: [lasting, expiring], startsAt: new Date(at + days * DAY).toISOString() },
    });
    expect(ruleOf(await decide(from(4)))).toEqual([422, "driverExpired"]);
    expect(await statusesOf(lasting)).toEqual(RINGS.map(() => "Needs review"));
    expect((await decide(from(2))).status).toBe(200);
  });

  it("row 87: need a justification for other drivers, and the role of an approver; the audit log has them", async () => {
    await begin(MANUAL);
    const [recommended, other] = [publish("3.0"), publish("4.0", { required: false })];
    const without = { action: "approve", justification: undefined };
    expect(ruleOf(await decide({ ...without, driverIds: [recommended, other] }))).toEqual([422, "driverJustification"]);
    expect((await decide({ ...without, driverIds: [recommended] })).status).toBe(200);
    api.role = "WindowsAutopatchReader";
    expect((await decide({ action: "approve", driverIds: [other] })).status).toBe(403);
    expect(noted.filter((action) => action.startsWith("driver."))).toEqual(["driver.approve"]);
  });
});

describe("Pausing a driver", () => {
  it("row 88: has devices offered the next latest approved version, and takes nothing away", async () => {
    await begin(MANUAL);
    const [oldest, next, latest] = [publish("2.0"), publish("3.0"), publish("4.0")];
    await decide({ action: "approve", driverIds: [oldest, next, latest] });
    const early = tenantDevice(0).deviceId;
    tenant.test.pass(3600);
    tenant.test.tenant.patchDevice(early, { installedDrivers: { "Contoso - Net": "4.0" } });
    expect((await driver(latest)).devices).toBe(9);

    expect((await decide({ action: "pause", driverIds: [latest] })).status).toBe(200);
    const paused = await driver(latest);
    expect(paused.rings.map(({ offered }) => offered?.driverId)).toEqual(RINGS.map(() => next));
    expect(paused.devices).toBe(9);
    expect((await driver(next)).devices).toBe(9);

    await decide({ action: "pause", driverIds: [next, oldest] });
    expect((await driver(latest)).rings.map(({ offered }) => offered)).toEqual(RINGS.map(() => null));
    await decide({ action: "resume", driverIds: [latest] });
    expect((await driver(oldest)).rings.map(({ offered }) => offered?.driverId)).toEqual(RINGS.map(() => latest));
  });
});

describe("A release that measures a driver", () => {
  const target = async (ring: string) => {
    const found = targetOf((await readGroup(params.groupId)).body, ring);
    if (found === undefined) throw new Error(`There is no ring ${ring}.`);
    return found;
  };

  it("suspends it in the ring's policy and approves it again, and leaves the other rings alone", async () => {
    await begin();
    const id = publish("3.0");
    const tenantOffers = await driversModule.offering(tenant.graph, tenant.graph);
    const ring = await target("Ring1");
    const policy = await tenantOffers.openRelease({ releaseKey: "r1", ring, catalogEntryId: id });
    await tenantOffers.setApproval(policy, "suspended");
    expect(await statusesOf(id)).toEqual(["Approved", "Paused", "Approved", "Approved", "Approved"]);
    await tenantOffers.setApproval(policy, "suspended");
    await tenantOffers.setApproval(policy, "approved");
    expect(await statusesOf(id)).toEqual(RINGS.map(() => "Approved"));
  });

  it("leaves the devices of a held cohort out of the ring's policy, which policy health takes for what it should be", async () => {
    await begin();
    const id = publish("3.0");
    const tenantOffers = await driversModule.offering(tenant.graph, tenant.graph);
    const ring = await target("Ring3");
    const policy = await tenantOffers.openRelease({ releaseKey: "r1", ring, catalogEntryId: id });
    const hold = {
      releaseKey: "r1",
      groupId: ring.groupId,
      groupName: ring.groupName,
      holdId: "h1",
      cohort: "model X",
    };
    const { groupId } = await tenantOffers.createHoldGroup(hold);
    tenant.test.pass(60);
    await tenantOffers.setWaveGroups(policy, [ring.entraGroupId], [groupId]);
    const excluded = async () =>
      (await driverUpdateArea.list(tenant.graph)).find((found) => found.id === policy.policyId)?.excluded;
    expect(await excluded()).toEqual([groupId]);
    const writes = tenant.graph.writes.length;
    await bringPolicies();
    expect(tenant.graph.writes).toHaveLength(writes);
    await tenantOffers.finish(policy, ring, id);
    expect(await excluded()).toEqual([]);
  });
});

describe("Drivers that people approve", () => {
  const waiting = async () => {
    const group = (await readGroup(params.groupId)).body;
    const found = review.awaitingReview(driversOf(await readDriverPolicies(tenant.graph, group)));
    return { group, found };
  };
  const ask = async (asked: readonly Pick<Approval, "question">[] = []) => {
    const { group, found } = await waiting();
    return review.reviewQuestion(group, found, asked, tenant.test.clock.now());
  };
  const because = { by: { id: "ada", name: "Ada" }, at: 1, justification: null };

  it("are asked about once, by a card that names them and what each answer does", async () => {
    await begin(MANUAL);
    publish("2.0");
    const latest = publish("3.0");
    publish("4.0", { required: false });
    const question = await ask();
    if (question === undefined) throw new Error("Nobody is asked.");
    expect(question).toMatchObject({ kind: "driverReview", groupId: "northwind", driverIds: [latest] });
    const policy = policyFor(question, undefined);
    const card = JSON.stringify(approvalCard(newApproval(question, policy, [])));
    expect(card).toContain("Contoso - Net - 3.0 (10 devices)");
    expect(card).toContain("approval.approve");
    expect(await ask([{ question }])).toBeUndefined();
    const next = publish("5.0");
    expect((await ask([{ question }]))?.driverIds).toEqual([next]);
  });

  it.each([
    [true, "Approved", "driver.approve"],
    [false, "Declined", "driver.decline"],
  ])(
    "are decided about by the answer in every ring in which they wait (approved: %s)",
    async (approved, status, entry) => {
      await begin(MANUAL);
      const latest = publish("3.0");
      const question = await ask();
      if (question === undefined) throw new Error("Nobody is asked.");
      await decide({ action: "approve", driverIds: [latest], ring: "Test" });
      await review.carryOutReview(tenant.graph, question, approved, because);
      expect(await statusesOf(latest)).toEqual(["Approved", status, status, status, status]);
      expect(noted).toContain(entry);
      expect(await review.stillWaiting(tenant.graph, question)).toEqual([]);
      const writes = tenant.graph.writes.length;
      await review.carryOutReview(tenant.graph, question, approved, because);
      expect(tenant.graph.writes).toHaveLength(writes);
    },
  );

  it("stay as somebody has decided in other rings when the rest is approved", async () => {
    await begin(MANUAL);
    const latest = publish("3.0");
    const question = await ask();
    if (question === undefined) throw new Error("Nobody is asked.");
    await decide({ action: "approve", driverIds: [latest], ring: "Test" });
    await decide({ action: "pause", driverIds: [latest], ring: "Test" });
    await decide({ action: "decline", driverIds: [latest], ring: "Ring1" });
    await review.carryOutReview(tenant.graph, question, true, because);
    expect(await statusesOf(latest)).toEqual(["Paused", "Declined", "Approved", "Approved", "Approved"]);
  });

  it("are nobody's question where the service approves them", async () => {
    await begin();
    publish("3.0");
    expect((await waiting()).found).toEqual([]);
  });
});
