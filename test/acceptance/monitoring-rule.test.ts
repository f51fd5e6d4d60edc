import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addDays, HOUR_MS } from "../../shared/calendar/days.js";
import type { DeviceRow } from "../../shared/ledger/device-row.js";
import { call } from "../support/api.js";
import { deviceRows, offeredTo, type ReleaseAnswer, releaseOf, ringOf } from "../support/releases.js";
import { sendSignals } from "../support/signals.js";
import { instant, runTo, startWorld, type World } from "../support/world.js";

const B = instant("2024-06-11T17:00Z");
const rule = (threshold: number) => ({ signal: "rollback", threshold, action: "pauseDeployment" });

/** Test and Ring1 have been offered the update: eight devices. */
let world: World;
let release: ReleaseAnswer;
let devices: DeviceRow[];
beforeAll(async () => {
  world = await startWorld({
    from: "2024-06-11T00:00Z",
    releasesOnly: true,
    devices: 100,
    parameters: { offlineShare: 0 },
  });
  await runTo(world, addDays(B, 1) + 10 * HOUR_MS);
  release = await releaseOf(world, "2024.06 B");
  devices = [...(await deviceRows(world, release.id, "Test")), ...(await deviceRows(world, release.id, "Ring1"))];
  expect(devices.length).toBe(8);
});
afterAll(() => world?.stop());

const current = () => releaseOf(world, "2024.06 B");
const path = () => `/releases/${release.id}/monitoring-rule`;

async function send(method: "POST" | "PUT" | "DELETE", body?: object): Promise<number> {
  const { status } = await call(world, method, path(), body);
  await world.settle();
  return status;
}

/** Has the n-th offered device report that the update was rolled back. */
async function rollsBack(index: number): Promise<void> {
  const device = devices[index];
  const known = world.fleet.devices().find(({ deviceId }) => deviceId === device?.deviceId);
  const revision = release.update.revisions.find(({ build }) =>
    build.startsWith(known?.record.osVersion.slice(0, 10) ?? "-"),
  );
  if (device === undefined || revision === undefined) throw new Error(`There is no offered device ${index}.`);
  const { kb, build } = revision;
  const attempt = Math.max(1, device.attempt);
  await sendSignals(world, [{ deviceId: device.deviceId, kind: "rolled-back", kb, build, attempt, sequence: 1000 }]);
}

async function rolledBack(): Promise<number> {
  return (await current()).rings.reduce((sum, ring) => sum + ring.rolledBack, 0);
}

describe("Monitoring rule", () => {
  it("row 105: thresholds go from 1 to 100 percent", async () => {
    expect(await send("POST", rule(0))).toBe(400);
    expect(await send("POST", rule(101))).toBe(400);
    expect((await current()).monitoringRule).toBeNull();
  });

  it("row 105: a rule is added", async () => {
    expect(await send("POST", rule(25))).toBe(202);
    expect((await current()).monitoringRule).toEqual(rule(25));
  });

  it("row 105: a second rule is refused, the first stays", async () => {
    expect(await send("POST", rule(50))).toBe(409);
    expect((await current()).monitoringRule).toEqual(rule(25));
  });

  it("row 105: a rollback share of 1 in 8, below 25 percent, pauses nothing", async () => {
    await rollsBack(0);
    expect(await rolledBack()).toBe(1);
    const { status, gate } = await current();
    expect([status, gate.pauseReason]).toEqual(["Active", null]);
  });

  it("row 105: a rollback share of 2 in 8, at 25 percent, pauses the release by monitoring", async () => {
    await rollsBack(1);
    expect(await rolledBack()).toBe(2);
    const { status, outcome, gate } = await current();
    expect([status, outcome, gate.pauseReason]).toEqual(["Paused by Service", "paused", "pausedByMonitoring"]);
  });

  it("row 105: no device is offered the update while it is paused, not even on a ring's date", async () => {
    await runTo(world, addDays(B, 5) + HOUR_MS);
    const rows = await deviceRows(world, release.id);
    expect(
      offeredTo(
        world,
        release,
        rows.map(({ deviceId }) => deviceId),
      ),
    ).toEqual([]);
    expect(ringOf(await current(), "Ring2")).toMatchObject({ status: "Paused by Service", openedAt: null });
  });

  it("row 105: the decision is kept with what it rests on", async () => {
    const { value } = await world.api.get<{ value: { by: string; evidence: unknown }[] }>(
      `/releases/${release.id}/decisions`,
    );
    expect(value).toMatchObject([{ by: "monitoringRule", evidence: { rolledBack: 2, offered: 8, threshold: 25 } }]);
  });

  it("row 105: a threshold raised, but not above the share, leaves it paused", async () => {
    expect(await send("PUT", rule(20))).toBe(202);
    expect((await current()).status).toBe("Paused by Service");
  });

  it("row 105: a threshold raised above the share resumes it", async () => {
    expect(await send("PUT", rule(26))).toBe(202);
    const { status, gate } = await current();
    expect([status, gate.pauseReason]).toEqual(["Active", null]);
    expect(ringOf(await current(), "Ring2").openedAt).toBe(new Date(addDays(B, 5) + HOUR_MS).toISOString());
  });

  it("row 105: deleting the rule resumes it too", async () => {
    expect(await send("PUT", rule(1))).toBe(202);
    expect((await current()).gate.pauseReason).toBe("pausedByMonitoring");
    expect(await send("DELETE")).toBe(202);
    const { status, gate, monitoringRule } = await current();
    expect([status, gate.pauseReason, monitoringRule]).toEqual(["Active", null, null]);
  });

  it("row 105: a rule that only alerts pauses nothing", async () => {
    expect(await send("POST", { ...rule(1), action: "alertError" })).toBe(202);
    expect((await current()).gate.pauseReason).toBeNull();
  });
});
