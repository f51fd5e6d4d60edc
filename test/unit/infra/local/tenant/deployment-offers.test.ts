import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { tenantDevice } from "../../../../support/tenant-device.js";
import { TestTenant, UPDATES } from "./support.js";

const W11 = "Windows 11, version 24H2";
const TYPE = "#microsoft.graph.windowsUpdates";
const BEGIN = "2024-12-02T12:00:00Z";
const DAY = 86_400;
const FIT = { tpm: "2.0", secureBoot: "on", processorSupported: "yes", memoryGb: "16", diskGb: "256" };
const TEN = { product: "Windows 10", version: "21H2", osVersion: "10.0.19044.1288" } as const;

let test: TestTenant;
beforeEach(async () => {
  test = await TestTenant.start({ at: BEGIN, inProcess: true });
});
afterEach(() => test.discard());

const idsOf = (nths: readonly number[]) => nths.map((nth) => tenantDevice(nth).deviceId);
const upTo = (count: number) => Array.from({ length: count }, (_, nth) => nth);
const view = (nth: number) => test.tenant.view(tenantDevice(nth).deviceId);
/** Which of so many devices are offered a feature update. */
const offered = (count: number) => upTo(count).filter((nth) => view(nth).feature !== undefined);
const later = (days: number) => new Date(test.clock.now() + days * DAY * 1000).toISOString();

type Audience = Readonly<Record<"members" | "exclusions" | "removed", readonly number[]>>;
const change = (path: string, { members = [], exclusions = [], removed = [] }: Partial<Audience>) =>
  test.post(`${path}/updateAudienceById`, {
    ...{ memberEntityType: `${TYPE}.azureADDevice`, addMembers: idsOf(members), addExclusions: idsOf(exclusions) },
    removeMembers: idsOf(removed),
  });
const enrol = (nths: readonly number[], updateCategory: string, verb = "enroll") =>
  test.post(`${UPDATES}/updatableAssets/${verb}AssetsById`, {
    ...{ updateCategory, memberEntityType: `${TYPE}.azureADDevice`, ids: idsOf(nths) },
  });

/** An audience of devices that are enrolled for a category; its path. */
async function audienceOf(nths: readonly number[], category = "feature"): Promise<string> {
  const { json } = await test.post(`${UPDATES}/deploymentAudiences`, {});
  const path = `${UPDATES}/deploymentAudiences/${json.id}`;
  await change(path, { members: nths });
  await enrol(nths, category);
  return path;
}

/** Deploys content to an audience; the deployment's path. */
async function deployed(audience: string, settings: object = {}, contentId = featureId): Promise<string> {
  const content = { catalogEntry: { id: await contentId() } };
  const body = { content, settings, audience: { id: audience.split("/").at(-1) } };
  return `${UPDATES}/deployments/${(await test.post(`${UPDATES}/deployments`, body)).json.id}`;
}

async function featureId(version = W11): Promise<string> {
  const { json } = await test.get(`${UPDATES}/catalog/entries?$top=999`);
  return String((json.value as { id: string; version?: string }[]).find((entry) => entry.version === version)?.id);
}

const gradually = (kind: string, rollout: object, startDateTime?: string) => ({
  schedule: { startDateTime, gradualRollout: { "@odata.type": `${TYPE}.${kind}DrivenRolloutSettings`, ...rollout } },
});
const patch = (path: string, body: object) => test.call("PATCH", path, body);
const request = (path: string, requestedValue: string) => patch(path, { state: { requestedValue } });
const PAUSE_AT_10 = { monitoringRules: [{ signal: "rollback", threshold: 10, action: "pauseDeployment" }] };

describe("A deployment of a feature update", () => {
  it("reaches the devices of its audience that are enrolled and not excluded, and no others", async () => {
    test.devices(4);
    const audience = await audienceOf([0, 1]);
    await change(audience, { members: [2], exclusions: [1] });
    await deployed(audience);
    expect(view(0).feature).toMatchObject({ version: W11, build: "10.0.26100.2033", since: Date.parse(BEGIN) });
    expect(offered(4)).toEqual([0]);
  });

  it("follows its audience: who joins, leaves, enrols or ends that", async () => {
    test.devices(3);
    const audience = await audienceOf([0, 1]);
    await deployed(audience);
    await change(audience, { members: [2], removed: [0] });
    expect(offered(3)).toEqual([1]);
    await enrol([2], "feature");
    expect(offered(3)).toEqual([1, 2]);
    await enrol([1], "feature", "unenroll");
    expect(offered(3)).toEqual([2]);
  });

  it("follows groups of devices in its audience, and devices that the service forgets", async () => {
    test.devices(2);
    const audience = await audienceOf([0]);
    await enrol([1], "feature");
    const { json: group } = await test.post(`${UPDATES}/updatableAssets`, {
      "@odata.type": `${TYPE}.updatableAssetGroup`,
    });
    const addMembers = { addMembers: [group.id], memberEntityType: `${TYPE}.updatableAssetGroup` };
    await test.post(`${audience}/updateAudienceById`, addMembers);
    await deployed(audience);
    expect(offered(2)).toEqual([0]);
    const members = { ids: idsOf([1]), memberEntityType: `${TYPE}.azureADDevice` };
    await test.post(`${UPDATES}/updatableAssets/${group.id}/addMembersById`, members);
    expect(offered(2)).toEqual([0, 1]);
    for (const id of idsOf([0, 1])) await test.call("DELETE", `${UPDATES}/updatableAssets/${id}`);
    await enrol([0, 1], "feature");
    expect(offered(2)).toEqual([]);
  });

  it("reaches a device that comes to the tenant after it came to the audience", async () => {
    await deployed(await audienceOf([0]));
    test.devices(1);
    expect(offered(1)).toEqual([0]);
  });

  it("begins on its date, and only then are devices told", async () => {
    test.devices(1);
    await deployed(await audienceOf([0]), { schedule: { startDateTime: later(3) } });
    const told: number[] = [];
    test.tenant.onChange(() => told.push(test.clock.now()));
    test.pass(3 * DAY - 1);
    expect(offered(1)).toEqual([]);
    test.pass(1);
    expect([offered(1), told]).toEqual([[0], [test.clock.now()]]);
  });

  it("ends when its content cannot be deployed any more, and then devices are told", async () => {
    test.tenant.addDevices([tenantDevice(0, { version: "22H2", osVersion: "10.0.22621.1" })]);
    await deployed(await audienceOf([0]), {}, () => featureId("Windows 11, version 23H2"));
    const end = Date.parse("2026-11-10T00:00:00Z");
    test.clock.advance(end - 1);
    expect(offered(1)).toEqual([0]);
    const told: number[] = [];
    test.tenant.onChange(() => told.push(test.clock.now()));
    test.pass(DAY);
    expect([offered(1), told]).toEqual([[], [end]]);
  });

  it.each([
    ["paused by request", (path: string) => request(path, "paused")],
    ["paused by its monitoring rule", async (path: string) => test.tenant.rollBack(path.split("/").at(-1) ?? "", 10)],
    ["archived", (path: string) => request(path, "archived")],
    ["deleted", (path: string) => test.call("DELETE", path)],
    ["optional", (path: string) => patch(path, { settings: { userExperience: { offerAsOptional: true } } })],
  ])("offers nothing any more once it is %s", async (_state, act) => {
    test.devices(1);
    const path = await deployed(await audienceOf([0]), { monitoring: PAUSE_AT_10 });
    expect(offered(1)).toEqual([0]);
    await act(path);
    expect(offered(1)).toEqual([]);
  });

  it("goes on after its monitoring rule is gone", async () => {
    test.devices(1);
    const path = await deployed(await audienceOf([0]), { monitoring: PAUSE_AT_10 });
    test.tenant.rollBack(path.split("/").at(-1) ?? "", 10);
    await patch(path, { settings: { monitoring: { monitoringRules: [] } } });
    expect(offered(1)).toEqual([0]);
  });

  it("brings Windows 10 devices without the hardware to the last Windows 10 where its rule says so", async () => {
    test.tenant.addDevices([
      tenantDevice(0, { ...TEN, attributes: FIT }),
      tenantDevice(1, { ...TEN, attributes: { ...FIT, tpm: "1.2" } }),
    ]);
    const path = await deployed(await audienceOf([0, 1]));
    expect([view(0).feature?.version, view(1).feature]).toEqual([W11, undefined]);
    const monitoringRules = [{ signal: "ineligible", action: "offerFallback" }];
    await patch(path, { settings: { monitoring: { monitoringRules } } });
    expect(view(0).feature?.version).toBe(W11);
    expect(view(1).feature).toMatchObject({ version: "Windows 10, version 22H2", isFallback: true });
  });
});

describe("A gradual deployment", () => {
  it("by a rate offers it to so many devices at a time, and only they are told", async () => {
    test.devices(5);
    await deployed(await audienceOf(upTo(5)), gradually("rate", { devicesPerOffer: 2, durationBetweenOffers: "P3D" }));
    const told: number[] = [];
    test.tenant.onChange((devices) => told.push(devices === "all" ? 5 : devices.size));
    const counts = [0, 2, 1, 3, 3].map((days) => {
      test.pass(days * DAY);
      return offered(5).length;
    });
    expect([counts, told]).toEqual([
      [2, 2, 4, 5, 5],
      [2, 1],
    ]);
  });

  it("by a rate goes on after a pause where it was", async () => {
    test.devices(5);
    const path = await deployed(await audienceOf(upTo(5)), gradually("rate", { devicesPerOffer: 2 }));
    test.pass(1.5 * DAY);
    await request(path, "paused");
    test.pass(10 * DAY);
    expect(offered(5)).toEqual([]);
    await request(path, "none");
    expect(offered(5)).toHaveLength(4);
    test.pass(DAY / 2);
    expect(offered(5)).toHaveLength(5);
  });

  it("by a rate never takes an offer back for devices that join later: their turn comes after all others", async () => {
    test.devices(4);
    const audience = await audienceOf([2, 3]);
    await deployed(audience, gradually("rate", { devicesPerOffer: 1 }));
    expect(offered(4)).toEqual([2]);
    await change(audience, { members: [0, 1] });
    await enrol([0, 1], "feature");
    expect(offered(4)).toEqual([2]);
    test.pass(DAY);
    expect(offered(4)).toEqual([2, 3]);
    test.pass(2 * DAY);
    expect(offered(4)).toEqual([0, 1, 2, 3]);
  });

  it("by a rate tells a device that joins after the last offer when its turn comes", async () => {
    test.devices(2);
    const audience = await audienceOf([0]);
    await deployed(audience, gradually("rate", { devicesPerOffer: 1 }));
    await change(audience, { members: [1] });
    await enrol([1], "feature");
    const told: ReadonlySet<string>[] = [];
    test.tenant.onChange((devices) => told.push(new Set(devices)));
    test.pass(DAY);
    expect(told).toEqual([new Set(idsOf([1]))]);
  });

  it("by a rate gives the turn of a device that leaves to the next", async () => {
    test.devices(3);
    const audience = await audienceOf(upTo(3));
    await deployed(audience, gradually("rate", { devicesPerOffer: 1 }));
    const told: string[] = [];
    test.tenant.onChange((devices) => told.push(...devices));
    await change(audience, { exclusions: [0] });
    expect([offered(3), new Set(told)]).toEqual([[1], new Set(idsOf([0, 1]))]);
  });

  it("by a rate offers it to everybody where that is 0", async () => {
    test.devices(3);
    await deployed(await audienceOf(upTo(3)), gradually("rate", { devicePerOffer: 1 }));
    expect(offered(3)).toHaveLength(3);
  });

  it.each([
    ["an end date", () => gradually("date", { endDateTime: later(6), durationBetweenOffers: "P2D" })],
    ["a duration", () => gradually("duration", { durationUntilDeploymentEnd: "P6D", durationBetweenOffers: "P2D" })],
  ])("by %s reaches everybody before it in even groups, and at once who joins afterwards", async (_kind, settings) => {
    test.devices(150);
    const audience = await audienceOf(upTo(149));
    await deployed(audience, settings());
    const counts = [0, 2, 2].map((days) => {
      test.pass(days * DAY);
      return offered(149).length;
    });
    const [first = 0, second = 0] = counts;
    for (const size of [first, second - first, 149 - second]) expect(Math.abs(size - 50)).toBeLessThan(20);
    expect(counts.at(-1)).toBe(149);
    test.pass(2 * DAY);
    await change(audience, { members: [149] });
    await enrol([149], "feature");
    expect(view(149).feature).toBeDefined();
  });

  it("is as far after a restart of the tenant as before", async () => {
    await test.discard();
    test = await TestTenant.start({ at: BEGIN, inProcess: true, persist: true });
    test.devices(3);
    await deployed(await audienceOf(upTo(3)), gradually("rate", { devicesPerOffer: 1 }));
    test.pass(DAY);
    const before = offered(3);
    await test.stop();
    const at = new Date(test.clock.now()).toISOString();
    test = await TestTenant.start({ at, inProcess: true, persist: true, dir: test.dir });
    expect([before.length, offered(3)]).toEqual([2, before]);
    test.pass(DAY);
    expect(offered(3)).toHaveLength(3);
  });
});

describe("A deployment of a driver", () => {
  const drivers = (nth = 0) => view(nth).drivers?.map(({ version }) => version);
  const publish = (version: string, deployableUntil: number | null = null) =>
    test.tenant.publishDriver({
      ...{ component: "Contoso - Net", manufacturer: "Contoso", driverClass: "Net", version, isRequired: true },
      ...{ releasedAt: test.clock.now(), deployableUntil },
    });
  const policyFor = async (nths: readonly number[], body: object = {}) => {
    const id = (await audienceOf(nths, "driver")).split("/").at(-1);
    const { json } = await test.post(`${UPDATES}/updatePolicies`, { audience: { id }, ...body });
    return `${UPDATES}/updatePolicies/${json.id}`;
  };
  /** Approves a driver in a new policy; the path of the approval. */
  async function approved(nths: readonly number[], id: string, deploymentSettings: object = {}): Promise<string> {
    const path = `${await policyFor(nths)}/complianceChanges`;
    const content = { catalogEntry: { id } };
    const { json } = await test.post(path, { "@odata.type": `${TYPE}.contentApproval`, content, deploymentSettings });
    return `${path}/${json.id}`;
  }
  beforeEach(() => {
    test.devices(3, { attributes: { networkDriver: "Contoso 1.0", gpuDriver: "Fabrikam 1.0" } });
  });

  it("brings just that driver to the enrolled devices that have an older one, until its approval is revoked", async () => {
    const id = publish("2.0");
    publish("3.0");
    test.tenant.reportInventory(tenantDevice(1).deviceId, { installedDrivers: { "Contoso - Net": "2.0" } });
    const approval = await approved([0, 1], id);
    expect(view(0).drivers).toEqual([{ id, name: "Contoso - Net", version: "2.0", since: test.clock.now() }]);
    expect([drivers(1), drivers(2)]).toEqual([undefined, undefined]);
    await patch(approval, { "@odata.type": `${TYPE}.contentApproval`, isRevoked: true });
    expect(drivers()).toBeUndefined();
  });

  it("needs the enrolment of devices for drivers", async () => {
    await deployed(await audienceOf([0], "feature"), {}, async () => publish("2.0"));
    expect(drivers()).toBeUndefined();
    await enrol([0], "driver");
    expect(drivers()).toEqual(["2.0"]);
  });

  it("begins on its date and ends when the driver expires; devices are told of both", async () => {
    await approved([0], publish("2.0", Date.parse(later(5))), { schedule: { startDateTime: later(2) } });
    const told: number[] = [];
    test.tenant.onChange(() => told.push((test.clock.now() - Date.parse(BEGIN)) / (DAY * 1000)));
    expect(drivers()).toBeUndefined();
    test.pass(2 * DAY);
    expect(drivers()).toEqual(["2.0"]);
    test.pass(3 * DAY);
    expect([drivers(), told]).toEqual([undefined, [2, 5]]);
  });

  it("ends when the publisher takes the driver back", async () => {
    const id = publish("2.0");
    await approved([0], id);
    test.tenant.withdrawDriver(id);
    expect(drivers()).toBeUndefined();
  });

  it("may be gradual", async () => {
    const audience = await audienceOf(upTo(3), "driver");
    await deployed(audience, gradually("rate", { devicesPerOffer: 1 }), async () => publish("2.0"));
    expect(upTo(3).filter((nth) => drivers(nth) !== undefined)).toHaveLength(1);
    test.pass(2 * DAY);
    expect(upTo(3).filter((nth) => drivers(nth) !== undefined)).toHaveLength(3);
  });

  it("is made by the rule of a policy some days after the publication", async () => {
    const contentFilter = { "@odata.type": `${TYPE}.driverUpdateFilter` };
    const rule = { "@odata.type": `${TYPE}.contentApprovalRule`, contentFilter, durationBeforeDeploymentStart: "P7D" };
    const path = await policyFor([0], { complianceChangeRules: [rule] });
    test.pass(DAY);
    publish("2.0");
    test.pass(7 * DAY - 1);
    expect(drivers()).toBeUndefined();
    test.pass(1);
    expect([drivers(), drivers(1)]).toEqual([["2.0"], undefined]);
    await test.call("DELETE", path);
    expect(drivers()).toBeUndefined();
  });
});
