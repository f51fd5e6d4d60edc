import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { DeviceRecord, DeviceUpdateView } from "../../../../../infra/local/tenant/types.js";
import { SignalWorkload, signalSchema, subjectOf } from "../../../../../shared/signals/signal.js";
import { type Bench, BUILDS, bench, DAY, HOUR, ofKind, PUBLISHED, type Sent } from "./fake-tenant.js";

const W11 = "Windows 11, version 24H2";
const BROUGHT = "10.0.26100.1742";
const FEATURE = { workload: SignalWorkload.feature, kb: W11, build: "10.0.26100" };
const NET = { id: "a".repeat(64), name: "Contoso - Net", version: "2.0" };
const DISPLAY = { id: "b".repeat(64), name: "Contoso - Display", version: "10.0" };
const driver = ({ id, name, version }: typeof NET) => {
  return { workload: SignalWorkload.driver, kb: id, build: version, component: name };
};

const feature = ({ product, version }: DeviceRecord): Partial<DeviceUpdateView> =>
  product === "Windows 10" || version === "24H2"
    ? {}
    : { feature: { version: W11, product, versionName: "24H2", build: BROUGHT, since: PUBLISHED } };
const drivers = (): Partial<DeviceUpdateView> => ({
  drivers: [NET, DISPLAY].map((each) => ({ ...each, since: PUBLISHED })),
});

const about = (sent: readonly Sent[], kb: string) => sent.filter(({ data }) => subjectOf(data).kb === kb);
const stateOf = ({ fleet }: Bench, update: Parameters<Bench["fleet"]["truth"]>[0]) =>
  fleet.truth(update).map(({ state }) => state);
const count = (states: readonly string[], wanted: string) => states.filter((state) => state === wanted).length;
const eleven = ({ fleet }: Bench) => fleet.devices().filter(({ record }) => record.product === "Windows 11").length;

/** A fleet that hears of its updates on Patch Tuesday. */
async function started(also: (device: DeviceRecord) => Partial<DeviceUpdateView>, options: object = {}) {
  const all = await bench({ size: 200, ...options });
  await all.run(PUBLISHED);
  all.tenant.also = also;
  all.tenant.changed();
  return all;
}

describe("a feature update", () => {
  test("is installed within deadline and grace, signalled under its name, and changes the device's record", async () => {
    const all = await started(feature, { scenario: { model: { offlineShare: 0, baseFailureRate: 0 } } });
    await all.run(PUBLISHED + 8 * DAY);
    expect(count(stateOf(all, FEATURE), "installed")).toBe(eleven(all));
    const signals = about(all.sent, W11);
    for (const { sentAt: _, deviceId: _id, kind: _kind, at: _at, ...event } of signals) signalSchema.parse(event);
    expect(signals[0]?.data).toMatchObject({ workload: "feature", update: W11, version: "10.0.26100" });
    expect(new Set(signals.map(({ kind }) => kind))).toContain("restart-pending");
    await all.run(PUBLISHED + 12 * DAY);
    const record = [...all.tenant.devices.values()].find(({ product }) => product === "Windows 11");
    expect(record).toMatchObject({ product: "Windows 11", version: "24H2", osVersion: BROUGHT });
  });

  test("comes after the month's quality update, whose course it does not change", async () => {
    const alone = await bench({ size: 200 });
    await alone.run(PUBLISHED);
    alone.tenant.approve();
    await alone.run(PUBLISHED + 20 * DAY);
    const both = await bench({ size: 200 });
    await both.run(PUBLISHED);
    both.tenant.also = feature;
    both.tenant.approve();
    await both.run(PUBLISHED + 20 * DAY);
    expect(both.fleet.truth(BUILDS).map(({ installedAt }) => installedAt)).toEqual(
      alone.fleet.truth(BUILDS).map(({ installedAt }) => installedAt),
    );
    const upgraded = both.fleet.truth(FEATURE);
    const quality = both.fleet.truth(BUILDS);
    expect(count(stateOf(both, FEATURE), "installed")).toBeGreaterThan(0.9 * eleven(both));
    for (const [nth, { installedAt = Infinity }] of upgraded.entries()) {
      expect(installedAt).toBeGreaterThan(quality[nth]?.installedAt ?? 0);
    }
  });

  test("is kept from devices by a safeguard hold, which is told once, until it is lifted", async () => {
    const held = (device: DeviceRecord) => ({ ...feature(device), safeguards: [41_234_567] });
    const all = await started(held, { scenario: { model: { offlineShare: 0, baseFailureRate: 0 } } });
    await all.run(PUBLISHED + 3 * DAY);
    all.tenant.changed();
    await all.run(PUBLISHED + 6 * DAY);
    expect(new Set(about(all.sent, W11).map(({ kind }) => kind))).toEqual(new Set(["safeguard-blocked"]));
    expect(about(all.sent, W11)).toHaveLength(eleven(all));
    all.tenant.also = feature;
    all.tenant.changed();
    await all.run(PUBLISHED + 16 * DAY);
    expect(count(stateOf(all, FEATURE), "installed")).toBe(eleven(all));
    expect(ofKind(about(all.sent, W11), "offered").every(({ data }) => data.attempt === 1 && data.sequence === 2)).toBe(
      true,
    );
  });

  test("is neither begun nor taken away while the ring's feature updates are paused, and uninstalled on order", async () => {
    const all = await started(feature);
    all.tenant.setRing({ featurePaused: true });
    await all.run(PUBLISHED + 10 * DAY);
    expect(about(all.sent, W11)).toEqual([]);
    all.tenant.setRing({ featurePaused: false });
    await all.run(PUBLISHED + 25 * DAY);
    const installed = count(stateOf(all, FEATURE), "installed");
    all.tenant.setRing({ rollBackFeature: true, featureUninstallDays: 30 });
    await all.run(PUBLISHED + 28 * DAY);
    expect(installed).toBeGreaterThan(100);
    expect(count(stateOf(all, FEATURE), "rolledBack")).toBeGreaterThan(0.9 * installed);
    const undone = ofKind(about(all.sent, W11), "rolled-back")[0]?.deviceId ?? "";
    expect(all.tenant.devices.get(undone)?.version).toBe("23H2");
  });

  test("fails where the scenario strikes it, and quality updates do not", async () => {
    const all = await started(feature, {
      scenario: { workload: "feature", rate: 0.3, model: { baseFailureRate: 0, offlineShare: 0 } },
    });
    all.tenant.approve();
    await all.run(PUBLISHED + 12 * DAY);
    const struck = all.fleet.truth(FEATURE).filter(({ harmed }) => harmed).length;
    expect(struck / eleven(all)).toBeGreaterThan(0.2);
    expect(count(stateOf(all, BUILDS), "failed")).toBe(0);
  });
});

describe("drivers", () => {
  test("are installed beside quality updates, each under its id, and told to the inventory", async () => {
    const all = await started(drivers, { scenario: { model: { offlineShare: 0, baseFailureRate: 0 } } });
    all.tenant.approve();
    await all.run(PUBLISHED + 6 * DAY);
    for (const each of [NET, DISPLAY]) expect(count(stateOf(all, driver(each)), "installed")).toBe(200);
    expect(count(stateOf(all, BUILDS), "installed")).toBe(200);
    expect(about(all.sent, NET.id)[0]?.data).toMatchObject({ workload: "driver", update: NET.id, version: "2.0" });
    const told = [...all.tenant.devices.values()].map(({ installedDrivers }) => installedDrivers);
    expect(told[0]).toEqual({ [NET.name]: "2.0", [DISPLAY.name]: "10.0" });
  });

  test("are never heard of before they were offered, though devices look between two ticks", async () => {
    const all = await bench({ size: 200 });
    await all.run(PUBLISHED - HOUR);
    all.tenant.also = () => (all.clock.now() < PUBLISHED ? {} : drivers());
    all.tenant.changed();
    await all.run(PUBLISHED + HOUR);
    const told = about(all.sent, NET.id);
    expect(told.length).toBeGreaterThan(0);
    expect(told.filter(({ at }) => at < PUBLISHED)).toEqual([]);
  });

  test("share a restart with what waits for one, and are never installed at the same time", async () => {
    const all = await started(drivers, { scenario: { model: { offlineShare: 0, baseFailureRate: 0 } } });
    all.tenant.approve();
    await all.run(PUBLISHED + 6 * DAY);
    const shared = all.fleet.truth(driver(NET)).filter(({ installedAt }, nth) => {
      return installedAt !== undefined && installedAt === all.fleet.truth(driver(DISPLAY))[nth]?.installedAt;
    });
    expect(shared.length).toBeGreaterThan(20);
    const starts = new Map<string, number[]>();
    for (const { deviceId, at } of ofKind(all.sent, "install-started")) {
      starts.set(deviceId, [...(starts.get(deviceId) ?? []), at]);
    }
    for (const times of starts.values()) {
      const sorted = times.toSorted((a, b) => a - b);
      for (const [nth, at] of sorted.entries()) expect(at - (sorted[nth - 1] ?? 0)).toBeGreaterThan(10 * 60_000);
    }
  });

  test("of a newer version replace what has not begun", async () => {
    const all = await started(drivers, { scenario: { model: { offlineShare: 0, baseFailureRate: 0 } } });
    await all.run(PUBLISHED + 12 * HOUR);
    const newer = { ...NET, id: "c".repeat(64), version: "3.0" };
    all.tenant.also = () => ({ drivers: [{ ...newer, since: PUBLISHED + 12 * HOUR }] });
    all.tenant.changed();
    await all.run(PUBLISHED + 8 * DAY);
    expect(count(stateOf(all, driver(newer)), "installed")).toBe(200);
    expect(count(stateOf(all, driver(NET)), "installed")).toBe(200);
    expect(ofKind(about(all.sent, NET.id), "installed").length).toBeLessThan(200);
  });
});

test("a hotpatch is installed without a restart, and soon", async () => {
  const hotpatch = ({ osVersion }: DeviceRecord) => {
    const build = `${osVersion.slice(0, osVersion.lastIndexOf("."))}.9999`;
    const offer = { catalogEntryId: "", kb: "KB5089466", build, since: PUBLISHED, isHotpatch: true as const };
    return osVersion === build ? {} : { offer };
  };
  const all = await started(hotpatch, { scenario: { model: { offlineShare: 0, baseFailureRate: 0 } } });
  all.tenant.setRing({ deadlineDays: 5, graceDays: 2 });
  await all.run(PUBLISHED + 2 * DAY);
  const installed = count(stateOf(all, ["10.0.22631.9999", "10.0.19045.9999"]), "installed");
  expect(installed).toBe(200);
  expect(ofKind(all.sent, "restart-pending")).toEqual([]);
  expect(ofKind(all.sent, "install-started").length).toBeGreaterThan(190);
});

test("a fleet that was stopped goes on with features and drivers where it was", async () => {
  const dir = mkdtempSync(join(tmpdir(), "fleet-"));
  const both = (device: DeviceRecord) => ({ ...feature(device), ...drivers() });
  const whole = await started(both);
  await whole.run(PUBLISHED + 9 * DAY);
  const first = await started(both, { journal: join(dir, "fleet.jsonl") });
  await first.run(PUBLISHED + 2 * DAY);
  await first.fleet.stop();
  const second = await bench({ size: 200, journal: join(dir, "fleet.jsonl"), from: first });
  await second.run(PUBLISHED + 9 * DAY);
  for (const update of [FEATURE, driver(NET)]) {
    expect(second.fleet.truth(update)).toEqual(whole.fleet.truth(update));
  }
  await second.fleet.stop();
  rmSync(dir, { recursive: true });
});
