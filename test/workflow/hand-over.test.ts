import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addDays } from "../../shared/calendar/days.js";
import { deviceRows, offeredTo, type ReleaseAnswer, releaseOf, ringOf } from "../support/releases.js";
import { instant, runTo, startWorld, type World } from "../support/world.js";

const UPDATE = "2024.06 B";
const B = instant("2024-06-11T17:00Z");

let world: World;
let release: ReleaseAnswer;
let devices: string[];
beforeAll(async () => {
  world = await startWorld({ from: "2024-06-11T00:00Z", releasesOnly: true, devices: 40 });
  await runTo(world, addDays(B, 6));
  release = await releaseOf(world, UPDATE);
  devices = (await deviceRows(world, release.id, "Test")).map(({ deviceId }) => deviceId);
});
afterAll(() => world?.stop());

describe("A ring that completed a release", () => {
  it("goes on offering it while other rings are on their way", () => {
    expect(ringOf(release, "Test")).toMatchObject({ status: "Completed" });
    expect(offeredTo(world, release, devices)).toEqual(devices);
  });

  it("does not offer it for good when people end the release", async () => {
    await world.api.send("POST", `/releases/${release.id}/cancel`, { justification: "It breaks printing." });
    await world.settle();
    expect(await releaseOf(world, UPDATE)).toMatchObject({ outcome: "cancelled", problem: null });
    expect(offeredTo(world, release, devices)).toEqual([]);
  });
});
