import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { HOUR_MS } from "../../shared/calendar/days.js";
import { releases } from "../support/releases.js";
import { instant, runTo, startWorld, type World } from "../support/world.js";

const B = instant("2024-06-11T17:00Z");

let world: World;
beforeAll(async () => {
  // Begins after the June update, and looks back so far that May's is in the catalogue too.
  vi.stubEnv("RELEASE_MAX_AGE_DAYS", "40");
  world = await startWorld({ from: new Date(B + HOUR_MS).toISOString(), devices: 8 });
  vi.unstubAllEnvs();
});
afterAll(() => world?.stop());

describe("An update found late", () => {
  it("becomes a release, but not one that a newer update replaces for every Windows version", async () => {
    await runTo(world, B + 3 * HOUR_MS);
    expect((await releases(world)).map(({ update }) => update.name)).toEqual(["2024.06 B"]);
  });
});
