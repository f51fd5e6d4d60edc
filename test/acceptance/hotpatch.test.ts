import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { Graph } from "../../shared/graph/graph.js";
import type { ReleaseRing } from "../../shared/releases/store.js";
import { apiInMemory, reset } from "../support/api-in-memory.js";
import { device, type TestTenant } from "../unit/infra/local/tenant/support.js";
import { emulated } from "../unit/shared/graph/emulated.js";

const api = apiInMemory();
const { call, noted } = api;
let graph: Graph;
vi.doMock("../../shared/graph/client.js", () => ({ graphClient: () => graph, tenantManagementGraph: () => graph }));
await import("../../functions/api/hotpatch.js");
const { lookAtVbs } = await import("../../shared/hotpatch/vbs.js");
const { surveyDevices } = await import("../../shared/registration/discover.js");
const { keepAttributes } = await import("../../shared/readiness/device-attributes.js");
const { ledger, reopenLedger } = await import("../../shared/ledger/index.js");
const { autopatchGroup } = await import("../unit/shared/registration/estate.js");
const { SIGNAL_TYPE_PREFIX } = await import("../../shared/signals/signal.js");
const { insertRelease, insertRings } = await import("../../shared/releases/store.js");
const { pauseAt, releaseOf, ring } = await import("../unit/shared/releases/fixtures.js");
const { changeGroup } = await import("../../shared/groups/store.js");

const [BASELINE, HOTPATCH, CUMULATIVE] = ["10.0.26100.8240", "10.0.26100.8390", "10.0.26100.8457"];
const KB = { kb: "KB5089549", build: CUMULATIVE };
const HOUR_S = 3600;
const windows = { product: "Windows 11", version: "24H2" } as const;
const eligible = {
  ...{ ...windows, osVersion: BASELINE, skuFamily: "Enterprise", processorArchitecture: "x64" },
  ...{ lastSyncDateTime: "2026-05-20T08:00:00Z", virtualizationBasedSecurity: "running" },
};

let test: TestTenant;
let entraGroup: string;
beforeAll(async () => {
  const started = await emulated(12, { at: "2026-05-20T12:00:00Z" });
  test = started.test;
  graph = started.graph;
  const baseline = { ...windows, build: BASELINE, kb: "KB5083769" };
  const hotpatch = { ...windows, build: HOTPATCH, kb: "KB5089466", hotpatchOf: BASELINE };
  test.tenant.publish({ date: "2026-04-14", kind: "B", revisions: [baseline] });
  const may = [{ ...windows, build: CUMULATIVE, kb: "KB5089549" }, hotpatch];
  test.tenant.publish({ date: "2026-05-12", kind: "B", revisions: may });
  entraGroup = await test.group("sales", objects(0, 12));
  test.pass(60);
});
afterAll(() => test?.discard());
beforeEach(() => {
  reset(api);
  reopenLedger();
  for (let nth = 0; nth < 12; nth++) test.tenant.patchDevice(device(nth).deviceId, eligible);
});

function objects(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, place) => device(from + place).objectId);
}

/** The report of a device that its attempt to install the update of May has failed. */
function failureOf(deviceId: string) {
  const id = `${deviceId}:${KB.kb}:1:1`;
  const data = { deviceId, ...KB, attempt: 1, sequence: 1, errorCode: "0x80070002" };
  const event = { specversion: "1.0", id, source: `/devices/${deviceId}`, type: `${SIGNAL_TYPE_PREFIX}failed` };
  const time = new Date(test.clock.now()).toISOString();
  return { body: { ...event, time, datacontenttype: "application/json", data } };
}

/** The daily discovery, and the daily look at what Intune's lists do not have. */
async function daily(): Promise<void> {
  await surveyDevices();
  await lookAtVbs(graph, test.clock.now());
}

const group = () => autopatchGroup(test, "sales", { assigned: { Test: entraGroup } });
const hotpatchOf = async (nth: number) =>
  (await call("deviceHotpatchGet", { params: { deviceId: device(nth).deviceId } })).body;
const outcome = async (nth: number) => {
  const { label, reasons, receives, restart } = await hotpatchOf(nth);
  return [label, (reasons as { code: string }[]).map(({ code }) => code), receives, restart];
};

describe("the hotpatch calendar", () => {
  const month = { month: "2026-08" };
  const baselines = async () => {
    const { value } = (await call("hotpatchCalendarList")).body as { value: { month: string; kind: string }[] };
    return value.filter(({ kind }) => kind === "baseline").map((each) => each.month.slice(5));
  };

  it("row 67: has baselines in months 1, 4, 7 and 10, and in June 2026 as it was published", async () => {
    expect(await baselines()).toEqual(["01", "04", "06", "07", "10"]);
    expect((await call("hotpatchCalendarGet", { params: { month: "2027-06" } })).body).toMatchObject({
      ...{ kind: "hotpatch", source: "rule" },
    });
  });

  it.each([
    ["2024-13", /YYYY-MM.* 01 to 12/],
    ["1999-12", /2000 to 2099/],
  ])("row 67: has no month %s", async (wrong, says) => {
    const { status, body } = await call("hotpatchCalendarGet", { params: { month: wrong } });
    expect([status, body.field, body.detail]).toEqual([400, "month", expect.stringMatching(says)]);
  });

  it("row 67: takes an unplanned baseline from an administrator, and loses it again", async () => {
    const body = { kb: "KB5099999", justification: "Microsoft announced it." };
    const put = await call("hotpatchCalendarPut", { params: month, body });
    expect([put.status, put.body.kind, put.body.planned]).toEqual([200, "baseline", "hotpatch"]);
    expect(await baselines()).toEqual(["01", "04", "06", "07", "08", "10"]);
    expect((await call("hotpatchCalendarDelete", { params: month })).status).toBe(204);
    expect(await baselines()).toEqual(["01", "04", "06", "07", "10"]);
    expect(noted).toEqual(["hotpatch.enterBaseline", "hotpatch.removeBaseline"]);
  });

  it("row 67: an unplanned baseline sends devices back to the baseline", async () => {
    await group();
    await daily();
    expect((await outcome(0)).slice(2)).toEqual(["hotpatch", false]);
    const body = { justification: "May turned out to be one." };
    await call("hotpatchCalendarPut", { params: { month: "2026-05" }, body });
    expect((await outcome(0)).slice(1)).toEqual([["baselineMissing"], "baseline", true]);
  });
});

describe("who gets hotpatches", () => {
  it.each<[string, object, string, string]>([
    ["edition", { skuFamily: "Pro" }, "edition", "cumulativeUpdate"],
    ["version", { version: "23H2", osVersion: "10.0.22631.5335" }, "windowsVersion", "cumulativeUpdate"],
    [
      "virtualization-based security",
      { virtualizationBasedSecurity: "notConfigured" },
      "vbsNotRunning",
      "cumulativeUpdate",
    ],
    ["processor: Arm64 with CHPE", { processorArchitecture: "arm64" }, "chpe", "cumulativeUpdate"],
    ["baseline", { osVersion: "10.0.26100.8000" }, "baselineMissing", "baselineFirst"],
    ["build beyond the baseline", { osVersion: "10.0.26100.8300" }, "outsideCycle", "cumulativeUpdate"],
  ])("row 68: a device with another %s does not, and restarts instead", async (_what, patch, reason, receives) => {
    await group();
    test.tenant.patchDevice(device(1).deviceId, patch);
    await daily();
    expect(await outcome(0)).toEqual(["Healthy", [], "hotpatch", false]);
    const [label, reasons, received, restart] = await outcome(1);
    expect([label, (reasons as string[])[0], received, restart]).toEqual(["Unhealthy", reason, receives, true]);
  });

  it("row 68: a device on Arm64 does once CHPE is disabled", async () => {
    await group();
    test.tenant.patchDevice(device(1).deviceId, { processorArchitecture: "arm64" });
    await daily();
    const attributes = { hotPatchRestrictions: "1" };
    await keepAttributes([{ deviceId: device(1).deviceId, at: "2026-05-20T12:00:00.000Z", attributes }]);
    expect(await outcome(1)).toEqual(["Healthy", [], "hotpatch", false]);
  });

  it("row 68: none does without a licence for them", async () => {
    test.tenant.setLicences([{ skuId: "00000000-0000-4000-8000-00000000000a", skuPartNumber: "EMS_E3" }]);
    await group();
    await daily();
    expect(await outcome(0)).toEqual(["Unhealthy", ["licence"], "cumulativeUpdate", true]);
    test.tenant.setLicences([{ skuId: "05e9a617-0261-4cee-bb44-138d3ef5d965", skuPartNumber: "SPE_E3" }]);
  });

  it("row 68: the tenant offers what the service says: hotpatch, or the cumulative update", async () => {
    await group();
    test.tenant.patchDevice(device(1).deviceId, { virtualizationBasedSecurity: "notConfigured" });
    await daily();
    const { policy } = await test.policy([entraGroup], [], { isHotpatchEnabled: true });
    await test.approve(policy, "2026.05 B");
    test.pass(12 * HOUR_S);
    const offered = [0, 1].map((nth) => test.tenant.view(device(nth).deviceId).offer?.build);
    expect([offered, (await outcome(0))[2], (await outcome(1))[2]]).toEqual([
      [HOTPATCH, CUMULATIVE],
      ...["hotpatch", "cumulativeUpdate"],
    ]);
  });

  it("row 68: the tenant's default counts only for devices in no quality update policy", async () => {
    await group();
    await daily();
    const off = { hotpatch: false, justification: "Not yet." };
    expect((await call("hotpatchDefaultPut", { body: off })).body).toMatchObject({ hotpatch: false, inForce: false });
    expect((await hotpatchOf(0)).receives).toBe("hotpatch");
    await changeGroup("sales", (one) => {
      const updateTypes = { ...one.definition.updateTypes, quality: false };
      return { ...one, definition: { ...one.definition, updateTypes } };
    });
    const without = await hotpatchOf(0);
    expect([without.policy, without.receives, without.restart]).toEqual(["Tenant default", "cumulativeUpdate", true]);
    await call("hotpatchDefaultPut", { body: { hotpatch: true } });
    expect((await hotpatchOf(0)).receives).toBe("hotpatch");
  });

  it("row 68: a policy without hotpatches wins over the tenant's default", async () => {
    await group();
    await daily();
    await changeGroup("sales", (one) => ({ ...one, definition: { ...one.definition, hotpatch: false } }));
    const { policy, label, receives } = await hotpatchOf(0);
    expect([policy === "Tenant default", label, receives]).toEqual([false, "Healthy", "cumulativeUpdate"]);
  });
});

describe("the hotpatch report", () => {
  const ringTest = async () => {
    const { status, body } = await call("hotpatchReportGet");
    expect(status).toBe(200);
    const [row] = body.value as Record<string, unknown>[];
    return { at: body.at, row };
  };

  it("row 69: counts the devices of every policy in the columns of the service", async () => {
    await group();
    const builds = [HOTPATCH, HOTPATCH, CUMULATIVE];
    for (const [nth, osVersion] of builds.entries()) test.tenant.patchDevice(device(nth).deviceId, { osVersion });
    test.tenant.patchDevice(device(3).deviceId, { virtualizationBasedSecurity: "notConfigured" });
    await daily();
    const { row } = await ringTest();
    expect(row).toMatchObject({
      policy: expect.stringMatching(/^Ringmaster sales - Test standing /),
      ...{ devices: 12, upToDate: 3, hotpatched: 2, notUpToDate: 9, inProgress: 0, notReady: 0, paused: 0 },
      ...{ percentWithLatest: 25, notEligible: 2, reasons: { vbsNotRunning: 1, outsideCycle: 1 } },
    });
  });

  it.each([
    ["whose days are not over, as in progress", false, { inProgress: 10, paused: 0, upToDate: 1, notUpToDate: 1 }],
    ["where the update is paused, as paused", true, { inProgress: 0, paused: 12, upToDate: 0, notUpToDate: 0 }],
  ])("row 69: counts devices of a ring %s", async (_where, paused, expected) => {
    await autopatchGroup(test, "sales", { assigned: { Ring3: entraGroup } });
    test.tenant.patchDevice(device(0).deviceId, { osVersion: HOTPATCH });
    await daily();
    const release = releaseOf("enforce", test.clock.now());
    const update = { ...release.update, catalogEntryId: await test.entryId("2026.05 B") };
    await insertRelease({ ...release, groupId: "sales", update });
    const state = ring("Ring3", {}, paused ? pauseAt(test.clock.now()) : undefined);
    await insertRings([{ releaseId: release.id, ring: "Ring3", state, revision: 1 } as ReleaseRing]);
    const failing = { deviceId: device(1).deviceId, objectId: device(1).objectId, ring: "Ring3" };
    const books = await ledger();
    await books.enrolDevices(release.id, [failing]);
    await books.registerUpdate(release.id, { revisions: [KB], startedAt: "2026-05-12T17:00:00.000Z" });
    await books.foldSignals([failureOf(failing.deviceId)], test.clock.now());
    const rows = (await call("hotpatchReportGet")).body.value as Record<string, unknown>[];
    expect(rows.find((row) => row.ring === "Ring3")).toMatchObject({ devices: 12, ...expected });
  });

  it("row 69: is made anew after four hours", async () => {
    await group();
    await daily();
    const first = await ringTest();
    test.tenant.patchDevice(device(0).deviceId, { osVersion: HOTPATCH });
    test.pass(4 * HOUR_S - 1);
    expect(await ringTest()).toEqual(first);
    test.pass(1);
    const second = await ringTest();
    expect(second.row).toMatchObject({ upToDate: 1, hotpatched: 1 });
    expect(Date.parse(String(second.at)) - Date.parse(String(first.at))).toBe(4 * HOUR_S * 1000);
  });
});
