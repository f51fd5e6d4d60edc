import { describe, expect, test } from "vitest";
import { signalSchema, subjectOf } from "../../../../../shared/signals/signal.js";
import { BUILDS, bench, DAY, HOUR, NEWER_BUILDS, ofKind, PUBLISHED, RING, type Sent } from "./fake-tenant.js";

/** A fleet that was offered the update on Patch Tuesday, some days later. */
async function afterDays(days: number, options: Parameters<typeof bench>[0] = {}, ring = RING) {
  const all = await bench(options);
  all.tenant.ring = ring;
  await all.run(PUBLISHED);
  all.tenant.approve();
  await all.run(PUBLISHED + days * DAY);
  return all;
}

function byDevice(sent: readonly Sent[]): Map<string, Sent[]> {
  const devices = new Map<string, Sent[]>();
  for (const signal of sent) devices.set(signal.deviceId, [...(devices.get(signal.deviceId) ?? []), signal]);
  return devices;
}

describe("a device that is offered an update", () => {
  test("does nothing before the offer", async () => {
    const { run, sent, fleet } = await bench();
    await run(PUBLISHED + 5 * DAY);
    expect(sent).toEqual([]);
    expect(fleet.truth(BUILDS).every(({ state }) => state === "none")).toBe(true);
  });

  test("learns of it within eight hours, and by then everybody has", async () => {
    const { sent, fleet } = await afterDays(20, { scenario: { model: { offlineShare: 0 } } });
    const offered = ofKind(sent, "offered").filter(({ data }) => data.attempt === 1);
    expect(offered.length).toBe(fleet.devices().length);
    for (const { at } of offered) {
      expect(at).toBeGreaterThanOrEqual(PUBLISHED);
      expect(at).toBeLessThanOrEqual(PUBLISHED + 8 * HOUR);
    }
  });

  test("goes through the stages in order, numbered from 1 per attempt", async () => {
    const { sent } = await afterDays(20);
    const order = ["offered", "downloading", "install-started", "restart-pending", "installed", "failed"];
    for (const signals of byDevice(sent).values()) {
      const first = signals
        .filter(({ data }) => data.attempt === 1)
        .toSorted((a, b) => a.data.sequence - b.data.sequence);
      expect(first.map(({ data }) => data.sequence)).toEqual(first.map((_, index) => index + 1));
      expect(first.map(({ kind }) => order.indexOf(kind))).toEqual(
        first.map(({ kind }) => order.indexOf(kind)).toSorted((a, b) => a - b),
      );
      expect(first.map(({ at }) => at)).toEqual(first.map(({ at }) => at).toSorted((a, b) => a - b));
    }
  });

  test("sends signals that the contract accepts, and none before it happened", async () => {
    const { sent } = await afterDays(12, { scenario: { rate: 0.2 } });
    for (const signal of sent) {
      expect(signalSchema.safeParse(signal).success).toBe(true);
      expect(signal.sentAt).toBeGreaterThanOrEqual(signal.at);
    }
  });

  test("installs when the model says: the median of a two-day deadline", async () => {
    const { fleet } = await afterDays(20, { size: 2_000 });
    const days = fleet.truth(BUILDS).flatMap(({ installedAt }) => (installedAt === undefined ? [] : installedAt));
    const within = (limit: number) => days.filter((at) => at <= PUBLISHED + limit * DAY).length / 2_000;
    expect(Math.abs(within(1) - 0.9 * (1 - Math.exp(-1 / 1.4)))).toBeLessThan(0.04);
    expect(within(2.5)).toBeGreaterThan(0.88);
    expect(within(2.5)).toBeLessThan(0.93);
  });

  test("has its new build in the inventory at a check-in after the restart", async () => {
    const { tenant, fleet } = await afterDays(12);
    const truth = new Map(fleet.truth(BUILDS).map((device) => [device.deviceId, device]));
    const reported = tenant.inventory.filter(({ patch }) => BUILDS.includes(patch.osVersion ?? ""));
    expect(reported.length).toBeGreaterThan(300);
    for (const { deviceId, at } of reported) {
      expect(at).toBeGreaterThanOrEqual(truth.get(deviceId)?.installedAt ?? Infinity);
    }
  });

  test("that never reports is silent once it has begun to install", async () => {
    const { sent, fleet } = await afterDays(12, { scenario: { model: { neverReportHealthy: 0.3 } } });
    const silent = fleet.truth(BUILDS).filter(({ neverReports, state }) => neverReports && state === "installed");
    expect(silent.length).toBeGreaterThan(60);
    for (const { deviceId } of silent) {
      const kinds = sent.filter((signal) => signal.deviceId === deviceId).map(({ kind }) => kind);
      expect(kinds.toSorted()).toEqual(["downloading", "install-started", "offered"]);
    }
  });

  test("and fails tells the Windows error code and tries again after days, at most twice", async () => {
    const { sent } = await afterDays(30, { scenario: { rate: 0.3, model: { neverReportFailing: 0 } } });
    const failed = ofKind(sent, "failed");
    for (const { data } of failed) expect(data.errorCode).toMatch(/^0x[0-9a-f]{8}$/);
    expect(Math.max(...failed.map(({ data }) => data.attempt))).toBe(3);
    for (const signals of byDevice(failed).values()) {
      const [first, second] = signals.toSorted((a, b) => a.data.attempt - b.data.attempt);
      if (first !== undefined && second !== undefined) expect(second.at - first.at).toBeGreaterThan(2 * DAY);
    }
  });

  test("reports results later than they happen, by a median of more than a day", async () => {
    const { sent } = await afterDays(25, { size: 1_000 });
    const lags = ofKind(sent, "installed").map(({ sentAt, at }) => (sentAt - at) / DAY);
    const median = lags.toSorted((a, b) => a - b)[lags.length >> 1] ?? 0;
    expect(median).toBeGreaterThan(1);
    expect(median).toBeLessThan(1.5);
  });

  test("and is kept back by a safeguard says so and installs nothing", async () => {
    const { sent, fleet } = await afterDays(8, { scenario: { safeguardShare: 1 } });
    expect(new Set(sent.map(({ kind }) => kind))).toEqual(new Set(["safeguard-blocked"]));
    expect(fleet.truth(BUILDS).every(({ state }) => state === "none")).toBe(true);
  });
});

describe("forced restart", () => {
  test.each([
    { deadlineDays: 2, graceDays: 2 },
    { deadlineDays: 5, graceDays: 2 },
    { deadlineDays: 0, graceDays: 0 },
  ])(
    "nobody waits beyond the later of deadline and pending restart + grace ($deadlineDays/$graceDays)",
    async (ring) => {
      const { sent, fleet } = await afterDays(25, {}, { ...RING, ...ring });
      const truth = new Map(fleet.truth(BUILDS).map((device) => [device.deviceId, device.installedAt]));
      const pending = ofKind(sent, "restart-pending").filter(({ data }) => data.attempt === 1);
      expect(pending.length).toBeGreaterThan(350);
      for (const { deviceId, at } of pending) {
        const forced = Math.max(PUBLISHED + ring.deadlineDays * DAY, at + ring.graceDays * DAY);
        expect(truth.get(deviceId) ?? 0).toBeLessThanOrEqual(forced);
      }
    },
  );

  test("who ignores it is restarted at that very instant", async () => {
    const { sent, fleet } = await afterDays(25);
    const truth = new Map(fleet.truth(BUILDS).map((device) => [device.deviceId, device.installedAt]));
    const forced = ofKind(sent, "restart-pending").filter(
      ({ deviceId, at }) => truth.get(deviceId) === Math.max(PUBLISHED + 2 * DAY, at + 2 * DAY),
    );
    expect(forced.length).toBeGreaterThan(40);
  });
});

describe("several offers", () => {
  test("a newer offer replaces one that is not yet installed", async () => {
    const all = await bench({ scenario: { model: { offlineShare: 0 } } });
    await all.run(PUBLISHED);
    all.tenant.approve();
    await all.run(PUBLISHED + 12 * HOUR);
    all.tenant.approveNewer();
    await all.run(PUBLISHED + 10 * DAY);
    const old = ofKind(all.sent, "installed").filter(({ data }) => BUILDS.includes(subjectOf(data).build));
    expect(old.length).toBeGreaterThan(100);
    expect(Math.max(...old.map(({ at }) => at))).toBeLessThanOrEqual(PUBLISHED + 20 * HOUR);
    expect(all.fleet.truth(NEWER_BUILDS).every(({ state }) => state !== "none")).toBe(true);
  });

  test("a device that has a newer update counts as having the older one", async () => {
    const all = await bench();
    all.tenant.approveNewer();
    await all.run(PUBLISHED + 10 * DAY);
    const states = all.fleet.truth(BUILDS).filter(({ state }) => state === "installed");
    expect(states.length).toBeGreaterThan(350);
  });

  test("an expedited update is done within its days, whatever the ring's deadline", async () => {
    const all = await bench({ scenario: { model: { offlineShare: 0, baseFailureRate: 0 } } });
    all.tenant.ring = { ...RING, deadlineDays: 14, graceDays: 7 };
    await all.run(PUBLISHED);
    all.tenant.expedite(1);
    await all.run(PUBLISHED + 3 * DAY);
    expect(all.fleet.truth(BUILDS).every(({ state }) => state === "installed")).toBe(true);
  });
});
