import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ApprovalView } from "../../shared/approvals/view.js";
import { addDays, DAY_MS, HOUR_MS } from "../../shared/calendar/days.js";
import { call } from "../support/api.js";
import { deviceRows, offeredTo, type ReleaseAnswer, releaseOf, ringOf } from "../support/releases.js";
import { instant, runTo, startWorld, type World } from "../support/world.js";

const B = instant("2024-06-11T17:00Z");
const iso = (at: number) => new Date(at).toISOString();
const REACH = 8 * HOUR_MS;

/** Ring2 is paused an hour after it opened and left alone. */
const RING2_PAUSED = addDays(B, 5) + HOUR_MS;
/** Ring3 opens on day 9. */
const RING3_PAUSED = addDays(B, 9) + 12 * HOUR_MS;
const RING3_RESUMED = addDays(B, 11);
const RING3_PAUSED_AGAIN = addDays(B, 11) + HOUR_MS;
const LAST_EXTENDED = addDays(B, 12);

let world: World;
let june: ReleaseAnswer;
/** Without the devices that are mostly offline: they hear of nothing for days. */
beforeAll(async () => {
  world = await startWorld({
    from: "2024-06-11T00:00Z",
    releasesOnly: true,
    devices: 60,
    parameters: { offlineShare: 0 },
  });
  await runTo(world, RING2_PAUSED);
  june = await releaseOf(world, "2024.06 B");
});
afterAll(() => world?.stop());

const command = (release: ReleaseAnswer, ring: string, what: string) =>
  call(world, "POST", `/releases/${release.id}/rings/${ring}/${what}`, {});

async function give(ring: string, what: string): Promise<void> {
  const { status, body } = await command(june, ring, what);
  if (status !== 202) throw new Error(`${what} ${ring} was refused: ${body.detail}`);
  await world.settle();
}

async function devicesOf(release: ReleaseAnswer, ring: string): Promise<string[]> {
  return (await deviceRows(world, release.id, ring)).map(({ deviceId }) => deviceId);
}

/** What people have been asked about pauses that end, oldest first. */
async function questions(): Promise<ApprovalView[]> {
  const asked = await world.api.all<ApprovalView>("/approvals");
  return asked.filter(({ kind }) => kind === "pauseEnding").sort((a, b) => a.askedAt.localeCompare(b.askedAt));
}

/** When devices of Ring3 did something, ms. */
async function timesOf(kind: string): Promise<number[]> {
  const rows = await deviceRows(world, june.id, "Ring3");
  return rows.flatMap(({ log }) => log.filter((entry) => entry.kind === kind).map(({ at }) => at));
}

describe("A paused ring", () => {
  it("row 61: a pause is set to end after 35 days", async () => {
    await give("Ring2", "pause");
    await give("Last", "pause");
    const release = await releaseOf(world, "2024.06 B");
    for (const name of ["Ring2", "Last"]) {
      const ring = ringOf(release, name);
      expect([ring.status, ring.pausedUntil]).toEqual(["Paused by Tenant", iso(addDays(RING2_PAUSED, 35))]);
    }
  });

  it("row 61: its devices are no longer offered the update", async () => {
    expect(offeredTo(world, june, await devicesOf(june, "Ring2"))).toEqual([]);
  });

  it("row 61: a ring that is not paused cannot be extended or resumed", async () => {
    expect((await command(june, "Ring3", "extend")).status).toBe(409);
    expect((await command(june, "Ring3", "resume")).status).toBe(409);
  });
});

describe("Propagation", () => {
  it("row 53: an offer reaches every device of the ring within 8 hours, and not all at once", async () => {
    await runTo(world, RING3_PAUSED);
    await give("Ring3", "pause");
    await runTo(world, RING3_RESUMED);
    const opened = addDays(B, 9);
    const heard = await timesOf("offered");
    expect(heard.length).toBe(ringOf(june, "Ring3").size);
    expect(Math.max(...heard)).toBeLessThanOrEqual(opened + REACH);
    // They scan every four hours, each at a time of its own (autopatch.md §5.4).
    expect(Math.max(...heard) - Math.min(...heard)).toBeGreaterThan(REACH / 4);
  });

  it("row 53: 8 hours after a pause no device begins to install any more; until then some do", async () => {
    const started = await timesOf("install-started");
    expect(started.filter((at) => at > RING3_PAUSED && at <= RING3_PAUSED + REACH).length).toBeGreaterThan(0);
    expect(started.filter((at) => at > RING3_PAUSED + REACH)).toEqual([]);
  });

  it("row 53: some devices of the paused ring still wait for the update", async () => {
    const rows = await deviceRows(world, june.id, "Ring3");
    expect(rows.filter(({ state }) => state === "open").length).toBeGreaterThan(10);
  });
});

describe("Pause limit", () => {
  it("row 61: pausing again after a resume begins a new count of 35 days", async () => {
    await give("Ring3", "resume");
    expect(ringOf(await releaseOf(world, "2024.06 B"), "Ring3")).toMatchObject({ status: "Active", pausedUntil: null });
    await runTo(world, RING3_PAUSED_AGAIN);
    await give("Ring3", "pause");
    const { pausedUntil } = ringOf(await releaseOf(world, "2024.06 B"), "Ring3");
    expect(pausedUntil).toBe(iso(addDays(RING3_PAUSED_AGAIN, 35)));
  });

  it("row 61: extending begins the 35 days again, counted from that moment", async () => {
    await runTo(world, LAST_EXTENDED);
    await give("Last", "extend");
    const { pausedUntil } = ringOf(await releaseOf(world, "2024.06 B"), "Last");
    expect(pausedUntil).toBe(iso(addDays(LAST_EXTENDED, 35)));
  });

  it("row 61: a pause outlasts the release in which it was set, with the same end", async () => {
    await runTo(world, addDays(RING2_PAUSED, 35) - 60_000);
    const july = await releaseOf(world, "2024.07 B");
    expect(july.update.releasedAt).toBe("2024-07-09T17:00:00.000Z");
    expect(ringOf(july, "Ring2").pausedUntil).toBe(iso(addDays(RING2_PAUSED, 35)));
  });

  it("row 61: a minute before 35 days are over the ring is paused", async () => {
    const july = await releaseOf(world, "2024.07 B");
    expect(addDays(instant(july.update.releasedAt), 5)).toBeLessThan(world.now());
    expect(ringOf(july, "Ring2").status).toBe("Paused by Tenant");
    expect(offeredTo(world, july, await devicesOf(july, "Ring2"))).toEqual([]);
  });

  it("row 61: after 35 days the pause ends by itself and the ring is offered the update", async () => {
    await runTo(world, addDays(RING2_PAUSED, 35));
    const july = await releaseOf(world, "2024.07 B");
    expect(ringOf(july, "Ring2").status).toBe("Active");
    const devices = await devicesOf(july, "Ring2");
    expect(offeredTo(world, july, devices)).toEqual(devices);
  });

  it("row 61: then the extended pause and the later one are still in force", async () => {
    await runTo(world, addDays(RING2_PAUSED, 35) + HOUR_MS);
    const july = await releaseOf(world, "2024.07 B");
    for (const name of ["Ring3", "Last"]) expect(ringOf(july, name).status).toBe("Paused by Tenant");
    expect(world.now() - RING2_PAUSED).toBeGreaterThan(35 * DAY_MS);
  });

  it("row 61: within three days before a pause ends people are asked, once for each end", async () => {
    const asked = await questions();
    expect(asked.map(({ text }) => /pause of (\w+)/.exec(text)?.[1])).toEqual(["Ring2"]);
    const before = addDays(RING2_PAUSED, 35) - instant(asked[0]?.askedAt ?? "");
    expect(before).toBeLessThanOrEqual(3 * DAY_MS);
    expect(before).toBeGreaterThan(2.5 * DAY_MS);
    // It ended by itself, as it does when nobody answers.
    expect(asked[0]).toMatchObject({ answeredBy: null });
  });

  it("row 61: the answer Extend begins the 35 days of the ring again, and of no other", async () => {
    await runTo(world, addDays(RING3_PAUSED_AGAIN, 33));
    const question = (await questions()).find(({ status }) => status === "pending");
    expect(question?.text).toContain("pause of Ring3 ends at 2024-07-27 18:00 UTC");
    await call(world, "POST", `/approvals/${encodeURIComponent(question?.id ?? "")}/answer`, { answer: "extend" });
    await world.settle();
    const july = await releaseOf(world, "2024.07 B");
    expect(ringOf(july, "Ring3").pausedUntil).toBe(iso(addDays(RING3_PAUSED_AGAIN, 33 + 35)));
    expect(ringOf(july, "Last").pausedUntil).toBe(iso(addDays(LAST_EXTENDED, 35)));
  });
});
