import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { apiInMemory, mocksInForce } from "../../../support/api-in-memory.js";
import { featureWorkshop } from "../../../support/feature-releases.js";
import { deviceId, managed, record } from "../../shared/registration/records.js";

const api = apiInMemory();
await mocksInForce();
let scopeTagIds: "all" | readonly string[] = "all";
vi.doMock("../../../../shared/access/caller.js", async () => {
  const { rightsByName } = await import("../../../../shared/access/built-in-roles.js");
  const ada = () => ({ id: "ada", name: "Ada", rights: rightsByName(["Administrator"])[0], scopeTagIds });
  return { callerOf: async () => ({ actor: ada(), via: "token" }) };
});
const workshop = await featureWorkshop(api);
const { call } = api;
await import("../../../../functions/api/feature-devices.js");
await import("../../../../functions/api/safeguard-holds.js");
const { changeGroup } = await import("../../../../shared/groups/store.js");

const lastSyncAt = "2024-06-12T08:00:00Z";
const [MINE, FOREIGN] = [deviceId(1), deviceId(2)];

beforeAll(async () => {
  await workshop.open();
  for (const [id, tag] of [
    ["sales", "5"],
    ["plant", "6"],
  ] as const) {
    await workshop.addGroup(id);
    await changeGroup(id, (group) => ({ ...group, definition: { ...group.definition, scopeTagIds: [tag] } }));
  }
  const device = (id: string, groupId: string, osVersion: string) =>
    record({ deviceId: id, groupId, managed: managed({ osVersion, lastSyncAt, skuFamily: "Pro" }) });
  await workshop.register([device(MINE, "sales", "10.0.22000.1"), device(FOREIGN, "plant", "10.0.22000.1")]);
});
afterAll(() => workshop.close());

const ids = async (operation: string) =>
  ((await call(operation)).body.value as { deviceId?: string; groupId?: string }[]).map(
    (each) => each.deviceId ?? each.groupId,
  );

describe("a scoped admin", () => {
  it("sees the devices of his groups alone, in lists and in what is counted", async () => {
    scopeTagIds = "all";
    expect(await ids("featureDevicesList")).toEqual([MINE, FOREIGN]);
    scopeTagIds = ["5"];
    expect(await ids("featureDevicesList")).toEqual([MINE]);
    expect(await ids("featureDevicesLifecycle")).toEqual(["sales"]);
    const { value, supported } = (await call("featureDevicesReport")).body;
    expect(value).toMatchObject([{ release: "sales", featureReleaseId: null, deviceCount: 1 }]);
    expect(supported).toMatchObject({ denominator: 1, percent: 0, met: false });
    expect((await call("deviceFeatureUpdateGet", { params: { deviceId: FOREIGN } })).status).toBe(404);
  });

  it("opts no device of others out of safeguards, and sees no opt-out of theirs", async () => {
    scopeTagIds = "all";
    const body = (id: string) => ({ deviceIds: [id], justification: "Known and harmless." });
    expect((await call("safeguardOptOutsPost", { body: body(FOREIGN) })).status).toBe(202);
    scopeTagIds = ["5"];
    expect((await call("safeguardOptOutsPost", { body: body(FOREIGN) })).body.rule).toBe("unknownDevice");
    expect(await ids("safeguardOptOutsList")).toEqual([]);
    expect((await call("safeguardOptOutsDelete", { params: { deviceId: FOREIGN } })).status).toBe(404);
    expect((await call("safeguardOptOutsPost", { body: body(MINE) })).status).toBe(202);
    expect(await ids("safeguardOptOutsList")).toEqual([MINE]);
  });
});

it("a device that nothing brings to a version is said to have none, with what to do", async () => {
  scopeTagIds = "all";
  await changeGroup("plant", (group) => {
    const deploymentSettings = { ...group.definition.deploymentSettings, targetFeatureVersion: null };
    return { ...group, definition: { ...group.definition, deploymentSettings } };
  });
  const { status, body } = await call("deviceFeatureUpdateGet", { params: { deviceId: FOREIGN } });
  expect([status, body.field]).toEqual([404, "deviceId"]);
  expect(body.detail).toContain("Put the group into a feature release");
});
