import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addDays, HOUR_MS } from "../../shared/calendar/days.js";
import { decideOffers, type OffersDecision } from "../../shared/gate/offers.js";
import { editAccepted } from "../support/groups.js";
import { deviceRows, offeredTo, type ReleaseAnswer, releaseOf, ringOf } from "../support/releases.js";
import { instant, runTo, startWorld, type World } from "../support/world.js";

const UPDATE = "2024.06 B";
const B = instant("2024-06-11T17:00Z");
const RING1_DAY = addDays(B, 1);

let world: World;
beforeAll(async () => {
  world = await startWorld({ from: "2024-06-11T00:00Z", releasesOnly: true, devices: 1_000, gate: "enforce" });
  await editAccepted(world, { gate: { harmBound: 5 } });
});
afterAll(() => world?.stop());

const current = () => releaseOf(world, UPDATE);
const ids = async (release: ReleaseAnswer, ring: string, offered: boolean) =>
  (await deviceRows(world, release.id, ring))
    .filter(({ wave }) => (wave !== undefined) === offered)
    .map(({ deviceId }) => deviceId);

interface DecisionAnswer {
  readonly by: string;
  readonly verdict: string;
  readonly evidence: OffersDecision;
}

describe("A release of which at most five devices may be at stake", () => {
  it("opens its first ring on the day", async () => {
    await runTo(world, B + HOUR_MS);
    expect(ringOf(await current(), "Test")).toMatchObject({ status: "Active", size: 25, offered: 25 });
  });

  it("lets the second ring wait after its day has come, and says why", async () => {
    await runTo(world, RING1_DAY + HOUR_MS);
    const release = await current();
    expect(ringOf(release, "Ring1")).toMatchObject({
      status: "Upcoming",
      offered: 0,
      waves: { granted: 0, opened: 0 },
    });
    expect(release.gate.offers).toMatchObject({ harmBound: 5, waiting: [{ ring: "Ring1", left: 47 }], waves: [] });
    expect(offeredTo(world, release, await ids(release, "Ring1", false))).toEqual([]);
  });

  it("opens it in waves as reports come in: in the ledger and in the tenant alike", async () => {
    let release = await current();
    for (let hours = 6; ringOf(release, "Ring1").waves.opened === 0 && hours <= 120; hours += 6) {
      await runTo(world, RING1_DAY + hours * HOUR_MS);
      release = await current();
    }
    const ring = ringOf(release, "Ring1");
    expect(ring.offered).toBeGreaterThanOrEqual(10);
    expect(ring.offered).toBeLessThan(ring.size);
    const offered = await ids(release, "Ring1", true);
    expect(offered).toHaveLength(ring.offered);
    expect(offeredTo(world, release, offered)).toEqual(offered);
    expect(offeredTo(world, release, await ids(release, "Ring1", false))).toEqual([]);
  });

  it("keeps every decision with what it rests on, and an entry in the audit log", async () => {
    const release = await current();
    const value = await world.api.all<DecisionAnswer>(`/releases/${release.id}/decisions`);
    const offers = value.filter(({ by }) => by === "controller");
    expect(offers.length).toBeGreaterThanOrEqual(2);
    for (const { evidence } of offers) expect(decideOffers(evidence.input)).toEqual(evidence);
    const granted = offers.flatMap(({ evidence }) => evidence.waves).filter(({ ring }) => ring === "Ring1");
    expect(granted.reduce((sum, { devices }) => sum + devices, 0)).toBe(ringOf(release, "Ring1").offered);
    const audit = await world.api.all<{ action: string }>(`/audit?target=release/${release.id}`);
    expect(audit.filter(({ action }) => action === "release.controller.offer")).toHaveLength(offers.length);
  });
});
