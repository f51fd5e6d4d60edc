import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Inventory } from "../../shared/inventory/inventory.js";
import { apiInMemory, reset } from "../support/api-in-memory.js";

const api = apiInMemory();
const { call, noted } = api;
const DAY = 86_400_000;
const clock = { at: Date.parse("2024-06-12T12:00:00Z") };
const iso = (daysAgo = 0) => new Date(clock.at - daysAgo * DAY).toISOString();
vi.doMock("../../shared/clock.js", () => ({ clock: { now: () => clock.at, iso: () => iso() } }));
vi.doMock("../../shared/graph/client.js", () => ({ graphClient: () => ({}) }));
/** Days since each device checked in. */
const away: Record<string, number> = {};
const isoAway = (id: string) => iso(away[id] ?? 0);
vi.doMock("../../shared/graph/inventory.js", () => ({
  listManagedDevices: async () => new Map(ids.map((id) => [id, { lastSyncAt: isoAway(id) }])),
}));
await import("../../functions/api/apps.js");
const { lookAtDefinitions } = await import("../../shared/antivirus/alerts.js");
const { antivirusNews } = await import("../../shared/antivirus/news.js");
const { keepInventories } = await import("../../shared/inventory/store.js");
const { writeDevices } = await import("../../shared/registration/store.js");
const { writeGroup } = await import("../../shared/groups/store.js");
const { deviceId, record } = await import("../unit/shared/registration/records.js");
const { definitionOf } = await import("../unit/shared/registration/estate.js");

const ids = [1, 2, 3, 4].map(deviceId);
const STALE_DAYS = 7;
vi.stubGlobal("fetch", async () => new Response("", { status: 503 }));

beforeEach(async () => {
  reset(api);
  for (const id of Object.keys(away)) delete away[id];
  clock.at += 2 * DAY;
  await writeGroup({ id: "contoso", definition: definitionOf("Contoso", {}), status: "active", bindings: {} });
  await writeDevices(ids, (id) => record({ deviceId: id }));
});

const told = async (nth: number, inventory: Inventory) => {
  clock.at += 1000;
  await keepInventories([{ deviceId: deviceId(nth), at: iso(), inventory }]);
};
const antivirus = (ageDays: number): Inventory => ({
  antivirus: { signatureVersion: "1.413.234.0", signaturesUpdatedAt: iso(ageDays), scannedAt: iso() },
});
const teams = (signedIn?: boolean): Inventory => ({
  teams: { version: "24124.2315.2911.3357", ...(signedIn === undefined ? {} : { signedIn }) },
});
const overview = async () => (await call("groupAppsGet", { params: { groupId: "contoso" } })).body;
const alerts = async (state = "open") =>
  (await call("antivirusAlertsList", { query: { state } })).body.value as Record<string, unknown>[];

describe("Microsoft Teams", () => {
  it("row 92: is shown with versions, and eligible where it is installed, signed in and online", async () => {
    await told(1, teams(true));
    await told(2, teams(false));
    await told(3, {});
    away[deviceId(1)] = 0;
    expect((await overview()).teams).toEqual({
      ...{ devices: 4, eligible: 1, notEligible: 3, versions: { "24124.2315.2911.3357": 1 } },
      reasons: { notSignedIn: 1, notInstalled: 1, inventoryUnknown: 1 },
    });
  });

  it("row 92: of a device that is away for more than five days is not eligible", async () => {
    await told(1, teams());
    away[deviceId(1)] = 5.1;
    const { body } = await call("deviceAppsGet", { params: { deviceId: deviceId(1) } });
    expect(body.teams).toMatchObject({ label: "Unhealthy", reasons: [{ code: "notCheckedIn" }], signedIn: null });
  });
});

describe("antivirus definitions", () => {
  it("row 92: are shown by their age, in the group and on each device", async () => {
    await told(1, antivirus(0.5));
    await told(2, antivirus(6.9));
    await told(3, antivirus(7.2));
    expect((await overview()).antivirus).toEqual({
      ...{ devices: 4, eligible: 3, notEligible: 1, reasons: { inventoryUnknown: 1 } },
      ...{ fresh: 2, percentFresh: 66.6, stale: 1 },
      ...{ oldestDays: 7.2, staleAfterDays: STALE_DAYS },
    });
    const { body } = await call("groupAppsDevices", { params: { groupId: "contoso" } });
    const devices = body.value as { antivirus: { freshness: string } }[];
    expect(devices.map((each) => each.antivirus.freshness)).toEqual(["fresh", "fresh", "stale", "unknown"]);
  });

  it("row 92: raise an alert while they are older than seven days, told once, and end it when they are fresh", async () => {
    await told(1, antivirus(6));
    expect(await lookAtDefinitions(clock.at, STALE_DAYS)).toEqual([]);
    clock.at += 2 * DAY;
    await lookAtDefinitions(clock.at, STALE_DAYS);
    const openedAt = iso();
    expect(await alerts()).toMatchObject([
      { groupId: "contoso", stale: 1, known: 1, deviceIds: [deviceId(1)], openedAt },
    ]);
    clock.at += DAY;
    await lookAtDefinitions(clock.at, STALE_DAYS);
    expect(await alerts()).toMatchObject([{ openedAt, lookedAt: iso(), closed: null }]);
    await told(1, antivirus(0));
    await lookAtDefinitions(clock.at, STALE_DAYS);
    expect([await alerts(), await alerts("closed")]).toMatchObject([[], [{ openedAt, closed: { because: "fresh" } }]]);
    expect(noted).toEqual(["antivirusAlert.open", "antivirusAlert.update", "antivirusAlert.close"]);
  });

  it("row 92: of a device that is away count for nothing, and it is shown with its reason", async () => {
    await told(1, antivirus(6));
    await told(2, antivirus(0));
    clock.at += 3 * DAY;
    away[deviceId(1)] = 5.1;
    await lookAtDefinitions(clock.at, STALE_DAYS);
    expect(await alerts("all")).toEqual([]);
    expect((await overview()).antivirus).toMatchObject({
      ...{ eligible: 1, fresh: 1, stale: 0, percentFresh: 100 },
      reasons: { notCheckedIn: 1, inventoryUnknown: 2 },
    });
    away[deviceId(1)] = 0;
    clock.at += DAY;
    await lookAtDefinitions(clock.at, STALE_DAYS);
    expect(await alerts()).toMatchObject([{ stale: 1, known: 2, deviceIds: [deviceId(1)] }]);
  });

  it("row 92: are told of in words", () => {
    const evidence = { groupName: "Contoso", stale: 2, known: 30, staleAfterDays: 7 };
    expect(antivirusNews({ evidence })).toMatchObject({
      title: "Stale antivirus definitions in Contoso",
      isOver: false,
    });
    expect(antivirusNews({ evidence }).text).toContain("2 of 30 devices in Contoso");
    expect(antivirusNews({ evidence: { ...evidence, because: "fresh" } }).isOver).toBe(true);
  });
});

describe("Teams and antivirus", () => {
  it.each([
    ["teams", "teamsIsNotHeld"],
    ["antivirus", "antivirusIsNotHeld"],
  ])("row 92: have no pause: %s", async (workload, rule) => {
    const sent = { params: { groupId: "contoso", workload }, body: { justification: "Why not." } };
    for (const name of ["appsPause", "appsRollBack", "appsResume"]) {
      const { status, body } = await call(name, sent);
      expect([status, body.rule]).toEqual([422, rule]);
    }
  });

  it("row 92: have no rings of their own", async () => {
    const shown = await overview();
    expect([shown.teams, shown.antivirus].map((report) => Object.hasOwn(report as object, "rings"))).toEqual([
      false,
      false,
    ]);
  });
});
