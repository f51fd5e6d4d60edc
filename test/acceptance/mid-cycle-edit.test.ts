import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addDays, HOUR_MS } from "../../shared/calendar/days.js";
import { GraphReader, intuneRings } from "../support/graph.js";
import { editAccepted } from "../support/groups.js";
import { deviceRows, offeredTo, releaseOf, ringOf } from "../support/releases.js";
import { instant, runTo, startWorld, type World } from "../support/world.js";

const B = instant("2024-06-11T17:00Z");
const NEXT_B = instant("2024-07-09T17:00Z");
const iso = (at: number) => new Date(at).toISOString();

let world: World;
beforeAll(async () => {
  world = await startWorld({ from: "2024-06-11T00:00Z", releasesOnly: true, devices: 30 });
  await runTo(world, addDays(B, 1) + 2 * HOUR_MS);
  await editAccepted(world, {
    rings: {
      Ring1: { qualityDeferralDays: 3, qualityDeadlineDays: 7, gracePeriodDays: 0 },
      Ring3: { qualityDeferralDays: 12, qualityDeadlineDays: 6, gracePeriodDays: 1 },
    },
  });
});
afterAll(() => world?.stop());

/** Deferral, deadline and grace period of a ring in Intune. */
async function policyOf(name: string): Promise<unknown[]> {
  const ring = (await intuneRings(new GraphReader(world)))[name];
  return [
    ring?.qualityUpdatesDeferralPeriodInDays,
    ring?.deadlineForQualityUpdatesInDays,
    ring?.deadlineGracePeriodInDays,
  ];
}

describe("Edit of a ring that has started", () => {
  it("row 52: the ring keeps its dates", async () => {
    const ring = ringOf(await releaseOf(world, "2024.06 B"), "Ring1");
    expect([ring.opensAt, ring.targetAt, ring.sloDays]).toEqual([iso(addDays(B, 1)), iso(addDays(B, 3)), 8]);
  });

  it("row 52: the ring keeps its Intune policy, and its devices are told the old deadline", async () => {
    expect(await policyOf("Ring1")).toEqual([1, 2, 2]);
    const [device] = await deviceRows(world, (await releaseOf(world, "2024.06 B")).id, "Ring1");
    expect(world.tenant.view(device?.deviceId ?? "").ring).toMatchObject({ deadlineDays: 2, graceDays: 2 });
  });
});

describe("Edit of a ring that has not started", () => {
  it("row 52: the ring takes the new dates at once", async () => {
    const ring = ringOf(await releaseOf(world, "2024.06 B"), "Ring3");
    expect([ring.opensAt, ring.targetAt, ring.sloDays]).toEqual([iso(addDays(B, 12)), iso(addDays(B, 18)), 23]);
    expect([ring.deferralDays, ring.deadlineDays, ring.graceDays]).toEqual([12, 6, 1]);
  });

  it("row 52: the ring takes the new Intune policy at once", async () => {
    expect(await policyOf("Ring3")).toEqual([12, 6, 1]);
  });

  it("row 52: nobody is offered the update on the old date, everybody on the new one", async () => {
    const release = await releaseOf(world, "2024.06 B");
    const devices = (await deviceRows(world, release.id, "Ring3")).map(({ deviceId }) => deviceId);
    await runTo(world, addDays(B, 12) - 60_000);
    expect(offeredTo(world, release, devices)).toEqual([]);
    await runTo(world, addDays(B, 12));
    expect(offeredTo(world, release, devices)).toEqual(devices);
  });

  it("row 52: once it has started, a further edit leaves it with what it started with", async () => {
    await editAccepted(world, { rings: { Ring3: { qualityDeferralDays: 9, qualityDeadlineDays: 5 } } });
    expect(await policyOf("Ring3")).toEqual([12, 6, 1]);
    expect(ringOf(await releaseOf(world, "2024.06 B"), "Ring3").targetAt).toBe(iso(addDays(B, 18)));
  });
});

describe("The next cycle", () => {
  it("row 52: when the release has ended, the edited values are in the Intune policies", async () => {
    await runTo(world, NEXT_B - HOUR_MS);
    expect((await releaseOf(world, "2024.06 B")).outcome).toBe("completed");
    expect([await policyOf("Ring1"), await policyOf("Ring3")]).toEqual([
      [3, 7, 0],
      [9, 5, 1],
    ]);
  });

  it("row 52: the next release is planned with the edited values", async () => {
    await runTo(world, NEXT_B);
    const next = await releaseOf(world, "2024.07 B");
    expect(ringOf(next, "Ring1")).toMatchObject({
      opensAt: iso(addDays(NEXT_B, 3)),
      targetAt: iso(addDays(NEXT_B, 10)),
    });
    expect(ringOf(next, "Ring3").opensAt).toBe(iso(addDays(NEXT_B, 9)));
  });
});
