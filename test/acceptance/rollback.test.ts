import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addDays, DAY_MS, HOUR_MS } from "../../shared/calendar/days.js";
import { nextOn } from "../../shared/model/check-in.js";
import { call } from "../support/api.js";
import { GraphReader, type IntuneRing, intuneRings } from "../support/graph.js";
import { editAccepted } from "../support/groups.js";
import { deviceRows, type ReleaseAnswer, releaseOf, ringOf } from "../support/releases.js";
import { instant, runTo, startWorld, type World } from "../support/world.js";

const UPDATE = "2024.06 B";
const B = instant("2024-06-11T17:00Z");
const NEXT_B = instant("2024-07-09T17:00Z");
/** Ring2 alone, three days after it opened. */
const RING2_AT = addDays(B, 8);
/** The whole release: the uninstall window of 10 days is over for Test by an hour. */
const ALL_AT = addDays(B, 10) + HOUR_MS;

let world: World;
let release: ReleaseAnswer;
beforeAll(async () => {
  world = await startWorld({ from: "2024-06-11T00:00Z", releasesOnly: true, devices: 60 });
  await editAccepted(world, { common: { uninstallWindowDays: 10 } });
  await runTo(world, RING2_AT);
  release = await releaseOf(world, UPDATE);
});
afterAll(() => world?.stop());

const inIntune = async (ring: string): Promise<IntuneRing | undefined> =>
  (await intuneRings(new GraphReader(world)))[ring];

/** Truth about the devices of a ring that report what they do. */
async function truthOf(ring: string) {
  const builds = release.update.revisions.map(({ build }) => build);
  const truth = new Map(world.fleet.truth(builds).map((device) => [device.deviceId, device]));
  const rows = await deviceRows(world, release.id, ring);
  return rows.flatMap(({ deviceId }) => truth.get(deviceId) ?? []).filter(({ neverReports }) => !neverReports);
}

describe("Uninstall in one ring", () => {
  const feature = ["featureUpdatesPaused", "featureUpdatesWillBeRolledBack", "featureUpdatesDeferralPeriodInDays"];
  let installed: string[];

  beforeAll(async () => {
    installed = (await truthOf("Ring2")).filter(({ state }) => state === "installed").map(({ deviceId }) => deviceId);
    expect(installed.length).toBeGreaterThan(3);
    await world.api.send("POST", `/releases/${release.id}/rings/Ring2/rollback`, { justification: "Printing fails." });
    await world.settle();
  });

  it("row 62: the Intune update ring uninstalls quality updates and is paused for them", async () => {
    expect(await inIntune("Ring2")).toMatchObject({ qualityUpdatesWillBeRolledBack: true, qualityUpdatesPaused: true });
  });

  it("row 62: features are neither uninstalled nor paused", async () => {
    const [ring, other] = [await inIntune("Ring2"), await inIntune("Ring3")];
    for (const setting of feature) expect(ring?.[setting]).toEqual(other?.[setting]);
    expect([ring?.featureUpdatesPaused, ring?.featureUpdatesWillBeRolledBack]).not.toContain(true);
  });

  it("row 62: other rings go on", async () => {
    const ring = await inIntune("Ring3");
    expect([ring?.qualityUpdatesPaused, ring?.qualityUpdatesWillBeRolledBack]).not.toContain(true);
    const { rings } = await releaseOf(world, UPDATE);
    expect(rings.map(({ status }) => status === "Rolling back")).toEqual([false, false, true, false, false]);
  });

  it("row 62: at its next check-in every device has uninstalled and restarted, whatever deadline and grace period", async () => {
    await runTo(world, ALL_AT);
    const rows = new Map((await deviceRows(world, release.id, "Ring2")).map((row) => [row.deviceId, row]));
    const uninstalled = [...rows.values()].flatMap(({ deviceId, log }) => {
      const at = log.find(({ kind }) => kind === "rolled-back")?.at;
      return at === undefined ? [] : { deviceId, at };
    });
    expect(uninstalled.length).toBeGreaterThan(2);
    for (const { deviceId, at } of uninstalled) {
      const device = world.fleet.devices().find((each) => each.deviceId === deviceId);
      expect(at).toBeGreaterThanOrEqual(RING2_AT);
      expect(at).toBeLessThanOrEqual(
        device === undefined ? 0 : nextOn(device.pattern, RING2_AT + 8 * HOUR_MS) + HOUR_MS,
      );
    }
  });

  it("row 62: nobody in the ring has installed the update once the change had reached everybody", async () => {
    const later = (await truthOf("Ring2")).filter(({ installedAt }) => (installedAt ?? 0) > RING2_AT + 3 * DAY_MS);
    expect(later).toEqual([]);
  });
});

describe("Uninstall of the whole release", () => {
  it("row 62: a ring whose uninstall window of 10 days is over cannot be rolled back", async () => {
    const { status, body } = await call(world, "POST", `/releases/${release.id}/rings/Test/rollback`, {});
    expect([status, body.code]).toEqual([409, "conflict"]);
    expect(body.detail).toContain("uninstall window of 10 days");
  });

  it("row 62: rings within their window roll back, and progress counts the devices that are done", async () => {
    await world.api.send("POST", `/releases/${release.id}/rollback`, { justification: "It breaks printing." });
    await runTo(world, ALL_AT + 2 * DAY_MS);
    const ring = ringOf(await releaseOf(world, UPDATE), "Ring1");
    expect(ring.status).toBe("Rolling back");
    expect(ring.rolledBack).toBeGreaterThan(0);
  });

  it("row 62: the release ends rolled back, after the last device that reports has uninstalled", async () => {
    await runTo(world, NEXT_B - HOUR_MS);
    const ended = await releaseOf(world, UPDATE);
    expect([ended.outcome, ended.status]).toEqual(["rolledBack", "rolledBack"]);
    for (const ring of ["Ring1", "Ring2", "Ring3", "Last"]) {
      expect(ringOf(ended, ring)).toMatchObject({ status: "Rolled back", upToDate: 0 });
      expect((await truthOf(ring)).filter(({ state }) => state === "installed")).toEqual([]);
    }
  });

  it("row 62: a rolled back release takes no further command", async () => {
    const { status } = await call(world, "POST", `/releases/${release.id}/rollback`, {});
    expect(status).toBe(409);
  });

  it("row 62: after its end the rings install quality updates again, from the next release on", async () => {
    expect(await inIntune("Ring1")).toMatchObject({
      qualityUpdatesWillBeRolledBack: false,
      qualityUpdatesPaused: false,
    });
    await runTo(world, addDays(NEXT_B, 4));
    expect(ringOf(await releaseOf(world, "2024.07 B"), "Ring1").upToDate).toBeGreaterThan(0);
  });
});
