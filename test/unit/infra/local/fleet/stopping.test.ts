import { describe, expect, test } from "vitest";
import { type Bench, BUILDS, bench, DAY, HOUR, ofKind, PUBLISHED } from "./fake-tenant.js";

const installed = ({ fleet }: Bench) => fleet.truth(BUILDS).filter(({ state }) => state === "installed").length;

/** A fleet that was offered the update for half a day. */
async function halfADay(options: Parameters<typeof bench>[0] = {}): Promise<Bench> {
  const all = await bench(options);
  await all.run(PUBLISHED);
  all.tenant.approve();
  await all.run(PUBLISHED + 12 * HOUR);
  return all;
}

describe.each([
  {
    name: "a suspended approval",
    stop: (all: Bench) => all.tenant.suspend(),
    go: (all: Bench) => all.tenant.approve(),
  },
  {
    name: "a paused ring",
    stop: (all: Bench) => all.tenant.setRing({ qualityPaused: true }),
    go: (all: Bench) => all.tenant.setRing({ qualityPaused: false }),
  },
])("$name", ({ stop, go }) => {
  test("lets nobody begin to install more than eight hours later", async () => {
    const all = await halfADay();
    stop(all);
    await all.run(PUBLISHED + 20 * DAY);
    const begun = ofKind(all.sent, "install-started").map(({ at }) => at);
    expect(begun.length).toBeGreaterThan(100);
    expect(begun.length).toBeLessThan(300);
    expect(Math.max(...begun)).toBeLessThanOrEqual(PUBLISHED + 20 * HOUR);
  });

  test("still reaches devices one after the other", async () => {
    const all = await halfADay();
    stop(all);
    await all.run(PUBLISHED + 20 * DAY);
    const late = ofKind(all.sent, "install-started").filter(({ at }) => at > PUBLISHED + 13 * HOUR);
    expect(late.length).toBeGreaterThan(5);
  });

  test("does not stop a device whose restart is pending", async () => {
    const all = await halfADay();
    stop(all);
    await all.run(PUBLISHED + 8 * DAY);
    const begun = new Set(ofKind(all.sent, "install-started").map(({ deviceId }) => deviceId));
    const truth = all.fleet.truth(BUILDS);
    expect(truth.filter(({ deviceId, state }) => begun.has(deviceId) && state === "none")).toEqual([]);
  });

  test("that ends lets the others install, with the numbering carried on", async () => {
    const all = await halfADay();
    stop(all);
    await all.run(PUBLISHED + 5 * DAY);
    const before = installed(all);
    go(all);
    await all.run(PUBLISHED + 30 * DAY);
    expect(before).toBeLessThan(300);
    expect(installed(all)).toBeGreaterThan(380);
    const ids = all.sent.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe("rollback", () => {
  async function rolledBack(days: number): Promise<{ all: Bench; before: Set<string> }> {
    const all = await halfADay();
    await all.run(PUBLISHED + 6 * DAY);
    const had = all.fleet.truth(BUILDS).filter(({ state }) => state === "installed");
    all.tenant.suspend();
    all.tenant.setRing({ rollBackQuality: true, rollBackSince: all.clock.now(), qualityPaused: true });
    await all.run(PUBLISHED + (6 + days) * DAY);
    return { all, before: new Set(had.map(({ deviceId }) => deviceId)) };
  }

  test("reaches every device that had the update, once it checks in", async () => {
    const { all, before } = await rolledBack(30);
    const truth = all.fleet.truth(BUILDS);
    expect(before.size).toBeGreaterThan(340);
    expect(truth.filter(({ deviceId, state }) => before.has(deviceId) && state !== "rolledBack")).toEqual([]);
    expect(truth.filter(({ state }) => state === "installed")).toEqual([]);
  });

  test("is reported, and the inventory shows the build from before", async () => {
    const { all, before } = await rolledBack(30);
    const reported = new Set(ofKind(all.sent, "rolled-back").map(({ deviceId }) => deviceId));
    expect(reported.size).toBeGreaterThan(0.95 * before.size);
    for (const deviceId of before) {
      const last = all.tenant.inventory.findLast((each) => each.deviceId === deviceId && each.patch.osVersion);
      expect(last?.patch.osVersion).toBe(all.tenant.devices.get(deviceId)?.osVersion);
    }
  });

  test("of devices that are on takes hours, not days", async () => {
    const { all, before } = await rolledBack(1);
    const done = all.fleet.truth(BUILDS).filter(({ state }) => state === "rolledBack").length;
    expect(done).toBeGreaterThan(0.4 * before.size);
  });

  test("leaves a device alone that never had the update", async () => {
    const { all } = await rolledBack(30);
    const begun = new Set(ofKind(all.sent, "install-started").map(({ deviceId }) => deviceId));
    const others = all.fleet.truth(BUILDS).filter(({ deviceId }) => !begun.has(deviceId));
    expect(others.length).toBeGreaterThan(10);
    expect(others.filter(({ state }) => state !== "none")).toEqual([]);
  });
});

describe("silent bricks", () => {
  test("begin to install, say so, and are never heard of again", async () => {
    const all = await halfADay({ scenario: { rate: 0.3, harm: "silentBrick" } });
    await all.run(PUBLISHED + 20 * DAY);
    const lost = all.fleet.truth(BUILDS).filter(({ harmed }) => harmed);
    expect(lost.length).toBeGreaterThan(80);
    for (const { deviceId, state, neverReports } of lost) {
      const kinds = all.sent.filter((signal) => signal.deviceId === deviceId).map(({ kind }) => kind);
      expect(kinds.toSorted()).toEqual(["downloading", "install-started", "offered"]);
      expect({ state, neverReports }).toEqual({ state: "failed", neverReports: true });
    }
  });
});
