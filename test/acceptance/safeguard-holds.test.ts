import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { apiInMemory, reset } from "../support/api-in-memory.js";
import { featureWorkshop } from "../support/feature-releases.js";
import { tenantDevice } from "../support/tenant-device.js";
import { managed, record } from "../unit/shared/registration/records.js";

const api = apiInMemory();
const workshop = await featureWorkshop(api);
const { call, noted } = api;
await import("../../functions/api/feature-devices.js");
await import("../../functions/api/safeguard-holds.js");
await import("../../functions/feature-devices.js");
await import("../../workflows/safeguard-opt-outs.js");
const { keepAttributes } = await import("../../shared/readiness/device-attributes.js");
const { ledger, reopenLedger } = await import("../../shared/ledger/index.js");
const { insertRelease } = await import("../../shared/releases/store.js");
const { releaseOf } = await import("../unit/shared/releases/fixtures.js");
const { SIGNAL_TYPE_PREFIX } = await import("../../shared/signals/signal.js");
const { configurationArea } = await import("../../shared/graph/policies/configuration-area.js");
const { OPT_OUT_GROUP } = await import("../../shared/safeguard-holds/apply.js");
const { listMembers } = await import("../../shared/graph/members.js");
const { ensureGroup } = await import("../../shared/graph/groups.js");

const [BEFORE, AFTER] = ["10.0.22000.3000", "10.0.22631.3593"];
const KB = { kb: "KB5039212", build: "10.0.22631.3737" };
const HOLD = "58123456";

beforeEach(async () => {
  reset(api);
  reopenLedger();
  await workshop.open();
  await workshop.addGroup("sales");
  workshop.tenant().devices(4);
  publish(knownIssue("confirmed"));
});
afterEach(() => workshop.close());

const idOf = (nth: number) => tenantDevice(nth).deviceId;
const objectOf = (nth: number) => tenantDevice(nth).objectId;
const placed = (nth: number, osVersion = BEFORE, ring = "Ring1") =>
  record({
    ...{ deviceId: idOf(nth), objectId: objectOf(nth), groupId: "sales", ring },
    managed: managed({ osVersion, lastSyncAt: new Date(workshop.now()).toISOString() }),
  });
/** Three devices in Ring1 and one in Last. */
const register = () => workshop.register([placed(0), placed(1), placed(2), placed(3, BEFORE, "Last")]);
const knownIssue = (status: string) => ({
  ...{ id: "WI1190001", title: "Printers stall", description: "Some printers.", status },
  ...{ webViewUrl: "https://example.com", safeguardHoldIds: [Number(HOLD)] },
});
/** Release health as Graph tells it; everything else is the tenant's. */
function publish(issue: object): void {
  const graph = workshop.graph();
  const { list } = graph;
  const withIssue: typeof list = async (path, options) => {
    if (!path.endsWith("/products")) return list(path, options);
    const product = { id: "7", name: "Windows 11, version 23H2", knownIssues: [issue] };
    return [z.parse(options.schema, product)];
  };
  Object.assign(graph, { list: withIssue });
}
const begun = async () => {
  const rings = ["Test", "Ring1", "Last"].map((ring) => ({ groupId: "sales", ring }));
  const phases = [{ rings, firstDate: "2024-07-01" }];
  const body = { name: "Summer", version: "Windows 11, version 23H2", groups: ["sales"], phases };
  const made = await call("featureReleasesCreate", { body });
  await workshop.drain();
  await workshop.automationAt("2024-06-30T16:00:00Z");
  workshop.passUntil("2024-07-01T08:00:00Z");
  return String(made.body.id);
};
/** Windows says which hold it is. */
const reported = (nth: number, gatedBlockIds: string) =>
  keepAttributes([{ deviceId: idOf(nth), at: new Date(workshop.now()).toISOString(), attributes: { gatedBlockIds } }]);
/** The device says that a safeguard keeps it. */
const blocked = async (featureReleaseId: string, nth: number) => {
  const measuring = releaseOf("enforce", workshop.now());
  await insertRelease({ ...measuring, update: { ...measuring.update, catalogEntryId: featureReleaseId } });
  const books = await ledger();
  const deviceId = idOf(nth);
  await books.enrolDevices(measuring.id, [{ deviceId, objectId: objectOf(nth), ring: "Ring1" }]);
  await books.registerUpdate(measuring.id, { revisions: [KB], startedAt: new Date(workshop.now() - 1).toISOString() });
  const time = new Date(workshop.now()).toISOString();
  const event = { specversion: "1.0", id: deviceId, source: `/devices/${deviceId}`, time };
  const data = { deviceId, ...KB, attempt: 1, sequence: 1 };
  await books.foldSignals(
    [{ body: { ...event, type: `${SIGNAL_TYPE_PREFIX}safeguard-blocked`, data } }],
    workshop.now(),
  );
};
const device = async (nth: number) =>
  (await call("deviceFeatureUpdateGet", { params: { deviceId: idOf(nth) } })).body as Record<string, unknown>;
const report = async () => (await call("safeguardHoldsList")).body as Record<string, unknown>;
const optOut = async (body: object) => {
  const answer = await call("safeguardOptOutsPost", { body: { justification: "No such printers.", ...body } });
  await workshop.drain();
  return answer;
};
const members = async () => {
  const { groupId } = await ensureGroup(workshop.graph(), OPT_OUT_GROUP);
  workshop.tenant().pass(60);
  return (await listMembers(workshop.graph(), groupId)).sort();
};
const policies = async () =>
  (await configurationArea.list(workshop.graph())).filter(({ displayName }) =>
    displayName?.startsWith("Ringmaster - Safeguard opt-outs"),
  );
const daily = (text: string) => workshop.automationAt(text, "featureDevicesDaily");

describe("safeguard holds", () => {
  it("row 104: keep devices from the update, which are counted by hold", async () => {
    await register();
    const id = await begun();
    await reported(0, `${HOLD},61000001`);
    await blocked(id, 1);
    expect(await device(0)).toMatchObject({
      ...{ state: "On hold", substate: "ServicePaused", safeguardHolds: [HOLD, "61000001"] },
      alert: { code: "SafeguardHold", text: expect.stringContaining(HOLD) },
    });
    expect(await device(1)).toMatchObject({ state: "On hold", substate: "ServicePaused", safeguardHolds: [] });
    expect((await device(2)).state).toBe("Offering");
    expect(await report()).toMatchObject({
      value: [
        {
          id: HOLD,
          devices: 1,
          deviceIds: [idOf(0)],
          issue: { id: "WI1190001", status: "confirmed" },
          isLifted: false,
        },
        { id: "61000001", devices: 1, issue: null },
      ],
      unnamed: { devices: 1, deviceIds: [idOf(1)] },
    });
  });

  it("row 104: held devices are not counted against the release", async () => {
    await register();
    await begun();
    await reported(0, HOLD);
    workshop.passUntil("2024-07-08T00:00:00Z");
    const { value } = (await call("featureDevicesReport")).body as { value: object[] };
    expect(value).toMatchObject([{ deviceCount: 4, held: 1, objective: { denominator: 3 } }]);
  });

  it("row 104: are shown as lifted once the issue is resolved", async () => {
    publish(knownIssue("resolved"));
    expect(await report()).toMatchObject({ value: [{ id: HOLD, isLifted: true, devices: 0 }] });
  });
});

describe("opting out of safeguard holds", () => {
  it("row 104: is a policy for the directory group of these devices, and for no others", async () => {
    await register();
    await begun();
    await reported(0, HOLD);
    expect((await optOut({ deviceIds: [idOf(0)] })).status).toBe(202);
    expect(await members()).toEqual([objectOf(0)]);
    const { groupId } = await ensureGroup(workshop.graph(), OPT_OUT_GROUP);
    expect(await policies()).toMatchObject([
      { values: { disableSafeguards: true }, included: [groupId], everyone: false },
    ]);
    expect(await device(0)).toMatchObject({ state: "Offering", safeguardsDisabled: true });
    expect(await report()).toMatchObject({ optedOut: { deviceIds: [idOf(0)] } });
    expect(noted).toEqual(expect.arrayContaining(["safeguard.optOut", "safeguard.members", "policy.create"]));
  });

  it("row 104: resets by itself once the device has taken a feature update, and is in the audit log", async () => {
    await register();
    await optOut({ deviceIds: [idOf(0), idOf(1)] });
    await daily("2024-07-02T05:10:00Z");
    expect(await members()).toEqual([objectOf(0), objectOf(1)]);
    await workshop.register([placed(0, AFTER)]);
    await daily("2024-07-03T05:10:00Z");
    expect(await members()).toEqual([objectOf(1)]);
    expect(noted.filter((action) => action === "safeguard.optOut.reset")).toHaveLength(1);
    const { value } = (await call("safeguardOptOutsList")).body as { value: { deviceId: string }[] };
    expect(value.map(({ deviceId }) => deviceId)).toEqual([idOf(1)]);
  });

  it("takes a quality update for no feature update", async () => {
    await register();
    await optOut({ deviceIds: [idOf(0)] });
    await workshop.register([placed(0, "10.0.22000.3100")]);
    await daily("2024-07-03T05:10:00Z");
    expect(await members()).toEqual([objectOf(0)]);
  });

  it("takes all devices of a ring, and lets one go again", async () => {
    await register();
    const ring = { groupId: "sales", ring: "Ring1" };
    expect((await optOut({ ring })).body.value).toHaveLength(3);
    expect(await members()).toEqual([objectOf(0), objectOf(1), objectOf(2)]);
    const params = { deviceId: idOf(1) };
    expect((await call("safeguardOptOutsDelete", { params })).status).toBe(204);
    await workshop.drain();
    expect(await members()).toEqual([objectOf(0), objectOf(2)]);
    expect((await call("safeguardOptOutsDelete", { params })).status).toBe(404);
  });

  it("reaches the tenant with the daily look where it did not at once", async () => {
    await register();
    await optOut({ deviceIds: [idOf(0)] });
    await call("safeguardOptOutsDelete", { params: { deviceId: idOf(0) } });
    workshop.forget();
    expect(await members()).toEqual([objectOf(0)]);
    await daily("2024-07-03T05:10:00Z");
    expect(await members()).toEqual([]);
  });

  it.each([
    ["neither devices nor a ring", {}, "devicesOrRing"],
    ["both", { deviceIds: ["x"], ring: { groupId: "sales", ring: "Last" } }, "devicesOrRing"],
    ["a device that is not there", { deviceIds: ["d0000000-0000-4000-a000-0000000000ff"] }, "unknownDevice"],
    ["a ring without devices", { ring: { groupId: "sales", ring: "Test" } }, "ringWithoutDevices"],
  ])("is refused for %s, and then nothing is changed", async (_what, body, rule) => {
    await register();
    expect((await optOut(body)).body).toMatchObject({ status: 422, rule });
    const opted = noted.filter((action) => action.startsWith("safeguard."));
    expect([(await call("safeguardOptOutsList")).body.value, opted]).toEqual([[], []]);
  });

  it("is for administrators, with a reason", async () => {
    await register();
    expect((await optOut({ deviceIds: [idOf(0)], justification: " " })).status).toBe(400);
    api.role = "Operator";
    expect((await optOut({ deviceIds: [idOf(0)] })).status).toBe(403);
  });
});
