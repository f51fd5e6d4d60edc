import { afterEach, describe, expect, it, vi } from "vitest";
import { apiInMemory } from "../support/api-in-memory.js";
import { type Deployed, deploymentsTenant, fleetIn } from "../support/deployments.js";

const client = vi.hoisted(() => ({ graph: undefined as unknown }));
vi.mock("../../shared/graph/client.js", async (original) => ({
  ...(await original<object>()),
  graphClient: () => client.graph,
  tenantManagementGraph: () => client.graph,
}));
const api = apiInMemory();
const { call, noted } = api;
await import("../../functions/api/deployments.js");
await import("../../functions/api/update-policies.js");

const FEATURE = "Windows 11, version 24H2";
const QUALITY = "2024.11 B";

let tenant: Deployed;
const begin = async (options?: Parameters<typeof deploymentsTenant>[1]) => {
  tenant = await deploymentsTenant(api, options);
  client.graph = tenant.graph;
};
afterEach(() => tenant?.test.discard());

type Replied = Awaited<ReturnType<typeof call>>;
const idOf = ({ body }: Replied) => String(body.id);
/** Status and rule of a refusal. */
const ruleOf = ({ status, body }: Replied) => [status, body.rule];
const stateOf = async (id: string) => {
  const { effectiveValue, reasons } = (await tenant.get(id)).state as { effectiveValue: string; reasons: string[] };
  return [effectiveValue, ...reasons];
};
const act = (name: string, deploymentId: string, body?: object) => call(name, { params: { deploymentId }, body });

/** Content of each category. */
const CONTENT = {
  quality: () => tenant.entryId(QUALITY),
  feature: () => tenant.entryId(FEATURE),
  driver: async () => tenant.driver("2.0"),
} as const;
type Category = keyof typeof CONTENT;

/** How many devices are offered a feature update or driver now. */
const offered = () => {
  const views = tenant.devices.map((deviceId) => tenant.test.tenant.view(deviceId));
  return views.filter(({ feature, drivers }) => feature !== undefined || drivers !== undefined).length;
};

/** What a capability asks for, and what shows in the tenant that it works. */
const CAPABILITIES = {
  "Approval and scheduling": {
    name: "approvalAndScheduling",
    asks: () => ({ schedule: { startAt: tenant.after(3) } }),
    works: async () => {
      expect(await tenant.inTenant()).toMatchObject([{ state: { effectiveValue: "scheduled" } }]);
      expect(offered()).toBe(0);
      tenant.test.pass(3 * 86_400);
      expect(await tenant.inTenant()).toMatchObject([{ state: { effectiveValue: "offering" } }]);
      expect(offered()).toBe(6);
    },
  },
  "Gradual rollout": {
    name: "gradualRollout",
    asks: () => ({ schedule: { rollout: { devicesPerOffer: 2, daysBetweenOffers: 7 } } }),
    works: async () => {
      const gradualRollout = { devicesPerOffer: 2, durationBetweenOffers: "P7D" };
      expect(await tenant.inTenant()).toMatchObject([{ settings: { schedule: { gradualRollout } } }]);
      expect(offered()).toBe(2);
    },
  },
  Expedite: {
    name: "expedite",
    asks: () => ({ expedite: { daysUntilForcedReboot: 2 } }),
    works: async () => {
      const told = tenant.test.tenant.view(tenant.devices[0] ?? "").expedite;
      expect(told).toMatchObject({ daysUntilForcedReboot: 2 });
    },
  },
  "Safeguard holds": {
    name: "safeguardHolds",
    asks: () => ({ safeguards: { likelyIssues: false } }),
    works: async () => {
      const safeguard = { disabledSafeguardProfiles: [{ category: "likelyIssues" }] };
      expect(await tenant.inTenant()).toMatchObject([{ settings: { contentApplicability: { safeguard } } }]);
    },
  },
} as const;

/** The table of the Windows updates API overview. */
const TABLE: readonly (readonly [keyof typeof CAPABILITIES, Readonly<Record<Category, boolean>>])[] = [
  ["Approval and scheduling", { quality: false, feature: true, driver: true }],
  ["Gradual rollout", { quality: false, feature: true, driver: false }],
  ["Expedite", { quality: true, feature: false, driver: false }],
  ["Safeguard holds", { quality: false, feature: true, driver: false }],
];

describe("Capabilities", () => {
  const cells = TABLE.flatMap(([capability, cell]) =>
    (["quality", "feature", "driver"] as const).map((category) => [capability, category, cell[category]] as const),
  );

  it.each(cells)("%s of %s updates: %s", async (capability, category, isSupported) => {
    await begin();
    const { name, asks, works } = CAPABILITIES[capability];
    // A quality update is deployed only expedited.
    const needed = category === "quality" ? { expedite: {} } : {};
    const made = await tenant.create({ catalogEntryId: await CONTENT[category](), ...needed, ...asks() });
    if (isSupported) {
      expect([made.status, made.body.category]).toEqual([202, category]);
      await tenant.carry();
      await works();
      return;
    }
    expect(ruleOf(made)).toEqual([422, "capability"]);
    expect(made.body).toMatchObject({ capability: name, category });
    expect([await tenant.audiences(), await tenant.inTenant(), noted]).toEqual([[], [], ["api.refuse"]]);
  });

  it("are told by the API as the table says", async () => {
    await begin();
    const told = (await call("deploymentsCapabilities")).body;
    expect(told).toEqual(Object.fromEntries(TABLE.map(([capability, cell]) => [CAPABILITIES[capability].name, cell])));
  });
});

describe("A deployment", () => {
  it("pauses, resumes, and ends without a trace in the tenant but its history here", async () => {
    await begin();
    const id = idOf(await tenant.create({ catalogEntryId: await CONTENT.feature() }));
    await tenant.carry();
    expect(await stateOf(id)).toEqual(["offering", "offeringByRequest"]);
    await act("deploymentsPause", id, { justification: "The help desk is full." });
    await tenant.carry();
    expect(await stateOf(id)).toEqual(["paused", "pausedByRequest"]);
    expect(await tenant.inTenant()).toMatchObject([{ state: { effectiveValue: "paused" } }]);
    expect(ruleOf(await act("deploymentsPause", id, {}))).toEqual([422, "alreadyPaused"]);
    await act("deploymentsResume", id, {});
    await tenant.carry();
    expect(await tenant.inTenant()).toMatchObject([{ state: { effectiveValue: "offering" } }]);
    expect(ruleOf(await act("deploymentsResume", id, {}))).toEqual([422, "notPaused"]);
    await act("deploymentsEnd", id);
    await tenant.carry();
    expect([await tenant.inTenant(), await tenant.audiences()]).toEqual([[], []]);
    expect(await tenant.get(id)).toMatchObject({ phase: "ended", state: { effectiveValue: "archived" } });
    expect(ruleOf(await act("deploymentsPause", id, {}))).toEqual([422, "ended"]);
  });

  it("of a driver is an approval: a pause takes it back, resuming gives a new one", async () => {
    await begin();
    const id = idOf(await tenant.create({ catalogEntryId: await CONTENT.driver() }));
    await tenant.carry();
    const states = async () =>
      (await tenant.inTenant()).map(({ state }) => (state as { effectiveValue: string }).effectiveValue);
    expect([await states(), offered()]).toEqual([["offering"], 6]);
    await act("deploymentsPause", id, {});
    await tenant.carry();
    expect([await states(), offered()]).toEqual([["archived"], 0]);
    await act("deploymentsResume", id, {});
    await tenant.carry();
    expect([(await states()).sort(), offered()]).toEqual([["archived", "offering"], 6]);
    await act("deploymentsEnd", id);
    await tenant.carry();
    expect([await tenant.inTenant(), await tenant.audiences()]).toEqual([[], []]);
  });

  it("tests the readiness without delivering anything, and then another one expedites on the same devices", async () => {
    await begin();
    const catalogEntryId = await CONTENT.quality();
    await tenant.create({ catalogEntryId, expedite: { readinessTest: true } });
    await tenant.carry();
    const told = () => tenant.test.tenant.view(tenant.devices[0] ?? "").expedite;
    expect(told()).toBeUndefined();
    expect((await tenant.create({ catalogEntryId, expedite: {} })).status).toBe(202);
    await tenant.carry();
    expect(told()).toMatchObject({ daysUntilForcedReboot: 1 });
  });

  it("says how its offers are planned, by a rate and by an end date", async () => {
    await begin();
    const catalogEntryId = await CONTENT.feature();
    const startAt = tenant.after(1);
    const byRate = await tenant.create({ catalogEntryId, schedule: { startAt, rollout: { devicesPerOffer: 4 } } });
    expect(byRate.body.schedule).toMatchObject({ offers: 2, devicesPerOffer: 4, lastOfferAt: tenant.after(2) });
    await act("deploymentsEnd", idOf(byRate));
    const byDate = { rollout: { endAt: tenant.after(10), daysBetweenOffers: 3 } };
    const made = await tenant.create({ catalogEntryId, schedule: { startAt, ...byDate } });
    expect(made.body.schedule).toMatchObject({ offers: 3, devicesPerOffer: 2, endAt: tenant.after(10) });
  });

  it("by a rate goes on after a pause where it was, and counts nobody as offered meanwhile", async () => {
    await begin();
    const schedule = { rollout: { devicesPerOffer: 2 } };
    const monitoringRule = { signal: "rollback", threshold: 50, action: "pauseDeployment" };
    const made = await tenant.create({ catalogEntryId: await CONTENT.feature(), schedule, monitoringRule });
    const id = idOf(made);
    await tenant.carry();
    await tenant.watch(1);
    await act("deploymentsPause", id, {});
    await tenant.carry();
    await tenant.watch(10);
    expect((await tenant.get(id)).measured).toMatchObject({ offered: 4 });
    await act("deploymentsResume", id, {});
    await tenant.carry();
    await tenant.watch();
    const { measured, schedule: planned } = await tenant.get(id);
    expect([offered(), measured]).toMatchObject([4, { offered: 4 }]);
    const { lastOfferAt } = made.body.schedule as { lastOfferAt: string };
    const moved = Date.parse((planned as { lastOfferAt: string }).lastOfferAt) - Date.parse(lastOfferAt);
    expect(Math.round(moved / 86_400_000)).toBe(10);
    await tenant.watch(1);
    expect([offered(), (await tenant.get(id)).measured]).toMatchObject([6, { offered: 6 }]);
  });

  it("says which of its devices are in Autopatch rings, and reaches them all the same", async () => {
    await begin();
    const { writeDevices } = await import("../../shared/registration/store.js");
    const { record } = await import("../unit/shared/registration/records.js");
    const first = tenant.devices.slice(0, 2);
    await writeDevices(first, (deviceId) => record({ deviceId, groupId: "northwind", ring: "Ring1" }));
    const { status, body } = await tenant.create({ catalogEntryId: await CONTENT.feature() });
    expect([status, body.rings]).toEqual([202, [{ groupId: "northwind", ring: "Ring1", devices: 2 }]]);
    expect(body.note).toContain("2 of 6 devices are in Autopatch rings");
  });

  it("takes more devices, and lets others go", async () => {
    await begin();
    const [first = "", second = "", ...others] = tenant.devices;
    const id = idOf(await tenant.create({ catalogEntryId: await CONTENT.feature(), devices: [first, second] }));
    await tenant.carry();
    await act("deploymentsAudience", id, { addDevices: others, removeDevices: [first], addExclusions: [second] });
    await tenant.carry();
    expect(await tenant.get(id)).toMatchObject({ devices: 4, pending: false });
    const [{ id: audienceId } = { id: "" }] = await tenant.audiences();
    const listed = async (which: string) =>
      (await tenant.test.get(`/beta/admin/windows/updates/deploymentAudiences/${audienceId}/${which}`)).json.value;
    expect(await listed("exclusions")).toMatchObject([{ id: second }]);
    expect(await listed("members")).toHaveLength(5);
  });

  it("is faulted once its content cannot be deployed any more, and says so", async () => {
    await begin();
    const catalogEntryId = tenant.driver("2.0", tenant.now() + 2 * 86_400_000);
    const id = idOf(await tenant.create({ catalogEntryId }));
    await tenant.carry();
    await tenant.watch(3);
    expect(await stateOf(id)).toEqual(["faulted", "faultedByContentOutdated"]);
    expect((await tenant.get(id)).alerts).toMatchObject([{ alert: "contentExpired" }]);
    expect(ruleOf(await act("deploymentsResume", id, {}))).toEqual([422, "contentExpired"]);
  });

  it("is neither made nor changed while the audit log is away", async () => {
    await begin();
    const [first = "", second = "", ...others] = tenant.devices;
    const body = { catalogEntryId: await CONTENT.feature(), devices: [first, second] };
    api.logIsDown = true;
    expect((await tenant.create(body)).status).toBe(503);
    expect((await call("deploymentsList")).body.value).toEqual([]);
    api.logIsDown = false;
    const id = idOf(await tenant.create(body));
    const before = await tenant.get(id);
    api.logIsDown = true;
    expect((await act("deploymentsPause", id, {})).status).toBe(503);
    expect((await act("deploymentsAudience", id, { addDevices: others })).status).toBe(503);
    expect(await tenant.get(id)).toEqual(before);
    const policy = { name: "Drivers", category: "driver", devices: [first] };
    expect((await call("updatePoliciesCreate", { body: policy })).status).toBe(503);
    expect((await call("updatePoliciesList")).body.value).toEqual([]);
    api.logIsDown = false;
  });

  it("that somebody deletes in the tenant is not made again", async () => {
    await begin();
    const id = idOf(await tenant.create({ catalogEntryId: await CONTENT.feature() }));
    await tenant.carry();
    const [deployment] = await tenant.inTenant();
    await tenant.test.call("DELETE", `/beta/admin/windows/updates/deployments/${deployment?.id}`);
    await tenant.watch();
    expect(await tenant.get(id)).toMatchObject({ phase: "ended", alerts: [{ alert: "deletedInTenant" }] });
    expect([await tenant.inTenant(), await tenant.audiences()]).toEqual([[], []]);
  });
});

describe("The monitoring rule of a deployment", () => {
  const rule = (threshold: number, action = "pauseDeployment") => ({ signal: "rollback", threshold, action });
  /** A feature update is deployed with a rule, and `installed` devices have taken it; then so many go back. */
  async function rollBack(installed: number, back: number, monitoringRule: object): Promise<string> {
    await begin({ devices: 10 });
    const id = idOf(await tenant.create({ catalogEntryId: await CONTENT.feature(), monitoringRule }));
    await tenant.carry();
    const report = (nth: number, osVersion: string) =>
      tenant.test.tenant.reportInventory(tenant.devices[nth] ?? "", { osVersion });
    for (let nth = 0; nth < installed; nth++) report(nth, "10.0.26100.2314");
    await tenant.watch(1);
    for (let nth = 0; nth < back; nth++) report(nth, "10.0.22631.4460");
    await tenant.watch(1);
    return id;
  }
  const set = (id: string, body: object) => act("deploymentsChangeRule", id, body);

  it("row 105: rollbacks at the threshold pause it, and no one resumes it past the rule", async () => {
    const id = await rollBack(5, 2, rule(20));
    expect(await stateOf(id)).toEqual(["paused", "pausedByMonitoring"]);
    expect((await tenant.get(id)).measured).toMatchObject({ offered: 10, rolledBack: 2 });
    expect(await tenant.inTenant()).toMatchObject([{ state: { effectiveValue: "paused" } }]);
    expect(ruleOf(await act("deploymentsResume", id, {}))).toEqual([422, "pausedByMonitoring"]);
    expect(noted).toContain("deployment.pause");
  });

  it("row 105: rollbacks below the threshold pause nothing", async () => {
    expect(await stateOf(await rollBack(5, 1, rule(20)))).toEqual(["offering", "offeringByRequest"]);
  });

  it("row 105: a rule that alerts pauses nothing", async () => {
    const id = await rollBack(5, 2, rule(20, "alertError"));
    expect(await stateOf(id)).toEqual(["offering", "offeringByRequest"]);
    expect((await tenant.get(id)).alerts).toMatchObject([{ alert: "rollbackThreshold" }]);
  });

  it("row 105: a threshold raised above the share resumes it, a smaller raise does not", async () => {
    const id = await rollBack(5, 3, rule(20));
    await set(id, rule(25));
    expect(await stateOf(id)).toEqual(["paused", "pausedByMonitoring"]);
    await set(id, rule(31));
    await tenant.carry();
    expect(await stateOf(id)).toEqual(["offering", "offeringByRequest"]);
    expect(await tenant.inTenant()).toMatchObject([{ state: { effectiveValue: "offering" } }]);
  });

  it("row 105: a rule removed resumes it", async () => {
    const id = await rollBack(5, 2, rule(20));
    expect((await act("deploymentsRemoveRule", id)).status).toBe(202);
    await tenant.carry();
    await tenant.watch();
    expect(await stateOf(id)).toEqual(["offering", "offeringByRequest"]);
  });

  it("row 105: what Windows Update pauses by itself shows, and a raised threshold resumes it there", async () => {
    await begin();
    const id = idOf(await tenant.create({ catalogEntryId: await CONTENT.feature(), monitoringRule: rule(10) }));
    await tenant.carry();
    tenant.test.tenant.rollBack(String((await tenant.get(id)).deploymentId), 12);
    await tenant.watch();
    expect(await stateOf(id)).toEqual(["paused", "pausedByMonitoring"]);
    await set(id, rule(13));
    await tenant.carry();
    expect(await stateOf(id)).toEqual(["offering", "offeringByRequest"]);
  });

  it("row 105: thresholds go from 1 to 100 percent, and a second rule is refused", async () => {
    await begin();
    const catalogEntryId = await CONTENT.feature();
    for (const threshold of [0, 101]) {
      expect((await tenant.create({ catalogEntryId, monitoringRule: rule(threshold) })).status).toBe(400);
    }
    const id = idOf(await tenant.create({ catalogEntryId, monitoringRule: rule(1) }));
    expect(ruleOf(await act("deploymentsAddRule", id, rule(100)))).toEqual([422, "oneActiveRule"]);
    expect((await tenant.get(id)).monitoringRule).toEqual(rule(1));
    expect((await set(id, rule(100))).status).toBe(202);
  });

  it("row 105: Windows 10 is offered to devices that cannot take Windows 11, while it can be deployed", async () => {
    await begin();
    const fallback = { signal: "ineligible", action: "offerFallback" };
    await tenant.create({ catalogEntryId: await CONTENT.feature(), monitoringRule: fallback });
    await tenant.carry();
    expect(await tenant.inTenant()).toMatchObject([{ settings: { monitoring: { monitoringRules: [fallback] } } }]);
    await tenant.test.discard();
    await begin({ at: "2025-10-20T12:00:00Z" });
    const late = await tenant.create({ catalogEntryId: await CONTENT.feature(), monitoringRule: fallback });
    expect(ruleOf(late)).toEqual([422, "fallbackExpired"]);
    const unpaired = { signal: "ineligible", action: "pauseDeployment" };
    expect((await tenant.create({ catalogEntryId: await CONTENT.feature(), monitoringRule: unpaired })).status).toBe(
      400,
    );
  });
});

describe("A simulated fleet", () => {
  const W24H2 = "10.0.26100";
  const EVERY_TEN_DAYS = { schedule: { rollout: { devicesPerOffer: 4, daysBetweenOffers: 10 } } };
  let fleet: Awaited<ReturnType<typeof fleetIn>>;
  /** Deploys 24H2 to twelve simulated devices, four every ten days; the deployment's id. */
  async function deployToFleet(body: object = {}): Promise<string> {
    await begin({ devices: 0 });
    fleet = await fleetIn(tenant.test, 30);
    const devices = fleet.devices.slice(0, 12);
    const asked = { catalogEntryId: await CONTENT.feature(), devices, ...EVERY_TEN_DAYS, ...body };
    const id = idOf(await tenant.create(asked));
    await tenant.carry();
    return id;
  }
  afterEach(() => fleet.stop());

  it("moves to the version by the schedule, none of it while the deployment is paused", async () => {
    const id = await deployToFleet();
    await fleet.live(9);
    expect(await fleet.having(W24H2)).toBe(4);
    await fleet.live(10);
    expect(await fleet.having(W24H2)).toBe(8);
    await act("deploymentsPause", id, {});
    await tenant.carry();
    await fleet.live(20);
    expect(await fleet.having(W24H2)).toBe(8);
    await act("deploymentsResume", id, {});
    await tenant.carry();
    await fleet.live(10);
    expect(await fleet.having(W24H2)).toBe(12);
  });

  it("row 105: that rolls back pauses the deployment by its rule, and no more devices are offered it", async () => {
    const id = await deployToFleet({
      monitoringRule: { signal: "rollback", threshold: 50, action: "pauseDeployment" },
    });
    await fleet.live(9);
    await tenant.watch();
    await rollBackEverything();
    await fleet.live(0.9);
    expect(await fleet.having(W24H2)).toBeLessThanOrEqual(2);
    await tenant.watch();
    expect(await stateOf(id)).toEqual(["paused", "pausedByMonitoring"]);
    await fleet.live(10);
    const told = fleet.devices.filter((deviceId) => tenant.test.tenant.view(deviceId).feature !== undefined);
    expect(told).toEqual([]);
  });

  /** An administrator has every device uninstall the feature update. */
  async function rollBackEverything(): Promise<void> {
    const rings = "/beta/deviceManagement/deviceConfigurations";
    const type = { "@odata.type": "#microsoft.graph.windowsUpdateForBusinessConfiguration" };
    const window = { featureUpdatesRollbackWindowInDays: 30, featureUpdatesWillBeRolledBack: true };
    const { json } = await tenant.test.post(rings, { ...type, displayName: "Back", ...window });
    const target = { "@odata.type": "#microsoft.graph.allDevicesAssignmentTarget" };
    await tenant.test.post(`${rings}/${json.id}/assign`, { assignments: [{ target }] });
  }
});

describe("Bad input", () => {
  type Case = readonly [string, () => Promise<object>, string];
  const feature = async (more: object = {}) => ({ catalogEntryId: await CONTENT.feature(), ...more });
  const schedule = (rollout: object) => feature({ schedule: { rollout } });
  const cases: readonly Case[] = [
    ["unknown content", async () => ({ catalogEntryId: "none" }), "unknownContent"],
    ["content of next month", async () => ({ catalogEntryId: await tenant.entryId("2025.01 B") }), "unknownContent"],
    [
      "a withdrawn driver",
      async () => {
        const catalogEntryId = tenant.driver("2.0");
        tenant.test.tenant.withdrawDriver(catalogEntryId);
        return { catalogEntryId };
      },
      "unknownContent",
    ],
    ["an expired driver", async () => ({ catalogEntryId: tenant.driver("2.0", tenant.now() - 1) }), "contentExpired"],
    [
      "a driver that expires before the start",
      async () => ({ catalogEntryId: tenant.driver("2.0", tenant.now() + 1), schedule: { startAt: tenant.after(1) } }),
      "contentExpired",
    ],
    [
      "a preview to be expedited",
      async () => ({ catalogEntryId: await tenant.entryId("2024.10 D"), expedite: {} }),
      "notExpeditable",
    ],
    [
      "a quality update at its own pace",
      async () => ({ catalogEntryId: await CONTENT.quality() }),
      "qualityIsExpedited",
    ],
    ["a start in the past", () => feature({ schedule: { startAt: tenant.after(-1) } }), "startInPast"],
    [
      "an end before the start",
      () => feature({ schedule: { startAt: tenant.after(5), rollout: { endAt: tenant.after(4) } } }),
      "endBeforeStart",
    ],
    ["a rate that never ends", () => schedule({ devicesPerOffer: 1, daysBetweenOffers: 30 }), "rolloutWithoutEnd"],
    ["a rollout past the content's end", () => schedule({ endAt: "2028-01-01T00:00:00Z" }), "rolloutWithoutEnd"],
    [
      "an older Windows",
      async () => ({ catalogEntryId: await tenant.entryId("Windows 11, version 22H2") }),
      "downgrade",
    ],
    [
      "a quality update that all have",
      async () => ({ catalogEntryId: await tenant.entryId("2024.05 B"), expedite: {} }),
      "downgrade",
    ],
    ["an unknown device", () => feature({ devices: ["00000000-1111-4222-8333-444444444444"] }), "unknownDevices"],
    ["nobody left", () => feature({ exclusions: tenant.devices }), "noDevices"],
    [
      "an optional driver",
      async () => ({ catalogEntryId: tenant.driver("2.0"), offerAsOptional: true }),
      "featureOnly",
    ],
  ];

  it.each(cases)("%s is refused, and nothing is changed", async (_what, body, rule) => {
    await begin({ devices: 14 });
    const refused = await tenant.create(await body());
    expect(ruleOf(refused)).toEqual([422, rule]);
    expect(refused.body.detail).toContain("Nothing was changed");
    expect([await tenant.audiences(), (await call("deploymentsList")).body.value]).toEqual([[], []]);
    expect(noted).toEqual(["api.refuse"]);
  });

  it("more devices than one deployment can be about are refused, also when they come little by little", async () => {
    await begin();
    const { read, writeAgreed } = await import("../../shared/deployments/store.js");
    const id = idOf(await tenant.create({ catalogEntryId: await CONTENT.feature() }));
    const many = Array.from({ length: 9_994 }, (_, n) => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`);
    const record = (await read("deployment", id)).body;
    await writeAgreed(id, async () => ({ record, audience: { members: tenant.devices, exclusions: many } }));
    const change = await act("deploymentsAudience", id, { addExclusions: tenant.devices.slice(0, 1) });
    expect(ruleOf(change)).toEqual([422, "audienceTooLarge"]);
  });

  it("a later start than content can be deployed is refused for a deployment that is there", async () => {
    await begin();
    const id = idOf(await tenant.create({ catalogEntryId: tenant.driver("2.0", tenant.now() + 2 * 86_400_000) }));
    const before = (await tenant.get(id)).settings;
    const schedule = { startAt: tenant.after(3) };
    expect(ruleOf(await act("deploymentsChange", id, { schedule }))).toEqual([422, "contentExpired"]);
    expect((await tenant.get(id)).settings).toEqual(before);
  });

  it.each([
    ["0 days between offers", { daysBetweenOffers: 0 }],
    ["31 days between offers", { daysBetweenOffers: 31 }],
    ["the misspelt rate", { devicePerOffer: 5, devicesPerOffer: undefined }],
    ["no device per offer", { devicesPerOffer: 0 }],
  ])("%s is refused", async (_what, rollout) => {
    await begin();
    const body = await feature({ schedule: { rollout: { devicesPerOffer: 5, ...rollout } } });
    expect((await tenant.create(body)).status).toBe(400);
  });

  it("a device that Intune does not manage is refused", async () => {
    await begin();
    const { writeDevices } = await import("../../shared/registration/store.js");
    const { record } = await import("../unit/shared/registration/records.js");
    const deviceId = "00000000-1111-4222-8333-444444444444";
    await writeDevices([deviceId], () => record({ deviceId, managed: null }));
    expect(ruleOf(await tenant.create(await feature({ devices: [deviceId] })))).toEqual([422, "notEnrolled"]);
  });

  it("a second deployment of the category for devices in a running one is refused, and says which", async () => {
    await begin();
    const first = idOf(await tenant.create(await feature({ devices: tenant.devices.slice(0, 3) })));
    const second = await tenant.create(await feature({ devices: tenant.devices.slice(2) }));
    expect(ruleOf(second)).toEqual([422, "overlappingDeployment"]);
    expect(second.body).toMatchObject({ deploymentId: first, deviceIds: [tenant.devices[2]] });
    const quality = { catalogEntryId: await CONTENT.quality(), expedite: {} };
    expect((await tenant.create(quality)).status).toBe(202);
    const others = idOf(await tenant.create(await feature({ devices: tenant.devices.slice(3) })));
    const more = await act("deploymentsAudience", others, { addDevices: tenant.devices.slice(0, 1) });
    expect(ruleOf(more)).toEqual([422, "overlappingDeployment"]);
    await act("deploymentsEnd", first);
    expect((await act("deploymentsAudience", others, { addDevices: tenant.devices.slice(0, 1) })).status).toBe(202);
  });

  it("an Operator pauses, but does not deploy; a reader does neither", async () => {
    await begin();
    const id = idOf(await tenant.create(await feature()));
    api.role = "Operator";
    expect((await tenant.create(await feature())).status).toBe(403);
    expect((await act("deploymentsPause", id, {})).status).toBe(202);
    api.role = "Reader";
    expect((await act("deploymentsResume", id, {})).status).toBe(403);
    expect((await tenant.get(id)).id).toBe(id);
  });
});

describe("Creation", () => {
  it("happens once for an Idempotency-Key", async () => {
    await begin();
    const body = { catalogEntryId: await CONTENT.feature() };
    const [first, second] = [await tenant.create(body, "key-1"), await tenant.create(body, "key-1")];
    expect([first.status, second.status, idOf(second)]).toEqual([202, 202, idOf(first)]);
    await tenant.carry();
    expect([(await tenant.inTenant()).length, (await tenant.audiences()).length]).toEqual([1, 1]);
  });

  it("whose answers are lost leaves nothing that is not found again", async () => {
    await begin();
    const id = idOf(await tenant.create({ catalogEntryId: await CONTENT.feature() }));
    const { bring } = await import("../../shared/deployments/bring.js");
    const ref = { kind: "deployment", id } as const;
    // Every write is carried out, and its answer fails: as if the app had ended in between.
    for (let attempt = 0; attempt < 30 && (await tenant.get(id)).pending === true; attempt++) {
      await bring(losing(tenant.graph), ref, tenant.now()).catch(() => undefined);
      tenant.test.pass(120);
    }
    expect(await tenant.get(id)).toMatchObject({ phase: "active", pending: false });
    expect([(await tenant.inTenant()).length, (await tenant.audiences()).length]).toEqual([1, 1]);
  });

  it("that was given up after a lost answer takes the audience away that it asked for", async () => {
    await begin();
    const id = idOf(await tenant.create({ catalogEntryId: await CONTENT.feature() }));
    const { bring } = await import("../../shared/deployments/bring.js");
    await bring(losing(tenant.graph), { kind: "deployment", id }, tenant.now()).catch(() => undefined);
    expect(await tenant.audiences()).toHaveLength(1);
    await act("deploymentsEnd", id);
    tenant.test.pass(120);
    await tenant.carry();
    expect([await tenant.audiences(), (await tenant.get(id)).phase]).toEqual([[], "ended"]);
  });

  it("does not take an audience for its own that somebody else made", async () => {
    await begin();
    const path = "/beta/admin/windows/updates/deploymentAudiences";
    const { json } = await tenant.test.post(path, {});
    const id = idOf(await tenant.create({ catalogEntryId: await CONTENT.feature() }));
    const { bring } = await import("../../shared/deployments/bring.js");
    await bring(losing(tenant.graph), { kind: "deployment", id }, tenant.now()).catch(() => undefined);
    tenant.test.pass(120);
    await tenant.carry();
    expect((await tenant.get(id)).audienceId).not.toBe(json.id);
    expect(await tenant.audiences()).toHaveLength(2);
  });
});

/** The same Graph, the first write of which is carried out and then fails. */
function losing(graph: Deployed["graph"]): Deployed["graph"] {
  let isLost = false;
  const once =
    <A extends unknown[], R>(write: (...given: A) => Promise<R>) =>
    async (...given: A): Promise<R> => {
      const answer = await write(...given);
      if (isLost) return answer;
      isLost = true;
      throw new Error("The app ended.");
    };
  const { get, pages, list, post, patch, put, delete: remove, batch } = graph;
  return { get, pages, list, post: once(post), patch: once(patch), put: once(put), delete: once(remove), batch };
}

describe("An update policy of chosen devices", () => {
  const create = (body: object) =>
    call("updatePoliciesCreate", { body: { name: "Drivers of the laboratory", devices: tenant.devices, ...body } });
  const read = async (id: string) => (await call("updatePoliciesGet", { params: { policyId: id } })).body;

  it("lists what its devices need, and deploys the drivers that people approve from their date on", async () => {
    await begin();
    const catalogEntryId = tenant.driver("2.0");
    const id = idOf(await create({ category: "driver" }));
    await tenant.carry();
    const needed = (await call("updatePoliciesContent", { params: { policyId: id } })).body.value;
    expect(needed).toMatchObject([{ catalogEntryId, version: "2.0", devices: 6, approved: false }]);
    const approve = (body: object) => call("updatePoliciesApprove", { params: { policyId: id }, body });
    expect((await approve({ catalogEntryId, startAt: tenant.after(2) })).status).toBe(202);
    await tenant.carry();
    expect(await tenant.inTenant()).toMatchObject([{ state: { effectiveValue: "scheduled" } }]);
    expect(ruleOf(await approve({ catalogEntryId }))).toEqual([422, "alreadyApproved"]);
    expect(ruleOf(await approve({ catalogEntryId: await CONTENT.feature() }))).toEqual([422, "capability"]);
    await call("updatePoliciesRevoke", { params: { policyId: id, catalogEntryId } });
    await tenant.carry();
    expect(await tenant.inTenant()).toMatchObject([{ state: { effectiveValue: "archived" } }]);
    expect(await read(id)).toMatchObject({ approvals: [], pending: false });
  });

  it("offers hotpatches and monthly security updates by itself after its deferral", async () => {
    await begin();
    const automatic = { deferralDays: 7, classification: "security", cadence: "monthly" };
    const id = idOf(await create({ category: "quality", automatic, hotpatch: true }));
    await tenant.carry();
    const offered = () => tenant.test.tenant.view(tenant.devices[0] ?? "").offer?.build;
    const before = offered();
    tenant.test.pass(7 * 86_400);
    expect(offered()).not.toBe(before);
    await call("updatePoliciesEnd", { params: { policyId: id } });
    await tenant.carry();
    expect([offered(), await tenant.audiences()]).toEqual([undefined, []]);
  });

  it("refuses what its category does not have", async () => {
    await begin();
    const automatic = { deferralDays: 7 };
    expect(ruleOf(await create({ category: "quality" }))).toEqual([422, "capability"]);
    expect(ruleOf(await create({ category: "driver", hotpatch: true }))).toEqual([422, "qualityOnly"]);
    expect(ruleOf(await create({ category: "quality", automatic, hotpatch: true }))).toEqual([
      422,
      "hotpatchIsMonthlySecurity",
    ]);
    expect((await create({ category: "driver", automatic: { deferralDays: 31 } })).status).toBe(400);
    expect(await tenant.audiences()).toEqual([]);
  });
});
