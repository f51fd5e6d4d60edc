import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FleetApps } from "../../../../../infra/local/fleet/apps.js";
import { appsOf } from "../../../../../infra/local/fleet/apps-model.js";
import { createDevices } from "../../../../../infra/local/fleet/devices.js";
import { installedBuilds } from "../../../../../infra/local/fleet/installed-builds.js";
import type { AppPolicy } from "../../../../../infra/local/tenant/feeds/app-policies.js";
import { VirtualClock } from "../../../../../infra/local/time/virtual-clock.js";
import { modelParameters } from "../../../../../shared/model/index.js";
import { reportSchema } from "../../../../../shared/readiness/report.js";

const DAY = 86_400_000;
const START = Date.parse("2024-06-12T12:00:00Z");
const [NEWEST, BEFORE] = ["16.0.17531.20140", "16.0.17432.20140"];
const OFFICE = { deferralDays: 3, deadlineDays: 7, automatic: true, target: null } as const;
const policy = (office: Partial<NonNullable<AppPolicy["office"]>> = {}): AppPolicy => ({
  ...{ office: { ...OFFICE, ...office }, edge: { channel: "stable" } },
});
const devices = createDevices({
  ...{ seed: 7, size: 200, model: modelParameters({}), builds: installedBuilds(START), startedAt: START, syncHours: 0 },
});

describe("the apps of a device", () => {
  const at = (days: number, given: AppPolicy = policy(), office: string | undefined = BEFORE) =>
    devices.map(({ index }) => appsOf({ seed: 7, index, policy: given, office, now: START + days * DAY }));
  const share = (found: ReturnType<typeof at>, version: string) => {
    const installed = found.flatMap(({ office }) => office?.version ?? []);
    return installed.filter((each) => each === version).length / installed.length;
  };

  it("take a version of Office between the delay and the deadline", () => {
    expect(share(at(2), NEWEST)).toBe(0);
    expect(share(at(6), NEWEST)).toBeGreaterThan(0.2);
    expect(share(at(6), NEWEST)).toBeLessThan(0.8);
    expect(share(at(10), NEWEST)).toBe(1);
  });

  it("keep what they have while updating is off, and go to a target in either direction", () => {
    expect(share(at(10, policy({ automatic: false, target: BEFORE }), NEWEST), NEWEST)).toBe(1);
    expect(share(at(10, policy({ target: BEFORE }), NEWEST), BEFORE)).toBe(1);
    expect(share(at(10, policy({ target: BEFORE })), BEFORE)).toBe(1);
    expect(share(at(0, policy(), NEWEST), NEWEST)).toBe(1);
  });

  it("take a version of Edge of their channel within a week, some sooner", () => {
    const versions = (days: number) => new Set(at(days).map(({ edge }) => edge?.version));
    expect(versions(4).size).toBe(2);
    const beta = at(4, { edge: { channel: "beta" } }).map(({ edge }) => edge?.channel);
    expect(new Set(beta)).toEqual(new Set(["beta"]));
  });
});

describe("the agents of a fleet", () => {
  let clock: VirtualClock;
  let apps: FleetApps;
  let sent: { data: { deviceId: string; inventory?: unknown } }[][];
  let dir: string;
  let policies: Map<string, AppPolicy>;
  const start = () => {
    apps = new FleetApps({
      ...{ clock, seed: 7, devices: devices.slice(0, 20), policies: () => policies, journal: join(dir, "apps.jsonl") },
      send: async (reports) => void sent.push([...reports]),
    });
    apps.start();
  };
  beforeEach(() => {
    clock = new VirtualClock(START);
    sent = [];
    dir = mkdtempSync(join(tmpdir(), "apps-"));
    policies = new Map(devices.slice(0, 15).map(({ objectId }) => [objectId, policy()]));
    start();
  });
  afterEach(async () => {
    await apps.stop();
    rmSync(dir, { recursive: true });
  });
  const pass = async (days: number) => {
    for (let day = 0; day < days; day++) {
      clock.advance(clock.now() + DAY);
      await apps.quiet();
    }
  };

  it("tell of apps once a day in the form of their reports, of devices with a policy alone", async () => {
    await pass(3);
    expect(sent.length).toBe(3);
    for (const reports of sent) {
      const ids = reports.map(({ data }) => data.deviceId);
      expect(new Set(ids).size).toBe(ids.length);
      expect(reports.every((report) => reportSchema.safeParse(report).success)).toBe(true);
    }
    const managed = new Set(devices.slice(0, 15).map(({ deviceId }) => deviceId));
    expect(sent.flat().every(({ data }) => managed.has(data.deviceId))).toBe(true);
  });

  it("tell nothing where the service manages no apps", async () => {
    policies.clear();
    await pass(3);
    expect(sent).toEqual([]);
  });

  it("go on after a restart where they were", async () => {
    await pass(2);
    const told = sent.flat().length;
    const office = (reports: typeof sent) => JSON.stringify(reports.flat().map(({ data }) => data.inventory));
    await apps.stop();
    policies = new Map(devices.slice(0, 15).map(({ objectId }) => [objectId, policy({ automatic: false })]));
    const before = office(sent)
      .match(/16\.0\.\d+\.\d+/g)
      ?.sort()
      .at(-1);
    sent = [];
    start();
    await pass(40);
    expect(told).toBeGreaterThan(0);
    expect(
      office(sent)
        .match(/16\.0\.\d+\.\d+/g)
        ?.sort()
        .at(-1),
    ).toBe(before);
  });
});
