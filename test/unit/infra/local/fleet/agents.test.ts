import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { lastOn } from "../../../../../shared/model/index.js";
import { readReport } from "../../../../../shared/readiness/report.js";
import { type Bench, type BenchOptions, bench, DAY, HOUR, PUBLISHED } from "./fake-tenant.js";

const START = PUBLISHED - DAY;
const TEAMS = "Microsoft Teams network endpoints";
const blocked = { check: TEAMS, passed: false, reason: "The proxy refuses them." } as const;
const options: BenchOptions = { size: 40 };

let dir = "";
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "agents-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const id = (all: Bench, nth: number) => all.fleet.devices()[nth]?.deviceId ?? "";
/** Whether a fleet has kept that Windows names a safeguard hold. */
const isNoted = (journal: string) => readFileSync(journal, "utf8").includes('["agent"');
const failing = (report: Bench["reports"][number] | undefined) =>
  report?.data.checks.filter(({ passed }) => !passed).map(({ check, reason }) => ({ check, reason }));

describe("the agents of a fleet", () => {
  test("say nothing while every check passes", async () => {
    const all = await bench(options);
    await all.run(START + 10 * DAY);
    expect(all.reports).toEqual([]);
  });

  test("report all eight checks once after one began to fail", async () => {
    const all = await bench(options);
    all.fleet.setFinding(id(all, 3), blocked);
    await all.run(START + 10 * DAY);
    expect(all.reports).toHaveLength(1);
    expect(all.reports[0]?.data.checks).toHaveLength(8);
    expect(failing(all.reports[0])).toEqual([{ check: TEAMS, reason: blocked.reason }]);
  });

  test("report within a day of being on, at a time when the device is on", async () => {
    const all = await bench(options);
    for (const { deviceId } of all.fleet.devices()) all.fleet.setFinding(deviceId, blocked);
    await all.run(START + 60 * DAY);
    expect(all.reports).toHaveLength(40);
    for (const report of all.reports) {
      const device = all.fleet.devices().find(({ deviceId }) => deviceId === report.data.deviceId);
      const at = Date.parse(report.time);
      expect(device === undefined ? 0 : lastOn(device.pattern, at)).toBe(at);
    }
    const always = all.fleet.devices().filter(({ pattern }) => pattern.habit === "always");
    for (const { deviceId } of always) {
      const at = Date.parse(all.reports.find(({ data }) => data.deviceId === deviceId)?.time ?? "");
      expect(at).toBeLessThanOrEqual(START + DAY);
    }
  });

  test("report again when the finding is gone", async () => {
    const all = await bench(options);
    all.fleet.setFinding(id(all, 3), blocked);
    await all.run(START + 5 * DAY);
    all.fleet.setFinding(id(all, 3), null);
    await all.run(START + 10 * DAY);
    expect(all.reports.map(failing)).toEqual([[{ check: TEAMS, reason: blocked.reason }], []]);
  });

  test("say nothing of a finding that came and went between two runs", async () => {
    const all = await bench(options);
    all.fleet.setFinding(id(all, 3), blocked);
    all.fleet.setFinding(id(all, 3), null);
    await all.run(START + 5 * DAY);
    expect(all.reports).toEqual([]);
  });

  test("list update policies and registry values, also when there are none any more", async () => {
    const all = await bench(options);
    all.fleet.setUpdatePolicies(id(all, 0), ["AllowAutoWindowsUpdateDownloadOverMeteredNetwork"]);
    all.fleet.setRegistry(id(all, 0), [{ name: "WUServer", value: "http://wsus" }]);
    await all.run(START + 5 * DAY);
    all.fleet.setUpdatePolicies(id(all, 0), []);
    await all.run(START + 10 * DAY);
    expect(all.reports.map(({ data }) => [data.updatePolicies, data.registry])).toEqual([
      [["AllowAutoWindowsUpdateDownloadOverMeteredNetwork"], [{ name: "WUServer", value: "http://wsus" }]],
      [[], [{ name: "WUServer", value: "http://wsus" }]],
    ]);
  });

  test("send what the service accepts", async () => {
    const all = await bench(options);
    all.fleet.setFinding(id(all, 3), blocked);
    all.fleet.setRegistry(id(all, 3), ["WUServer"]);
    await all.run(START + 5 * DAY);
    const read = readReport({ body: all.reports[0] } as Parameters<typeof readReport>[0], all.clock.now());
    expect(read).toMatchObject({ report: { deviceId: id(all, 3), registry: ["WUServer"] } });
  });

  test("tell once what their devices are like, beyond what Intune knows", async () => {
    const all = await bench({ ...options, scenario: { inventorySyncHours: 1 } });
    await all.run(START + 3 * DAY);
    expect(all.introductions).toHaveLength(40);
    expect(all.reports).toEqual([]);
    for (const introduction of all.introductions) {
      const read = readReport({ body: introduction } as Parameters<typeof readReport>[0], all.clock.now());
      const { deviceId } = introduction.data;
      const device = all.fleet.devices().find((each) => each.deviceId === deviceId);
      expect(read).toMatchObject({ report: { attributes: { networkDriver: device?.attributes.networkDriver } } });
      expect(introduction.data.attributes).not.toHaveProperty("model");
    }
  });

  describe("of devices that safeguard holds keep from a feature update", () => {
    const [nth, always] = [3, { model: { offlineShare: 0 } }];
    const held = { version: "Windows 11, version 24H2", product: "Windows 11", versionName: "24H2" } as const;
    const told = (all: Bench) => all.reports.map(({ data }) => data.attributes?.gatedBlockIds);
    /** One device is kept by these holds. */
    const gate = (all: Bench, safeguards: readonly number[]) => {
      const feature = { ...held, build: "10.0.26100.1742", since: START };
      all.tenant.also = ({ deviceId }) =>
        deviceId === id(all, nth) ? { feature, ...(safeguards.length > 0 && { safeguards }) } : {};
      all.tenant.changed();
    };

    test("tell their ids once, with everything else that they tell of their devices", async () => {
      const all = await bench({ ...options, scenario: always });
      gate(all, [54_157_480, 57_006_213]);
      await all.run(START + 10 * DAY);
      expect(told(all)).toEqual(["54157480,57006213"]);
      const [report] = all.reports;
      const introduction = all.introductions.find(({ data }) => data.deviceId === id(all, nth));
      const { gatedBlockIds: _, ...others } = report?.data.attributes ?? {};
      expect([report?.data.deviceId, others]).toEqual([id(all, nth), introduction?.data.attributes]);
      expect(readReport({ body: report } as Parameters<typeof readReport>[0], all.clock.now())).toHaveProperty(
        "report",
      );
    });

    test("tell of none any more when the hold is lifted", async () => {
      const all = await bench({ ...options, scenario: always });
      gate(all, [54_157_480]);
      await all.run(START + 5 * DAY);
      gate(all, []);
      await all.run(START + 10 * DAY);
      expect(told(all)).toEqual(["54157480", undefined]);
    });

    test("tell once although the fleet was started again before the agent ran", async () => {
      const journal = join(dir, "fleet.jsonl");
      const first = await bench({ ...options, scenario: always, journal });
      gate(first, [54_157_480]);
      while (first.reports.length === 0 && !isNoted(journal)) await first.run(first.clock.now() + HOUR / 4);
      expect(first.reports).toEqual([]);
      await first.fleet.stop();
      const second = await bench({ ...options, scenario: always, journal, from: first });
      await second.run(START + 10 * DAY);
      expect(told(second)).toEqual(["54157480"]);
    });
  });

  test("send again what could not be sent", async () => {
    let refusals = 1;
    const all = await bench({
      ...options,
      sendReadiness: async () => {
        if (refusals-- > 0) throw new Error("The broker is away.");
      },
    });
    all.fleet.setFinding(id(all, 3), blocked);
    await all.run(START + 5 * DAY);
    expect(all.reports).toHaveLength(1);
  });

  test.each([
    { what: "before the run", hours: 0 },
    { what: "after the report", hours: 72 },
  ])("report once although the fleet was started again $what", async ({ hours }) => {
    const journal = join(dir, "fleet.jsonl");
    const first = await bench({ ...options, journal });
    first.fleet.setFinding(id(first, 3), blocked);
    await first.run(START + hours * HOUR);
    await first.fleet.stop();
    const second = await bench({ ...options, journal, from: first });
    await second.run(START + 10 * DAY);
    expect(second.reports.map(failing)).toEqual([[{ check: TEAMS, reason: blocked.reason }]]);
  });

  test("never take the fleet back in time when it is started again", async () => {
    const journal = join(dir, "fleet.jsonl");
    const first = await bench({ ...options, journal });
    first.fleet.setFinding(id(first, 3), blocked);
    await first.run(START + 5 * DAY);
    await first.fleet.stop();
    const second = await bench({ ...options, journal, from: first });
    expect(second.clock.nextDue()).toBeGreaterThan(START + 5 * DAY);
  });

  test("are those of the fleet's own devices", async () => {
    const all = await bench(options);
    expect(() => all.fleet.setFinding("11111111-0000-4000-a000-000000000000", blocked)).toThrow(/no device/);
  });
});
