import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runOf } from "../../infra/local/world/runs/index.js";
import type { AuditEntry } from "../../shared/audit/audit.js";
import { DAY_MS, HOUR_MS } from "../../shared/calendar/days.js";
import type { DeviceRow } from "../../shared/ledger/device-row.js";
import type { SafeguardReport } from "../../shared/safeguard-holds/report.js";
import { deviceRows } from "../support/releases.js";
import { instant, runTo, startWorld, type World } from "../support/world.js";
import { disagreements } from "../verify/agreement.js";

type Releases = Parameters<ReturnType<typeof runOf>["find"]>[0];

/** The release of a run with all that the ledger and the fleet know of it. */
async function observed(world: World, run: ReturnType<typeof runOf>) {
  const release = run.find(await world.api.all<Releases[number]>("/releases?expand=rings"), world);
  if (release === undefined) throw new Error(`There is no release of ${run.update}.`);
  const rows = await deviceRows(world, release.id);
  return { release, rows, truth: run.truth(world, release) };
}

async function rejected(world: World): Promise<Readonly<Record<string, number>>> {
  const status = await world.api.get<{ rejectedSignals: Record<string, number> }>("/status");
  return Object.fromEntries(Object.entries(status.rejectedSignals).filter(([, count]) => count > 0));
}

describe("A feature release of two phases", () => {
  const run = runOf({ workload: "feature", scenario: "nominal" });
  const [first, second] = ["2024-10-09", "2024-10-10"];
  const hold = { id: 58_123_456, featureVersion: run.update, attribute: "model", title: "Printers stall" };
  let world: World;
  let heldIds: readonly string[];
  beforeAll(async () => {
    world = await startWorld({ from: "2024-10-08T00:00Z", devices: 24, gate: "enforce", releasesOnly: true });
    await runTo(world, "2024-10-08T00:00Z");
    const elevens = world.fleet.devices().filter(({ record }) => record.version === "23H2");
    const value = elevens.at(-1)?.record.model ?? "";
    heldIds = elevens.filter(({ record }) => record.model === value).map(({ deviceId }) => deviceId);
    world.tenant.setSafeguardHold({ ...hold, value, startedAt: instant("2024-10-08T00:00Z") });
    const ringsOf = (names: readonly string[]) => names.map((ring) => ({ groupId: "workforce", ring }));
    await world.api.send("POST", "/feature-releases", {
      ...{ name: "Autumn", version: run.update, groups: ["workforce"] },
      phases: [
        { rings: ringsOf(["Test"]), firstDate: first },
        { rings: ringsOf(["Ring1", "Ring2", "Ring3", "Last"]), firstDate: second },
      ],
    });
    await runTo(world, "2024-10-24T00:00Z");
    await world.fleet.checkInAll();
    await world.settle();
  });
  afterAll(() => world?.stop());

  it("is measured by a release that opens its rings with their phases and completes", async () => {
    const { release } = await observed(world, run);
    expect(release).toMatchObject({ outcome: "completed", update: { workload: "feature", name: run.update } });
    const opened = release.rings.map(({ opensAt }) => opensAt.slice(0, 10));
    expect(opened).toEqual([first, second, second, second, second]);
    expect(release.rings.map(({ status }) => status)).toEqual(Array(5).fill("Completed"));
  });

  it("counts what truly became of every device, and refuses no signal", async () => {
    const { rows, truth } = await observed(world, run);
    expect(disagreements(rows, truth)).toEqual([]);
    expect(rows.filter(({ state }) => state === "upToDate").length).toBeGreaterThan(12);
    expect(await rejected(world)).toEqual({});
  });

  it("is kept from devices by a safeguard hold, which their agents name", async () => {
    const told = await world.api.get<SafeguardReport>("/safeguard-holds");
    const named = told.value.find(({ id }) => id === String(hold.id));
    expect(named?.deviceIds.toSorted()).toEqual(heldIds.toSorted());
    expect(told.unnamed.deviceIds).toEqual([]);
    const device = await world.api.get<object>(`/devices/${heldIds[0]}/feature-update`);
    expect(device).toMatchObject({ state: "On hold", safeguardHolds: [String(hold.id)] });
    expect(device).toMatchObject({ alert: { text: expect.stringContaining(String(hold.id)) } });
  });

  it("leaves in the audit log when the automation began each phase, and every ring's end", async () => {
    const { release } = await observed(world, run);
    const entries = await world.api.all<AuditEntry & { readonly at: string }>("/audit?month=2024-10");
    const begun = entries.filter(({ action }) => action === "featureRelease.startPhase").map(({ at }) => at);
    expect(begun.map((at) => [4, 16].includes(new Date(at).getUTCHours()))).toEqual([true, true]);
    const before = begun.map((at, nth) => instant(`${[first, second][nth]}T00:00Z`) - Date.parse(at));
    expect(before.every((lead) => lead > 0 && lead <= 24 * HOUR_MS)).toBe(true);
    const ends = entries.filter(({ action, target }) => action === "ring.end" && target.includes(release.id));
    expect(ends).toHaveLength(5);
  });
});

describe("A bad driver that the policies of rings approve by themselves", () => {
  const run = runOf({ workload: "driver", scenario: "bad-driver-update" });
  let world: World;
  let found: Awaited<ReturnType<typeof observed>>;
  beforeAll(async () => {
    const from = new Date(run.startedAt).toISOString();
    // Of all the looks that are off here, the one that starts releases of drivers.
    const appSettings = { "AzureWebJobs.driversHourly.Disabled": "false" };
    const [managed, parameters] = [{ driver: true }, { rate: 0.8 }];
    const options = { from, devices: 100, scenario: "bad-driver-update", parameters, managed, appSettings } as const;
    world = await startWorld({ ...options, gate: "enforce", releasesOnly: true });
    await runTo(world, run.startedAt + 13 * DAY_MS);
    await world.fleet.checkInAll();
    await world.settle();
    found = await observed(world, run);
  });
  afterAll(() => world?.stop());

  it("is measured by a release that the service pauses", () => {
    const { release } = found;
    expect(release).toMatchObject({ status: "Paused by Service", update: { workload: "driver" } });
    const at = release.rings.map(({ opensAt }) => Date.parse(opensAt));
    expect(at.toSorted((a, b) => a - b)).toEqual(at);
  });

  it("stays away from the rings whose day comes after that, though their policies approved it", () => {
    const { release, rows, truth } = found;
    const pausedAt = Date.parse(String(release.gate.pausedAt));
    const later = release.rings.filter(({ opensAt }) => Date.parse(opensAt) > pausedAt).map(({ name }) => name);
    const ringOf = new Map(rows.map(({ deviceId, ring }) => [deviceId, ring]));
    const touched = truth.filter(({ state }) => state !== "none").map(({ deviceId }) => String(ringOf.get(deviceId)));
    expect(later.length).toBeGreaterThan(0);
    expect(touched.length).toBeGreaterThan(0);
    expect(touched.filter((ring) => later.includes(ring))).toEqual([]);
  });

  it("counts what truly became of every device that needs it", async () => {
    const needing = new Set(found.truth.map(({ deviceId }) => deviceId));
    const rows = found.rows.filter(({ deviceId }: DeviceRow) => needing.has(deviceId));
    expect(rows.length).toBeGreaterThan(0);
    expect(disagreements(rows, found.truth)).toEqual([]);
    expect(rows.some(({ state }) => state === "failed")).toBe(true);
    expect(await rejected(world)).toEqual({});
  });
});
