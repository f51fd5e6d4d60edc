import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { addDays, HOUR_MS } from "../../shared/calendar/days.js";
import type { Announcement } from "../../shared/releases/announcements.js";
import { deviceRows, offeredTo, type ReleaseAnswer, releaseOf, ringOf } from "../support/releases.js";
import { ANY_DAY, instant, runTo, startWorld, type World } from "../support/world.js";

const B = instant("2025-04-08T17:00Z");
/** Friday, three days later: Test and Ring1 have passed, Ring2, Ring3 and Last have not. For Windows 11 23H2 only. */
const OOB = instant("2025-04-11T17:00Z");
const iso = (at: number) => new Date(at).toISOString();

let world: World;
let monthly: ReleaseAnswer;
beforeAll(async () => {
  world = await startWorld({ from: "2025-04-08T00:00Z", releasesOnly: true, devices: 100, appSettings: ANY_DAY });
  await runTo(world, addDays(B, 1) + HOUR_MS);
  monthly = await releaseOf(world, "2025.04 B");
  for (const ring of ["Ring1", "Last"]) await world.api.send("POST", `/releases/${monthly.id}/rings/${ring}/pause`, {});
  await runTo(world, OOB - 1);
});
afterAll(() => world?.stop());

const outOfBand = () => releaseOf(world, "2025.04 OOB");
const announcements = async (of: World) => (await of.api.get<{ value: Announcement[] }>("/announcements")).value;
const announced = async (of: World) => (await announcements(of)).map(({ update }) => update);

async function devicesOf(ring: string): Promise<string[]> {
  const devices = (await deviceRows(world, (await outOfBand()).id, ring)).map(({ deviceId }) => deviceId);
  expect(devices.length).toBeGreaterThan(0);
  return devices;
}

async function expectOffered(ring: string, at: number): Promise<void> {
  const release = await outOfBand();
  const devices = await devicesOf(ring);
  expect(offeredTo(world, release, devices)).toEqual(devices);
  expect(ringOf(release, ring).openedAt).toBe(iso(at));
}

describe("Out-of-band release", () => {
  it("row 65: before its publication there is neither a release nor an announcement of it", async () => {
    expect(await announced(world)).toEqual(["2025.04 B"]);
  });

  it("row 47: an out-of-band update keeps its date and name", async () => {
    await runTo(world, OOB + HOUR_MS);
    const { name, displayName, releasedAt } = (await outOfBand()).update;
    expect([name, releasedAt]).toEqual(["2025.04 OOB", iso(OOB)]);
    expect(displayName).toMatch(/^04\/11\/2025 - 2025\.04 OOB /);
  });

  it("row 65: it is picked up within the hour", async () => {
    await runTo(world, OOB + HOUR_MS);
    const { update, startedAt } = await outOfBand();
    expect(update.releasedAt).toBe(iso(OOB));
    expect(instant(startedAt) - OOB).toBeLessThanOrEqual(HOUR_MS);
  });

  it("row 65: a ring that has passed gets it the same day", async () => {
    const release = await outOfBand();
    const openedAt = instant(String(ringOf(release, "Test").openedAt));
    expect(openedAt - OOB).toBeLessThanOrEqual(HOUR_MS);
    await expectOffered("Test", openedAt);
  });

  it("row 65: only devices of the Windows version that it is for take part", async () => {
    const builds = new Set(
      (await deviceRows(world, (await outOfBand()).id)).map(({ attributes }) => attributes.osBuild?.slice(0, 10)),
    );
    expect([...builds]).toEqual(["10.0.22631"]);
  });

  it("row 65: the month's release goes on for the other versions", async () => {
    expect(await releaseOf(world, "2025.04 B")).toMatchObject({ outcome: null });
  });

  it("row 65: its article is announced beside that of the month's release, which still holds for other versions", async () => {
    const list = await announcements(world);
    expect(list.map(({ update }) => update)).toEqual(["2025.04 B", "2025.04 OOB"]);
    expect(list[1]?.articles).toEqual([
      { version: "23H2", kb: "KB5058919", url: "https://support.microsoft.com/help/5058919" },
    ]);
  });

  it("row 65: a paused ring gets nothing although it has passed", async () => {
    await runTo(world, addDays(OOB, 1));
    const release = await outOfBand();
    expect(offeredTo(world, release, await devicesOf("Ring1"))).toEqual([]);
    expect(ringOf(release, "Ring1")).toMatchObject({ status: "Paused by Tenant", openedAt: null });
  });

  it.each([
    ["Ring2", 5],
    ["Ring3", 9],
  ] as const)(
    "row 65: %s, still waiting, gets it on its planned date B + %i and not before",
    async (ring, deferral) => {
      await runTo(world, addDays(B, deferral) - 60_000);
      expect(offeredTo(world, await outOfBand(), await devicesOf(ring))).toEqual([]);
      await runTo(world, addDays(B, deferral));
      await expectOffered(ring, addDays(B, deferral));
    },
  );

  it("row 65: devices of a waiting ring are never offered the build it replaces", async () => {
    const rows = await deviceRows(world, monthly.id, "Ring3");
    const mine = new Set(await devicesOf("Ring3"));
    const offers = rows
      .filter(({ deviceId }) => mine.has(deviceId))
      .map(({ deviceId }) => world.tenant.view(deviceId).offer?.kb);
    expect(new Set(offers)).toEqual(new Set(["KB5058919"]));
  });

  it("row 65: a paused ring that was waiting gets nothing on its planned date", async () => {
    await runTo(world, addDays(B, 10) + HOUR_MS);
    expect(offeredTo(world, await outOfBand(), await devicesOf("Last"))).toEqual([]);
  });

  it("row 65: resumed, the paused ring gets it at once", async () => {
    await world.api.send("POST", `/releases/${(await outOfBand()).id}/rings/Ring1/resume`, {});
    await world.settle();
    await expectOffered("Ring1", addDays(B, 10) + HOUR_MS);
  });
});

describe("Announcement of an out-of-band release", () => {
  const nextB = instant("2025-05-13T17:00Z");
  let may: World;
  beforeAll(async () => {
    // Begins on the day of the next release; the app picks up what was published in the five weeks before.
    vi.stubEnv("RELEASE_MAX_AGE_DAYS", "40");
    may = await startWorld({ from: "2025-05-13T12:00Z", devices: 8 });
    vi.unstubAllEnvs();
  });
  afterAll(() => may?.stop());

  it("row 65: it stands until the next monthly release", async () => {
    await runTo(may, nextB - 1);
    expect(await announced(may)).toEqual(["2025.04 B", "2025.04 OOB"]);
  });

  it("row 65: it is gone with the next monthly release", async () => {
    await runTo(may, nextB);
    expect(await announced(may)).toEqual(["2025.05 B"]);
  });
});
