import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addDays, DAY_MS, HOUR_MS } from "../../shared/calendar/days.js";
import type { DeviceRow } from "../../shared/ledger/device-row.js";
import { forcedRestartAt } from "../../shared/releases/dates.js";
import type { deviceView } from "../../shared/releases/view.js";
import { call } from "../support/api.js";
import { deviceRows, offeredTo, type ReleaseAnswer, releaseOf, ringOf } from "../support/releases.js";
import { instant, runTo, startWorld, type World } from "../support/world.js";

const UPDATE = "2024.06 B";
const B = instant("2024-06-11T17:00Z");
const MINUTE = 60_000;
const RINGS = [
  { name: "Test", deferral: 0 },
  { name: "Ring1", deferral: 1 },
  { name: "Ring2", deferral: 5 },
  { name: "Ring3", deferral: 9 },
  { name: "Last", deferral: 10 },
] as const;

/** Most users are away for ten days from the second on, so that some devices arrive late. */
let world: World;
let release: ReleaseAnswer;
const devices: Record<string, string[]> = {};
beforeAll(async () => {
  world = await startWorld({ from: "2024-06-11T00:00Z", devices: 100, scenario: "holiday", durableTables: true });
  await runTo(world, B - 1);
});
afterAll(() => world?.stop());

describe.each(RINGS)("Offer of $name", ({ name, deferral }) => {
  const offerAt = addDays(B, deferral);

  it(`row 49: no device of ${name} is offered the update before B + ${deferral} days`, async () => {
    await runTo(world, Math.max(offerAt - MINUTE, B));
    release = await releaseOf(world, UPDATE);
    devices[name] = (await deviceRows(world, release.id, name)).map(({ deviceId }) => deviceId);
    expect(devices[name].length).toBe(ringOf(release, name).size);
    if (deferral > 0) expect(offeredTo(world, release, devices[name])).toEqual([]);
  });

  it(`row 49: every device of ${name} is offered the update from B + ${deferral} days on`, async () => {
    await runTo(world, offerAt);
    expect(offeredTo(world, release, devices[name] ?? [])).toEqual(devices[name]);
    const ring = ringOf(await releaseOf(world, UPDATE), name);
    expect([ring.opensAt, ring.openedAt]).toEqual(Array(2).fill(new Date(offerAt).toISOString()));
  });
});

describe("Offer", () => {
  it("row 49: nobody was offered the update before it was published", async () => {
    const rows = await deviceRows(world, release.id, "Test");
    expect(rows.length).toBeGreaterThan(0);
    for (const { offeredAt } of rows) expect(offeredAt).toBe(new Date(B).toISOString());
  });
});

describe("Forced restart", () => {
  interface Restart {
    readonly pending: number;
    readonly done: number;
    /** Later of deadline and pending restart + grace. */
    readonly forcedAt: number;
    readonly deadlineAt: number;
  }
  const restarts: Record<string, Restart[]> = {};

  const happened = ({ log }: DeviceRow, kind: string): number | undefined =>
    log.find((entry) => entry.kind === kind && entry.attempt === 1)?.at;

  beforeAll(async () => {
    await runTo(world, addDays(B, 20));
    for (const ring of (await releaseOf(world, UPDATE)).rings) {
      const offeredAt = instant(String(ring.openedAt));
      restarts[ring.name] = (await deviceRows(world, release.id, ring.name)).flatMap((row) => {
        const [pending, done] = [happened(row, "restart-pending"), happened(row, "installed")];
        if (pending === undefined || done === undefined || ring.deadlineDays === null) return [];
        const forcedAt = forcedRestartAt(offeredAt, ring.deadlineDays, pending, Number(ring.graceDays));
        return { pending, done, forcedAt, deadlineAt: addDays(offeredAt, ring.deadlineDays) };
      });
    }
  });

  it("row 50: no device of any ring restarts later than the later of deadline and pending restart + grace", () => {
    const all = Object.values(restarts).flat();
    expect(all.length).toBeGreaterThan(70);
    expect(all.filter(({ done, forcedAt }) => done > forcedAt + 1)).toEqual([]);
  });

  it("row 50: users who put it off are restarted at pending restart + grace, after the deadline of Ring3", () => {
    const forced = (restarts.Ring3 ?? []).filter(({ done, deadlineAt }) => done > deadlineAt);
    const putOff = forced.filter(({ done, pending }) => done - pending >= 2 * DAY_MS - 1);
    expect(putOff.length).toBeGreaterThan(5);
    for (const { done, forcedAt } of putOff) expect(Math.abs(done - forcedAt)).toBeLessThanOrEqual(1);
  });

  it("row 50: without a grace period no restart in Test is pending any more once the deadline has passed", () => {
    const late = (restarts.Test ?? []).filter(({ done, deadlineAt }) => done > deadlineAt);
    expect(late.length).toBeGreaterThan(0);
    for (const { pending, done } of late) expect(done - pending).toBeLessThanOrEqual(1);
  });
});

describe("Service level objective", () => {
  const deviceOf = async (id: string) =>
    (await world.api.get(`/releases/${release.id}/devices/${id}`)) as ReturnType<typeof deviceView>;
  const ring2 = () => Promise.all((devices.Ring2 ?? []).map(deviceOf));
  const deadlineAt = addDays(B, 5 + 2);
  const firstSeen = ({ log }: Pick<DeviceRow, "log">) => Math.min(...log.map(({ at }) => at));

  it("row 56: the SLO day of Ring2 is 5 + 2 + 5 = 12 days after publication", async () => {
    const ring = ringOf(await releaseOf(world, UPDATE), "Ring2");
    expect([ring.sloDays, ring.sloAt]).toEqual([12, new Date(addDays(B, 12)).toISOString()]);
  });

  it("row 56: the SLO days of the default rings are 5, 8, 12, 19 and 18", async () => {
    const { rings } = await releaseOf(world, UPDATE);
    expect(rings.map(({ sloDays }) => sloDays)).toEqual([5, 8, 12, 19, 18]);
    for (const ring of rings) expect(ring.sloAt).toBe(new Date(addDays(B, ring.sloDays ?? 0)).toISOString());
  });

  it("row 56: a device of Ring2 that was active in time keeps the SLO day of its ring", async () => {
    const active = (await ring2()).filter((device) => device.log.length > 0 && firstSeen(device) <= deadlineAt);
    expect(active.length).toBeGreaterThan(0);
    for (const { becameActiveAt, sloAt } of active) {
      expect([becameActiveAt, sloAt]).toEqual([null, new Date(addDays(B, 12)).toISOString()]);
    }
  });

  it("row 56: a device of Ring2 that becomes active later has grace + 5 = 7 days from then on", async () => {
    const late = (await ring2()).filter(
      (device) => device.log.length > 0 && firstSeen(device) > deadlineAt + 8 * HOUR_MS,
    );
    expect(late.length).toBeGreaterThan(0);
    for (const { becameActiveAt, sloAt, ...device } of late) {
      const at = firstSeen(device);
      expect([becameActiveAt, sloAt]).toEqual([new Date(at).toISOString(), new Date(addDays(at, 7)).toISOString()]);
    }
  });

  it("row 56: a device that the release does not have is not found", async () => {
    const { status, body } = await call(world, "GET", `/releases/${release.id}/devices/nobody`);
    expect([status, body.field]).toEqual([404, "deviceId"]);
  });
});
