import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { Graph } from "../../shared/graph/graph.js";
import { apiInMemory, reset } from "../support/api-in-memory.js";
import { device, items, type TestTenant, UPDATES } from "../unit/infra/local/tenant/support.js";
import { emulated, persistently } from "../unit/shared/graph/emulated.js";

const api = apiInMemory();
const { call, noted } = api;
let graph: Graph;
vi.doMock("../../shared/graph/client.js", () => ({ graphClient: () => graph, tenantManagementGraph: () => graph }));
await import("../../functions/api/quality-policies.js");
await import("../../functions/api/quality-policy-releases.js");
const done = async () => undefined;
vi.doMock("../../workflows/activities/expedite.js", () => ({ rouseExpedite: done }));
vi.doMock("../../workflows/activities/catalogue.js", () => ({ writeRelease: done }));
await import("../../functions/api/expedites.js");
await import("../../functions/api/hotpatch.js");
const { surveyDevices } = await import("../../shared/registration/discover.js");
const { applyQualityPolicies } = await import("../../shared/quality-policies/apply.js");
const { addByHand, autopatchGroup } = await import("../unit/shared/registration/estate.js");
const { ringOffering } = await import("../../shared/quality-policies/governed.js");
const { targetOf } = await import("../../shared/releases/target.js");
const { readGroup } = await import("../../shared/groups/store.js");

/** Friday after the monthly security update of May 2024; the optional update of April was on the 23rd. */
const START = "2024-05-17T12:00:00Z";
const [B, D] = ["2024.05 B", "2024.04 D"];
const [HOUR_S, DAY_S] = [3600, 86_400];
const PUBLISHED = Date.parse("2024-05-14T17:00:00Z");

interface Body extends Readonly<Record<string, unknown>> {
  readonly id: string;
}

let test: TestTenant;
let pilots: string;
let testers: string;
beforeAll(async () => {
  const started = await emulated(6, { at: START });
  test = started.test;
  graph = started.graph;
  const objects = [0, 1, 2, 3].map((nth) => device(nth).objectId);
  testers = await test.group("sales", objects);
  pilots = await test.group("pilots", objects.slice(0, 2));
  test.pass(60);
});
afterAll(() => test?.discard());
beforeEach(async () => {
  await removeAll();
  reset(api);
});

/** Leaves no policy of a test before in the tenant. */
async function removeAll(): Promise<void> {
  const policies = `${UPDATES}/policies`;
  for (const { id } of items(await test.get(policies))) await test.call("DELETE", `${policies}/${id}`);
}

async function apply(): Promise<void> {
  await persistently(test, () => applyQualityPolicies(graph, test.clock.now(), "due"));
}

async function create(name: string, more: object = {}): Promise<Body> {
  const { status, body } = await call("qualityPoliciesPost", { body: { name, ...more } });
  expect([status, body.detail]).toEqual([201, undefined]);
  return body as Body;
}

const group = (id: string) => ({ type: "directoryGroup", id });
const manual = { categories: { monthlySecurity: { method: "manual" } } };
const decide = (policyId: string, action: string, update: string, more: object = {}) =>
  call("qualityPoliciesDecide", { params: { policyId }, body: { action, update, ...more } });
const decideForAll = (action: string, update: string) =>
  call("qualityPoliciesDecideForAll", { body: { action, update } });

async function release(policyId: string, name: string): Promise<Record<string, unknown>> {
  const { body } = await call("qualityPoliciesReleases", { params: { policyId }, query: { top: "1000" } });
  return (body.value as Record<string, unknown>[]).find((each) => each.name === name) ?? {};
}
const stateOf = async (policyId: string, name: string) => (await release(policyId, name)).state;

/** What the tenant offers a device now. */
async function offered(nth: number): Promise<string | undefined> {
  const id = test.tenant.view(device(nth).deviceId).offer?.catalogEntryId;
  for (const name of [B, D, "2024.04 B", "2024.03 B"]) if ((await test.entryId(name)) === id) return name;
  return id;
}

const problem = ({ status, body }: Awaited<ReturnType<typeof call>>) => [status, body.field, body.rule];

describe("a quality update policy", () => {
  it("row 70: approves monthly security updates by itself and leaves the rest to people, unless told otherwise", async () => {
    const { categories } = await create("Pilots");
    expect(categories).toEqual({
      monthlySecurity: { method: "automatic", deferralDays: 0 },
      monthlyNonSecurity: { method: "manual" },
      outOfBandSecurity: { method: "manual" },
      outOfBandNonSecurity: { method: "manual" },
      quickMachineRecovery: { method: "manual" },
    });
    expect(noted).toContain("qualityPolicy.create");
  });

  it("row 72: says that nobody watches the devices that it takes out of the rings' releases", async () => {
    expect((await create("Nobody yet")).notice).toBeNull();
    expect((await create("Pilots", { assignments: [group(pilots)] })).notice).toMatch(/no release.*health gate/);
  });

  it.each([
    ["deferral of 30 days", 30, 201],
    ["deferral of 31 days", 31, 400],
    ["deferral of -1 days", -1, 400],
  ])("row 70: a %s", async (_what, deferralDays, status) => {
    const categories = { outOfBandSecurity: { method: "automatic", deferralDays } };
    const answer = await call("qualityPoliciesPost", { body: { name: "Deferred", categories } });
    expect(answer.status).toBe(status);
    if (status === 400) expect(answer.body.field).toBe("categories.outOfBandSecurity.deferralDays");
  });

  it.each([
    ["name", 200],
    ["description", 1500],
  ])("row 70: takes a %s of %i characters and refuses one more", async (field, limit) => {
    const of = (length: number) => ({ name: "Pilots", [field]: "x".repeat(length) });
    expect(problem(await call("qualityPoliciesPost", { body: of(limit + 1) }))).toEqual([400, field, undefined]);
    expect((await call("qualityPoliciesPost", { body: of(limit) })).status).toBe(201);
    await apply();
  });

  it.each([
    ["directory group", { type: "directoryGroup", id: "00000000-0000-4000-8000-00000000dead" }],
    ["Autopatch group", { type: "autopatchGroup", groupId: "nobody" }],
    ["ring", { type: "ring", groupId: "sales", ring: "Ring9" }],
  ])("row 70: is refused for a %s that there is not", async (_what, target) => {
    await autopatchGroup(test, "sales", { assigned: { Test: testers } });
    const answer = await call("qualityPoliciesPost", { body: { name: "Pilots", assignments: [target] } });
    expect(problem(answer)).toEqual([422, "assignments.0", "knownTarget"]);
    expect((await call("qualityPoliciesList")).body.value).toEqual([]);
  });

  it("row 71: keeps the method of every category; its deferral can change", async () => {
    const { id, name, description, hotpatch, assignments, categories } = await create("Pilots");
    const form = { name, description, hotpatch, assignments };
    const put = (monthlySecurity: object) => {
      const body = { ...form, categories: { ...(categories as object), monthlySecurity } };
      return call("qualityPoliciesPut", { params: { policyId: id }, body });
    };
    expect(problem(await put({ method: "manual" }))).toEqual([
      ...[422, "categories.monthlySecurity.method", "methodImmutable"],
    ]);
    expect((await put({ method: "automatic", deferralDays: 7 })).body.categories).toMatchObject({
      monthlySecurity: { method: "automatic", deferralDays: 7 },
    });
  });

  it("row 71: is changed only as the caller saw it", async () => {
    const { id } = await create("Pilots", manual);
    const params = { policyId: id };
    const etag = (await call("qualityPoliciesGet", { params })).headers.get("etag") ?? "";
    const approve = () =>
      call("qualityPoliciesDecide", { params, headers: { "if-match": etag }, body: { action: "approve", update: B } });
    expect((await approve()).status).toBe(200);
    expect((await approve()).status).toBe(412);
  });
});

describe("an update in a policy", () => {
  it("row 71: goes from Needs review to Approved to Paused to Approved, and no other way", async () => {
    const { id } = await create("Pilots", manual);
    expect(await stateOf(id, B)).toBe("Needs review");
    for (const act of ["pause", "resume"]) {
      expect(problem(await decide(id, act, B))).toEqual([422, "action", "transition"]);
    }
    await decide(id, "approve", B, { justification: "It was tested." });
    expect(await stateOf(id, B)).toBe("Approved");
    for (const act of ["approve", "resume"]) {
      expect(problem(await decide(id, act, B))).toEqual([422, "action", "transition"]);
    }
    await decide(id, "pause", B);
    expect([await stateOf(id, B), (await release(id, B)).offeredFrom]).toEqual(["Paused", null]);
    await decide(id, "resume", B);
    expect(await stateOf(id, B)).toBe("Approved");
    const acts = noted.filter((action) => action !== "api.refuse" && !action.endsWith("apply"));
    expect(acts.slice(1)).toEqual(["qualityPolicy.approve", "qualityPolicy.pause", "qualityPolicy.resume"]);
  });

  it("row 71: is offered from its approval on, no more while it is paused, and nothing is removed", async () => {
    const { id } = await create("Pilots", { ...manual, assignments: [group(pilots)] });
    await apply();
    expect(await offered(0)).toBeUndefined();
    await decide(id, "approve", B);
    await apply();
    test.pass(8 * HOUR_S);
    expect([await offered(0), await offered(2)]).toEqual([B, undefined]);
    await decide(id, "pause", B);
    await apply();
    test.pass(8 * HOUR_S);
    expect([await offered(0), test.tenant.view(device(0).deviceId).ring?.rollBackQuality ?? false]).toEqual([
      undefined,
      false,
    ]);
    await decide(id, "resume", B);
    await apply();
    test.pass(8 * HOUR_S);
    expect(await offered(0)).toBe(B);
  });

  it("row 71: is offered on its start date, and not before", async () => {
    const { id } = await create("Pilots", { ...manual, assignments: [group(pilots)] });
    const day = (days: number) => new Date(test.clock.now() + days * DAY_S * 1000).toISOString().slice(0, 10);
    expect(problem(await decide(id, "approve", B, { startDate: day(-1) }))).toEqual([422, "startDate", "startDate"]);
    await decide(id, "approve", B, { startDate: day(2) });
    expect(await release(id, B)).toMatchObject({ state: "Approved", offeredFrom: `${day(2)}T00:00:00.000Z` });
    await apply();
    test.pass(DAY_S);
    await apply();
    expect(await offered(0)).toBeUndefined();
    test.pass(DAY_S);
    await apply();
    test.pass(8 * HOUR_S);
    expect(await offered(0)).toBe(B);
  });

  it("row 71: that nobody published is refused", async () => {
    const { id } = await create("Pilots", manual);
    expect(problem(await decide(id, "approve", "2024.06 B"))).toEqual([422, "update", "publishedUpdate"]);
  });

  it("row 71: is approved in all policies at once; those that it does not fit stay as they are", async () => {
    const [by] = [await create("Automatic"), await create("Pilots", manual), await create("Kiosks", manual)];
    const summary = async () => {
      const { value } = (await call("qualityPoliciesApprovals", { query: { top: "1000" } })).body;
      return (value as Record<string, unknown>[]).find(({ name }) => name === B)?.summary;
    };
    expect(await summary()).toBe("1 of 3 policies approved");
    const { body } = await decideForAll("approve", B);
    expect(body.summary).toBe("3 of 3 policies approved");
    const value = body.value as Record<string, unknown>[];
    expect(value.filter(({ changed }) => changed === false).map(({ policyId }) => policyId)).toEqual([by.id]);
    expect(problem(await decideForAll("approve", B))).toEqual([422, "action", "transition"]);
    await decideForAll("pause", B);
    expect(await summary()).toBe("0 of 3 policies approved");
  });
});

describe("which policy decides for a device", () => {
  const view = async (nth: number) =>
    (await call("deviceQualityPoliciesGet", { params: { deviceId: device(nth).deviceId } })).body;
  const sales = async () => {
    await autopatchGroup(test, "sales", { assigned: { Ring3: testers } });
    await surveyDevices();
  };

  it("row 72: of several policies the one with the newest approved update", async () => {
    await sales();
    const older = await create("Older", { ...manual, assignments: [group(testers)] });
    const newer = await create("Newer", { ...manual, assignments: [group(pilots)] });
    await decide(older.id, "approve", "2024.04 B");
    await decide(newer.id, "approve", B);
    await apply();
    test.pass(8 * HOUR_S);
    const won = await Promise.all([0, 2].map(view));
    expect(won.map(({ appliedPolicy }) => (appliedPolicy as { name: string }).name)).toEqual(["Newer", "Older"]);
    expect([await offered(0), await offered(2)]).toEqual([B, "2024.04 B"]);
    await decide(newer.id, "pause", B);
    await apply();
    test.pass(8 * HOUR_S);
    expect([(await view(0)).appliedPolicy, await offered(0)]).toEqual([{ id: older.id, name: "Older" }, "2024.04 B"]);
  });

  it("row 72: it beats the ring for approval and deferral; the ring's deadline and grace period still apply", async () => {
    await sales();
    expect(await view(0)).toMatchObject({ decidedBy: "ring", ring: { deferralDays: 9, deferralCounts: true } });
    const { id } = await create("Pilots", { ...manual, assignments: [{ type: "autopatchGroup", groupId: "sales" }] });
    expect(await view(0)).toMatchObject({ decidedBy: "policy", targetRelease: null, targetCompliance: null });
    await decide(id, "approve", B);
    const now = test.clock.now();
    expect(await view(0)).toMatchObject({
      ...{ decidedBy: "policy", targetRelease: { name: B }, offeredFrom: new Date(now).toISOString() },
      ring: { deferralDays: 9, deadlineDays: 5, graceDays: 2, deferralCounts: false },
      targetCompliance: new Date(now + 5 * DAY_S * 1000).toISOString(),
    });
  });

  it("row 72: its hotpatch switch beats the standing policy and the tenant's default", async () => {
    await sales();
    const allowed = async () =>
      (await call("deviceHotpatchGet", { params: { deviceId: device(0).deviceId } })).body as Record<string, unknown>;
    expect(await allowed()).toMatchObject({ allowed: true, policy: expect.stringContaining("standing") });
    await create("Restarting", { hotpatch: false, assignments: [group(pilots)] });
    expect(await allowed()).toMatchObject({ allowed: false, policy: "Restarting" });
  });

  it("row 72: devices are enrolled on assignment, and for a day after it was taken back", async () => {
    await sales();
    const { id, name, description, hotpatch, categories } = await create("Pilots", { assignments: [group(pilots)] });
    const form = { name, description, hotpatch, categories, assignments: [] };
    await apply();
    test.pass(8 * HOUR_S);
    await call("qualityPoliciesPut", { params: { policyId: id }, body: form });
    await apply();
    test.pass(DAY_S - 2 * 60);
    expect((await view(0)).decidedBy).toBe("policy");
    expect(await offered(0)).toBe(B);
    test.pass(2 * HOUR_S);
    expect((await view(0)).decidedBy).toBe("ring");
    expect(await offered(0)).toBeUndefined();
  });
});

describe("rings beside policies", () => {
  it("row 72: offer nothing to devices for which a policy decides, and offer again a day after it was taken back", async () => {
    const { bindings } = await autopatchGroup(test, "sales", { assigned: { Test: testers } });
    const ring = bindings.Ring3?.entraGroupId ?? "";
    for (const nth of [0, 2]) await addByHand(test, ring, device(nth).objectId);
    test.pass(60);
    const { id, ...form } = await create("Pilots", { ...manual, assignments: [group(pilots)] });
    await apply();
    const target = targetOf((await readGroup("sales")).body, "Ring3");
    if (target === undefined) throw new Error("The ring has no directory group.");
    const { policyId } = await persistently(test, async () => (await ringOffering(graph)).ensureStandingPolicy(target));
    await test.approve(`${UPDATES}/policies/${policyId}`, B);
    test.pass(8 * HOUR_S);
    expect([await offered(0), await offered(2)]).toEqual([undefined, B]);
    const { name, description, hotpatch, categories } = form;
    const body = { name, description, hotpatch, categories, assignments: [] };
    await call("qualityPoliciesPut", { params: { policyId: id }, body });
    await apply();
    expect(await offered(0)).toBeUndefined();
    test.pass(DAY_S + 60);
    await apply();
    expect(await offered(0)).toBe(B);
  });
});

describe("the compliance date", () => {
  const dateIn = async (policyId: string, ring: string) => {
    const { compliance } = await release(policyId, B);
    return (compliance as { ring: string; at: string }[]).find((each) => each.ring === ring)?.at;
  };
  const days = (from: number, count: number) => new Date(from + count * DAY_S * 1000).toISOString();
  const assignments = [{ type: "autopatchGroup", groupId: "sales" }];

  it("row 73: is the approval + the ring's deadline where people approve", async () => {
    await autopatchGroup(test, "sales", { assigned: { Test: testers } });
    const { id } = await create("Pilots", { ...manual, assignments });
    expect(await dateIn(id, "Ring1")).toBeNull();
    await decide(id, "approve", B);
    const now = test.clock.now();
    expect([await dateIn(id, "Test"), await dateIn(id, "Ring1"), await dateIn(id, "Ring3")]).toEqual([
      ...[days(now, 0), days(now, 2), days(now, 5)],
    ]);
  });

  it("row 73: is the release + the policy's deferral + the ring's deadline where the policy approves", async () => {
    await autopatchGroup(test, "sales", { assigned: { Test: testers } });
    const categories = { monthlySecurity: { method: "automatic", deferralDays: 4 } };
    const { id } = await create("Pilots", { categories, assignments });
    expect([await dateIn(id, "Test"), await dateIn(id, "Ring1"), await dateIn(id, "Last")]).toEqual([
      ...[days(PUBLISHED, 4), days(PUBLISHED, 6), days(PUBLISHED, 7)],
    ]);
  });

  it("row 73: is the release + the ring's deferral and deadline where no policy decides", async () => {
    await autopatchGroup(test, "sales", { assigned: { Ring2: testers } });
    await surveyDevices();
    test.pass(10 * DAY_S);
    const { body } = await call("deviceQualityPoliciesGet", { params: { deviceId: device(0).deviceId } });
    expect(body).toMatchObject({ decidedBy: "ring", targetRelease: { name: B } });
    expect(body.targetCompliance).toBe(days(PUBLISHED, 5 + 2));
  });
});

describe("the report", () => {
  const rows = async () => (await call("qualityPoliciesDeviceReport")).body;

  it("row 70: shows every device with target, installed release, policy and readiness, and is made anew after four hours", async () => {
    await autopatchGroup(test, "sales", { assigned: { Ring2: testers } });
    test.tenant.patchDevice(device(0).deviceId, { osVersion: "10.0.22631.3447" });
    await surveyDevices();
    const { id } = await create("Pilots", { ...manual, assignments: [group(pilots)] });
    await decide(id, "approve", B);
    const first = await rows();
    const [mine] = first.value as object[];
    expect(mine).toMatchObject({
      ...{ deviceId: device(0).deviceId, groupId: "sales", ring: "Ring2", appliedPolicy: "Pilots", targetRelease: B },
      ...{ targetCompliance: "inTime", compliantBy: new Date(test.clock.now() + 2 * DAY_S * 1000).toISOString() },
      ...{ installedRelease: "2024.04 B", hotpatchReadiness: "Unhealthy" },
    });
    expect((first.value as object[]).map((row) => (row as { appliedPolicy: string | null }).appliedPolicy)).toEqual([
      ...["Pilots", "Pilots", null, null],
    ]);
    await decide(id, "pause", B);
    test.pass(4 * HOUR_S - 1);
    expect(await rows()).toEqual(first);
    test.pass(1);
    expect((await rows()).value).toContainEqual(
      expect.objectContaining({ deviceId: device(0).deviceId, targetRelease: null, targetCompliance: "noTarget" }),
    );
  });
});

describe("an expedite", () => {
  const expedite = (more: object = {}) =>
    call("expeditesPost", { body: { kb: "KB5037771", groups: ["sales"], ...more } });

  it("row 71: is not for groups in which a policy has paused the update, unless it says so", async () => {
    await autopatchGroup(test, "sales", { assigned: { Ring2: testers } });
    await surveyDevices();
    const { id } = await create("Pilots", { assignments: [group(pilots)] });
    const pausedIn = async () => {
      const { value } = (await call("expeditesCandidates")).body as { value: Record<string, unknown>[] };
      return value.find(({ name }) => name === B)?.pausedIn;
    };
    expect(await pausedIn()).toEqual([]);
    await decide(id, "pause", B);
    expect(await pausedIn()).toEqual(["Pilots"]);
    expect(problem(await expedite())).toEqual([422, "groups", "pausedInPolicy"]);
    const { partsOf } = await import("../../workflows/activities/expedite-groups.js");
    const { readExpedite } = await import("../../shared/expedites/store.js");
    const { publishedUpdates } = await import("../../shared/quality-policies/catalogue.js");
    const update = (await publishedUpdates(graph, test.clock.now())).find(({ shortName }) => shortName === B);
    if (update === undefined) throw new Error("The update is not in the catalogue.");
    const { status, body } = await expedite({ despitePause: true });
    expect(status).toBe(202);
    const stored = await readExpedite(String(body.id));
    const { despitePause: _said, ...silent } = stored;
    const skipped = async (each: typeof stored) => (await partsOf(each, update)).map((part) => part.skipped);
    expect(await skipped(stored)).toEqual([null]);
    expect(await skipped(silent)).toEqual([expect.stringContaining('paused in quality update policy "Pilots"')]);
  });
});
