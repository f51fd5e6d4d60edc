import fc from "fast-check";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { READINESS_CHECKS } from "../../../../shared/readiness/checks.js";
import type { DeviceReport } from "../../../../shared/readiness/report.js";
import { MemoryTable } from "../../../../shared/store/memory-table.js";
import { deviceId, record } from "../registration/records.js";

let tables: Record<string, MemoryTable>;
vi.mock("../../../../shared/store/tables.js", () => ({
  table: async (name: string) => {
    tables[name] ??= new MemoryTable();
    return tables[name];
  },
}));

const { readDevice, writeDevices } = await import("../../../../shared/registration/store.js");
const { earlyReports, forgetEarlyReports } = await import("../../../../shared/readiness/early-reports.js");
const { foldReports } = await import("../../../../shared/readiness/fold.js");
const { findInventory } = await import("../../../../shared/inventory/store.js");
const { toldAttributes } = await import("../../../../shared/readiness/device-attributes.js");

const NOW = Date.parse("2024-06-10T12:00:00Z");
const report = (n: number, hour: number, passed: boolean): DeviceReport => ({
  deviceId: deviceId(n),
  at: `2024-06-10T${String(hour).padStart(2, "0")}:00:00.000Z`,
  checks: READINESS_CHECKS.map((check, index) => ({ check, passed: passed || index > 0 })),
});
const register = (...ns: number[]) => writeDevices(ns.map(deviceId), (id) => record({ deviceId: id, readiness: null }));
const stateOf = async (n: number) => (await readDevice(deviceId(n))).state;

beforeEach(() => {
  tables = {};
});

describe("reports of agents", () => {
  it("change the devices that they are about and no others", async () => {
    await register(1, 2);
    expect(await foldReports([report(1, 8, false)], NOW)).toBe(1);
    expect([await stateOf(1), await stateOf(2)]).toEqual(["Not ready", "Ready"]);
  });

  it("give the same register in any order, any batches and however often they come", async () => {
    const reports = [
      report(1, 7, false),
      report(1, 8, true),
      report(1, 9, false),
      report(2, 6, false),
      report(2, 7, true),
    ];
    const order = fc
      .shuffledSubarray([...reports, ...reports], { minLength: 5 })
      .chain((some) => fc.shuffledSubarray([...some, ...reports], { minLength: some.length + reports.length }));
    const check = async (all: readonly DeviceReport[], size: number) => {
      tables = {};
      await register(1, 2);
      for (let at = 0; at < all.length; at += size) await foldReports(all.slice(at, at + size), NOW);
      expect([await stateOf(1), await stateOf(2)]).toEqual(["Not ready", "Ready"]);
    };
    await fc.assert(fc.asyncProperty(order, fc.integer({ min: 1, max: 5 }), check), { numRuns: 40 });
  });

  it("within a batch count by their time too", async () => {
    await register(1);
    await foldReports([report(1, 9, true), report(1, 8, false)], NOW);
    expect(await stateOf(1)).toBe("Ready");
  });

  it("that come before their device wait for it, of several the newest", async () => {
    await foldReports([report(1, 9, false)], NOW);
    await foldReports([report(1, 8, true)], NOW);
    expect([...(await earlyReports()).values()].map(({ at }) => at)).toEqual([report(1, 9, false).at]);
  });

  it("of devices that never come are forgotten after 30 days", async () => {
    await foldReports([report(1, 12, false)], NOW);
    const forget = async (now: number) => forgetEarlyReports((await earlyReports()).values(), new Set(), now);
    await forget(NOW + 30 * 86_400_000);
    expect((await earlyReports()).size).toBe(1);
    await forget(NOW + 30 * 86_400_000 + 1);
    expect((await earlyReports()).size).toBe(0);
  });
});

describe("what devices are like", () => {
  const told = (n: number, hour: number, bios: string): DeviceReport => ({
    ...report(n, hour, true),
    attributes: { bios },
  });
  const biosOf = async (n: number) => (await toldAttributes()).get(deviceId(n))?.bios;

  it("is kept of every device, the newest report counting in any order", async () => {
    await register(1);
    await foldReports([told(1, 8, "B2"), told(1, 7, "B1"), told(2, 8, "C1")], NOW);
    await foldReports([told(1, 6, "B0"), told(2, 9, "C2")], NOW);
    expect([await biosOf(1), await biosOf(2)]).toEqual(["B2", "C2"]);
    await foldReports(
      Array.from({ length: 60 }, (_, n) => told(n, n < 3 ? 5 : 8, `D${n}`)),
      NOW,
    );
    expect([await biosOf(1), await biosOf(2), await biosOf(59)]).toEqual(["B2", "C2", "D59"]);
  });

  it("stays when a report says nothing of it", async () => {
    await foldReports([told(1, 8, "B2")], NOW);
    await foldReports([report(1, 9, true)], NOW);
    expect(await biosOf(1)).toBe("B2");
  });

  it("changes nothing about readiness when it comes alone", async () => {
    await register(1);
    await foldReports([report(1, 8, false)], NOW);
    expect(await foldReports([{ ...told(1, 9, "B3"), checks: [] }], NOW)).toBe(0);
    expect([await stateOf(1), await biosOf(1)]).toEqual(["Not ready", "B3"]);
  });
});

describe("inventories of apps", () => {
  it("are kept of devices that are not in the register too, and change nothing about readiness", async () => {
    const edge = { version: "124.0.2478.97", channel: "stable" as const };
    const { deviceId: id, at } = report(1, 8, false);
    expect(await foldReports([{ deviceId: id, at, checks: [], inventory: { edge } }], NOW)).toBe(0);
    expect(await findInventory(id)).toEqual({ deviceId: id, at, inventory: { edge } });
    expect((await earlyReports()).size).toBe(0);
  });
});
