import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { Graph } from "../../shared/graph/graph.js";
import type { StoredGroup } from "../../shared/groups/store.js";
import type { Inventory } from "../../shared/inventory/inventory.js";
import { apiInMemory, mocksInForce, reset } from "../support/api-in-memory.js";
import { device, type TestTenant } from "../unit/infra/local/tenant/support.js";
import { emulated } from "../unit/shared/graph/emulated.js";

const api = apiInMemory();
const { call, noted } = api;
await mocksInForce();
/** Orchestrations that were begun, unless beginning them fails. */
const begun = { fails: false, instances: [] as string[] };
vi.doMock("../../workflows/client.js", () => ({
  rouse: async () => undefined,
  async startOnce(_client: unknown, _name: string, instance: string) {
    if (begun.fails) throw new Error("The host ended.");
    begun.instances.push(instance);
  },
}));
let graph: Graph;
vi.doMock("../../shared/graph/client.js", () => ({ graphClient: () => graph, tenantManagementGraph: () => graph }));
await import("../../functions/api/apps.js");
await import("../../functions/api/device-workloads.js");
const { surveyDevices } = await import("../../shared/registration/discover.js");
const { readTenantPolicies } = await import("../../shared/graph/policies/tenant-policies.js");
const { checkHealth } = await import("../../shared/policies/health.js");
const { ensurePolicies } = await import("../../shared/policies/ensure.js");
const { keepInventories } = await import("../../shared/inventory/store.js");
const { noteSwitchProblem } = await import("../../shared/inventory/switch.js");
const { goOnWithSwitches } = await import("../../workflows/group-start.js");
const { keepConflicts } = await import("../../shared/policies/conflicts/store.js");
const { changeGroup, readGroup } = await import("../../shared/groups/store.js");
const { autopatchGroup } = await import("../unit/shared/registration/estate.js");

const DAY_S = 86_400;
const HOUR_S = 3600;
const [NEWEST, BEFORE, OLD] = ["16.0.17531.20140", "16.0.17432.20140", "16.0.17333.20140"];
const params = { groupId: "sales", workload: "microsoft365Apps" };
const because = { justification: "A macro fails." };

let test: TestTenant;
let entraGroup: string;
beforeAll(async () => {
  const started = await emulated(12, { at: "2024-06-12T12:00:00Z" });
  test = started.test;
  graph = started.graph;
  entraGroup = await test.group("sales", objects(0, 10));
  vi.stubGlobal("fetch", async (url: string) => {
    const { status, json } = await test.send("GET", new URL(url).pathname, "", {});
    return Response.json(json, { status });
  });
});
afterAll(() => test?.discard());
beforeEach(async () => {
  reset(api);
  Object.assign(begun, { fails: false, instances: [] });
  // What is remembered of check-ins for an hour, and of groups in the directory for less.
  test.pass(HOUR_S);
  for (let nth = 0; nth < 10; nth++) sync(nth, 0);
  test.tenant.patchDevice(device(3).deviceId, { processorArchitecture: "x64" });
  await autopatchGroup(test, "sales", { assigned: { Ring1: entraGroup } });
  test.pass(60);
  await surveyDevices();
  for (let nth = 0; nth < 10; nth++) await told(nth, { office: mec(NEWEST) });
});

const objects = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, place) => device(from + place).objectId);
const iso = (back = 0) => new Date(test.clock.now() - back * 1000).toISOString();
const sync = (nth: number, daysAgo: number) =>
  test.tenant.patchDevice(device(nth).deviceId, { lastSyncDateTime: iso(daysAgo * DAY_S) });
const mec = (version: string) => ({ version, channel: "monthlyEnterprise" });
/** The agents of devices tell one after the other. */
const told = async (nth: number, inventory: Inventory) => {
  test.pass(1);
  await keepInventories([{ deviceId: device(nth).deviceId, at: iso(), inventory }]);
};
const stored = async () => (await readGroup("sales")).body;
/** What the orchestration does after a change of the group. */
const provision = async () => {
  await ensurePolicies(graph, {
    ...{ group: await stored(), running: {}, allDevicesGroupId: null, at: test.clock.now() },
  });
};
const allow = async () => {
  const answer = await call("appsSwitch", { params, body: { allowed: true } });
  await provision();
  return answer;
};
const overview = async () => {
  const { status, body } = await call("groupAppsGet", { params: { groupId: "sales" } });
  expect(status).toBe(200);
  return body.microsoft365Apps as Record<string, unknown>;
};
const officeOf = async (nth: number) => {
  const { status, body } = await call("deviceAppsGet", { params: { deviceId: device(nth).deviceId } });
  expect([status, body.detail]).toEqual([200, undefined]);
  const { label, reasons, supported } = body.microsoft365Apps as {
    label: string;
    reasons: { code: string }[];
    supported: boolean;
  };
  return [label, reasons.map(({ code }) => code), supported];
};
/** The Office policies in the tenant, ring by ring. */
async function policies(): Promise<Record<string, Record<string, unknown>>> {
  const found = (await readTenantPolicies(graph)).found("microsoft365Apps");
  const rings = (await stored()).definition.rings.map(({ name }) => name);
  const own = rings.flatMap((ring) => {
    const policy = found.find(({ displayName }) =>
      displayName?.startsWith(`Ringmaster sales - ${ring} Microsoft 365 Apps`),
    );
    return policy === undefined ? [] : [[ring, { ...policy.values, included: policy.included }] as const];
  });
  return Object.fromEntries(own);
}
const valuesOf = async (setting: string) =>
  Object.fromEntries(Object.entries(await policies()).map(([ring, values]) => [ring, values[setting] ?? null]));

describe("the policies of Microsoft 365 Apps", () => {
  it("row 89: delay by 0, 0, 3 and 7 days by service ring, with a deadline of 7 days", async () => {
    await allow();
    expect(await valuesOf("officeUpdateDeferralDays")).toEqual({ Test: 0, Ring1: 0, Ring2: 3, Ring3: 7, Last: 7 });
    expect(Object.values(await valuesOf("officeUpdateDeadlineDays"))).toEqual([7, 7, 7, 7, 7]);
  });

  it("row 89: keep every ring on the Monthly Enterprise Channel, with updates on and no switch for users", async () => {
    await allow();
    for (const [setting, value] of [
      ["officeUpdateChannel", "monthlyEnterprise"],
      ["officeAutomaticUpdates", true],
      ["officeHideUpdateSwitch", true],
      ["officeTargetVersion", null],
    ] as const) {
      expect([setting, ...new Set(Object.values(await valuesOf(setting)))]).toEqual([setting, value]);
    }
    const { bindings } = await stored();
    expect((await valuesOf("included")).Ring2).toEqual([bindings.Ring2?.entraGroupId]);
  });
});

describe("the switch of Microsoft 365 Apps", () => {
  const change = async () =>
    ((await overview()).switch as { change: { state: string; message: string; at: string } | null }).change;

  it("row 90: is on Block by default, without policies", async () => {
    await provision();
    expect((await overview()).switch).toEqual({ allowed: false, change: null });
    expect(await policies()).toEqual({});
  });

  it("row 90: Allow creates the five policies, Block removes them, with the service's messages", async () => {
    await provision();
    const { status, body } = await call("appsSwitch", { params, body: { allowed: true } });
    expect([status, body]).toMatchObject([
      202,
      {
        allowed: true,
        change: {
          state: "inProcess",
          message: "Update in process. This setting will be unavailable until the update is complete.",
        },
      },
    ]);
    expect(await policies()).toEqual({});
    await provision();
    expect(Object.keys(await policies())).toEqual(["Test", "Ring1", "Ring2", "Ring3", "Last"]);
    expect(await change()).toMatchObject({ state: "updated", message: "This setting is updated." });
    await call("appsSwitch", { params, body: { allowed: false } });
    expect(await change()).toMatchObject({ state: "inProcess" });
    await provision();
    expect([await policies(), (await change())?.state]).toEqual([{}, "updated"]);
    expect(noted.filter((action) => action.startsWith("apps."))).toEqual(["apps.allow", "apps.block"]);
  });

  it("row 90: is unavailable while a change is in process, and after a failure it can be tried again", async () => {
    await provision();
    await call("appsSwitch", { params, body: { allowed: true } });
    const refused = await call("appsSwitch", { params, body: { allowed: false } });
    expect([refused.status, refused.body.rule]).toEqual([409, "switchInProcess"]);
    expect((await stored()).definition.updateTypes.microsoft365Apps).toBe(true);
    await noteSwitchProblem("sales", "Intune refused it.");
    expect(await change()).toMatchObject({
      state: "failed",
      message: "This setting couldn't be updated. Please try again or submit a support request.",
      problem: "Intune refused it.",
    });
    expect((await call("appsSwitch", { params, body: { allowed: true } })).status).toBe(202);
    await provision();
    expect((await change())?.state).toBe("updated");
  });

  it("row 90: stays as it is while the audit log is away, and where a rule refuses the change nothing is noted", async () => {
    await provision();
    api.logIsDown = true;
    expect((await call("appsSwitch", { params, body: { allowed: true } })).status).toBe(503);
    api.logIsDown = false;
    expect([(await stored()).definition.updateTypes.microsoft365Apps, await change()]).toEqual([false, null]);
    await changeGroup("sales", (group) => ({ ...group, status: "deleting" }));
    expect((await call("appsSwitch", { params, body: { allowed: true } })).status).toBe(409);
    expect([noted.filter((action) => action.startsWith("apps.")), await change()]).toEqual([[], null]);
  });

  it("row 90: that was changed by a call that was cut off is brought to the tenant by the hourly look", async () => {
    await provision();
    begun.fails = true;
    await call("appsSwitch", { params, body: { allowed: true } });
    begun.fails = false;
    expect(await change()).toMatchObject({ state: "inProcess" });
    const since = Date.parse(String((await change())?.at));
    const look = (hours: number) => goOnWithSwitches({} as never, since + hours * 3_600_000);
    await look(0.5);
    expect(begun.instances).toEqual([]);
    await look(1.5);
    expect(begun.instances).toEqual([expect.stringMatching(/^group-provisioning:sales:switch-\d+$/)]);
    await provision();
    await look(2.5);
    expect(begun.instances).toHaveLength(1);
  });

  it("row 90: needs an administrator, and exists for Microsoft 365 Apps and Edge only", async () => {
    const teams = await call("appsSwitch", { params: { ...params, workload: "teams" }, body: { allowed: true } });
    expect([teams.status, teams.body.rule]).toEqual([422, "noSwitch"]);
    api.role = "Approver";
    expect((await call("appsSwitch", { params, body: { allowed: true } })).status).toBe(403);
  });
});

describe("the objective of Microsoft 365 Apps", () => {
  it("row 90: is met by 9 of 10 eligible devices on a version of the last two months, and not by 8", async () => {
    await told(0, { office: mec(OLD) });
    await told(1, { office: mec(BEFORE) });
    expect(await overview()).toMatchObject({
      ...{ devices: 10, eligible: 10, onSupported: 9, percentOnSupported: 90, objective: 90, met: true },
      ...{ onNewest: 8, percentOnNewest: 80, versions: { 2404: 8, 2403: 1, 2402: 1 } },
      newest: { name: "2404", version: NEWEST },
    });
    test.pass(1);
    await told(2, { office: { version: "16.0.17628.20144", channel: "current" } });
    expect(await overview()).toMatchObject({ onSupported: 8, percentOnSupported: 80, met: false });
  });

  it.each<[string, string, () => Promise<void>]>([
    ["that has not checked in for more than 5 days", "notCheckedIn", async () => sync(3, 5.1)],
    [
      "with another processor",
      "architecture",
      async () => {
        test.tenant.patchDevice(device(3).deviceId, { processorArchitecture: "unknown" });
        await surveyDevices();
      },
    ],
    ["without Office", "notInstalled", () => told(3, {})],
    [
      "under a servicing profile",
      "servicingProfile",
      () => told(3, { office: { ...mec(NEWEST), managedBy: "servicingProfile" } }),
    ],
    ["under cloud update", "cloudUpdate", () => told(3, { office: { ...mec(NEWEST), managedBy: "cloudUpdate" } })],
    [
      "with a conflicting policy",
      "policyConflict",
      async () => {
        const conflict = {
          ...{
            id: "c",
            expectedPolicy: "ours",
            expectedGroup: "a",
            conflictingPolicy: "theirs",
            conflictingGroup: "b",
          },
          ...{ affectedDevices: 1, conflictingSettings: ["officeUpdateChannel"], groupId: "sales" },
        };
        const { deviceId } = device(3);
        const affected = {
          deviceId,
          name: null,
          groupId: "sales",
          ring: "Ring1",
          lastCheckInAt: iso(),
          conflicts: ["c"],
        };
        await keepConflicts({ conflicts: [conflict], devices: [affected] }, test.clock.now());
      },
    ],
  ])("row 90: leaves out a device %s, with the reason", async (_which, reason, make) => {
    test.pass(HOUR_S);
    await make();
    const [label, reasons] = await officeOf(3);
    expect([label, reasons]).toEqual(["Unhealthy", [reason]]);
    expect(await overview()).toMatchObject({ devices: 10, eligible: 9, notEligible: 1, reasons: { [reason]: 1 } });
  });

  it("row 90: counts a device that checked in 4 days ago, in each ring and in the whole", async () => {
    test.pass(HOUR_S);
    sync(3, 4);
    expect(await officeOf(3)).toEqual(["Healthy", [], true]);
    const { rings } = (await overview()) as {
      rings: { ring: string; eligible: number; percentOnSupported: number | null }[];
    };
    expect(rings.map(({ ring, eligible, percentOnSupported }) => [ring, eligible, percentOnSupported])).toEqual([
      ...[
        ["Test", 0, null],
        ["Ring1", 10, 100],
        ["Ring2", 0, null],
        ["Ring3", 0, null],
        ["Last", 0, null],
      ],
    ]);
  });

  it("row 90: says that the list of versions cannot be read, and goes on with what it knows", async () => {
    await overview();
    test.pass(DAY_S);
    const working = globalThis.fetch;
    vi.stubGlobal("fetch", async () => new Response("", { status: 503 }));
    const { newest, list } = (await overview()) as { newest: { name: string }; list: { problem: string | null } };
    expect([newest.name, list.problem]).toEqual(["2404", expect.stringContaining("it answered 503")]);
    vi.stubGlobal("fetch", working);
  });
});

describe("holding Microsoft 365 Apps", () => {
  const act = (name: string, body: object = {}) => call(name, { params, body: { ...because, ...body } });
  const target = () => valuesOf("officeTargetVersion");
  const automatic = () => valuesOf("officeAutomaticUpdates");
  const refusal = async (name: string, body: object = {}) => {
    const { status, body: problem } = await act(name, body);
    return [status, problem.rule];
  };

  it("row 90: a pause keeps what is installed and lets nothing newer in than the version before", async () => {
    await allow();
    const { status, body } = await act("appsPause", { rings: ["Ring1", "Ring2"] });
    expect([status, body.value]).toEqual([
      200,
      ["Ring1", "Ring2"].map((ring) => ({ ring, version: BEFORE, keepsInstalled: true })),
    ]);
    expect(await target()).toEqual({ Test: null, Ring1: BEFORE, Ring2: BEFORE, Ring3: null, Last: null });
    expect(await automatic()).toEqual({ Test: true, Ring1: false, Ring2: false, Ring3: true, Last: true });
    expect(noted).toContain("microsoft365Apps.pause");
  });

  it("row 90: a rollback has devices go back to the version before, and to no other", async () => {
    await allow();
    expect((await act("appsRollBack", { rings: ["Ring1"], version: "2403" })).status).toBe(200);
    expect([(await target()).Ring1, (await automatic()).Ring1]).toEqual([BEFORE, true]);
    for (const version of ["2402", OLD, "2404", NEWEST, "2501", "none"]) {
      expect(await refusal("appsRollBack", { rings: ["Ring2"], version })).toEqual([422, "onlyVersionBefore"]);
    }
    expect((await target()).Ring2).toBeNull();
  });

  it("row 90: resuming lets the rings follow their channel again", async () => {
    await allow();
    await act("appsPause");
    expect(new Set(Object.values(await target()))).toEqual(new Set([BEFORE]));
    await act("appsResume");
    expect(new Set(Object.values(await target()))).toEqual(new Set([null]));
    expect(new Set(Object.values(await automatic()))).toEqual(new Set([true]));
    expect(await refusal("appsResume")).toEqual([422, "notHeld"]);
    await act("appsPause", { rings: ["Ring1"] });
    expect(await refusal("appsResume", { rings: ["Ring1", "Ring2"] })).toEqual([422, "notHeld"]);
    expect((await act("appsResume")).body.value).toEqual([{ ring: "Ring1", version: null, keepsInstalled: false }]);
  });

  it("row 90: policy health knows the pin and finds nothing to undo, but what somebody changes by hand", async () => {
    await allow();
    await act("appsPause", { rings: ["Ring1"] });
    const open = async () => {
      const alerts = (await checkHealth(graph, test.clock.now())).open;
      return alerts.flatMap(({ ring, policyKind }) => (policyKind === "microsoft365Apps" ? [ring] : []));
    };
    expect(await open()).toEqual([]);
    await provision();
    expect((await target()).Ring1).toBe(BEFORE);
    await changeGroup("sales", ({ officePins: _gone, ...rest }) => rest);
    const { officePins: _none, ...without } = await stored();
    await ensurePolicies(graph, { group: without as StoredGroup, running: {}, allDevicesGroupId: null, at: 0 });
    expect((await target()).Ring1).toBeNull();
  });

  it("row 90: a paused ring may be rolled back, a ring that is rolled back is not paused", async () => {
    await allow();
    await act("appsPause", { rings: ["Ring1"] });
    expect((await act("appsRollBack", { rings: ["Ring1"] })).status).toBe(200);
    expect((await automatic()).Ring1).toBe(true);
    expect(await refusal("appsPause", { rings: ["Ring1"] })).toEqual([422, "rolledBack"]);
  });

  it("row 90: is refused as a whole for rings that there are not, and while the apps are blocked", async () => {
    await provision();
    expect(await refusal("appsPause")).toEqual([422, "microsoft365AppsBlocked"]);
    await allow();
    expect(await refusal("appsPause", { rings: ["Ring1", "Ring9"] })).toEqual([422, "unknownRing"]);
    expect((await stored()).officePins).toBeUndefined();
  });

  it("row 90: needs a justification, an operator, and the group as it was read", async () => {
    await allow();
    expect((await call("appsPause", { params, body: {} })).status).toBe(400);
    const stale = await call("appsPause", { params, body: because, headers: { "if-match": '"other"' } });
    expect(stale.status).toBe(412);
    api.role = "Reader";
    expect((await act("appsPause")).status).toBe(403);
  });

  it("row 90: ends when the apps are blocked: whoever allows them again begins with the newest version", async () => {
    await allow();
    await act("appsRollBack");
    await call("appsSwitch", { params, body: { allowed: false } });
    await provision();
    await allow();
    expect(new Set(Object.values(await target()))).toEqual(new Set([null]));
  });
});

describe("a month later", () => {
  it("row 90: loses a version when the second one after it is published", async () => {
    await told(0, { office: mec(BEFORE) });
    expect(await officeOf(0)).toEqual(["Healthy", [], true]);
    const then = Date.parse("2024-07-09T17:00:00Z");
    test.pass((then - test.clock.now()) / 1000);
    for (let nth = 0; nth < 10; nth++) sync(nth, 0);
    expect(await officeOf(0)).toEqual(["Healthy", [], false]);
    expect(await officeOf(1)).toEqual(["Healthy", [], true]);
  });
});

describe("Every workload labels a device", () => {
  it("Healthy or Unhealthy, with every reason", async () => {
    const { deviceId } = device(0);
    const { status, body } = await call("devicesWorkloads", { params: { deviceId } });
    expect(status).toBe(200);
    const labels = body.workloads as { workload: string; label: string; reasons: { code: string; text: string }[] }[];
    expect(labels.map(({ workload }) => workload)).toEqual([
      ...["quality", "hotpatch", "feature", "driver", "microsoft365Apps", "edge", "teams", "antivirus"],
    ]);
    const labelOf = (wanted: string) => labels.find(({ workload }) => workload === wanted);
    expect(labelOf("microsoft365Apps")).toEqual({ workload: "microsoft365Apps", label: "Healthy", reasons: [] });
    expect(labelOf("edge")?.reasons.map(({ code }) => code)).toEqual(["notInstalled"]);
    for (const { label, reasons } of labels) expect(label === "Healthy").toBe(reasons.length === 0);
  });
});
