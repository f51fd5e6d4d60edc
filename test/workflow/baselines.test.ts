import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { HOUR_MS } from "../../shared/calendar/days.js";
import type { baselineView } from "../../shared/gate/baseline-view.js";
import { type ReleaseAnswer, releaseOf } from "../support/releases.js";
import { instant, runTo, startWorld, type World } from "../support/world.js";

const NEXT_B = instant("2024-07-09T17:00Z");

let world: World;
let june: ReleaseAnswer;
beforeAll(async () => {
  world = await startWorld({ from: "2024-06-11T00:00Z", releasesOnly: true, devices: 40 });
  await runTo(world, NEXT_B + HOUR_MS);
  june = await releaseOf(world, "2024.06 B");
});
afterAll(() => world?.stop());

async function baseline() {
  const { value } = await world.api.get<{ value: ReturnType<typeof baselineView>[] }>("/baselines");
  expect(value.map(({ kind, group }) => [kind, group.id])).toEqual([["B", "workforce"]]);
  const [only] = value;
  if (only === undefined) throw new Error("There is no baseline.");
  return only;
}

describe("What a finished release teaches", () => {
  it("is kept when it ends", async () => {
    expect(june).toMatchObject({ outcome: "completed", gate: { baseline: { updates: 0, p0: 0.002 } } });
    const { deployments, learnedFrom, arrivals, noReturn } = await baseline();
    expect(deployments).toMatchObject([{ releaseId: june.id, counts: { rate: true, curves: true }, why: [] }]);
    expect(deployments[0]?.reports).toBeGreaterThan(30);
    expect(learnedFrom).toEqual({ updates: 1, releases: 1 });
    expect(Object.keys(arrivals).sort()).toEqual(["Last", "Ring1", "Ring2", "Ring3", "Test"]);
    expect(arrivals.Ring3?.at(-1)).toBe(1);
    expect(noReturn.learned).toBe(true);
  });

  it("is what the next release of the kind is judged by, all along", async () => {
    const { p0 } = await baseline();
    expect((await releaseOf(world, "2024.07 B")).gate.baseline).toMatchObject({ updates: 1, p0 });
  });

  it("is taken back when people roll the release back after its end", async () => {
    await world.api.send("POST", `/releases/${june.id}/rings/Last/rollback`, { justification: "Printing fails." });
    await world.settle();
    const { deployments, learnedFrom } = await baseline();
    expect(deployments).toMatchObject([{ counts: { rate: false, curves: false }, why: ["rolledBack"] }]);
    expect(learnedFrom).toEqual({ updates: 0, releases: 0 });
    expect((await releaseOf(world, "2024.07 B")).gate.baseline).toMatchObject({ updates: 1 });
  });
});
