import fc from "fast-check";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { DeviceInventory } from "../../../../shared/inventory/inventory.js";
import { MemoryTable } from "../../../../shared/store/memory-table.js";
import type { Table } from "../../../../shared/store/table.js";

let memory: MemoryTable;
let beforeCommit: (() => Promise<void>) | undefined;
let commits = 0;
vi.mock("../../../../shared/store/tables.js", () => ({
  table: async (): Promise<Table> => ({
    get: (...key) => memory.get(...key),
    page: (...asked) => memory.page(...asked),
    commit: async (...change) => {
      commits++;
      const other = beforeCommit;
      beforeCommit = undefined;
      await other?.();
      return memory.commit(...change);
    },
  }),
}));
const { findInventory, forgetInventories, keepInventories, listInventories } = await import(
  "../../../../shared/inventory/store.js"
);

const told = (device: number, hour: number): DeviceInventory => ({
  deviceId: `device-${device}`,
  at: `2024-06-10T${String(hour).padStart(2, "0")}:00:00.000Z`,
  inventory: { office: { version: `16.0.17531.${hour}`, channel: "monthlyEnterprise" } },
});
const hoursKept = async () =>
  Object.fromEntries([...(await listInventories())].map(([id, { at }]) => [id, Number(at.slice(11, 13))]));

beforeEach(() => {
  memory = new MemoryTable();
  beforeCommit = undefined;
});

describe("inventories of apps", () => {
  it("are the newest of each device, in any order and however often they come", async () => {
    const all = [told(1, 7), told(1, 9), told(1, 8), told(2, 6), told(2, 5)];
    const order = fc.shuffledSubarray([...all, ...all], { minLength: 10 });
    const check = async (reports: readonly DeviceInventory[], size: number) => {
      memory = new MemoryTable();
      for (let at = 0; at < reports.length; at += size) await keepInventories(reports.slice(at, at + size));
      expect(await hoursKept()).toEqual({ "device-1": 9, "device-2": 6 });
    };
    await fc.assert(fc.asyncProperty(order, fc.integer({ min: 1, max: 5 }), check), { numRuns: 30 });
  });

  it("stay the newest when an older report and a newer one are written at the same moment", async () => {
    await keepInventories([told(1, 7)]);
    beforeCommit = () => keepInventories([told(1, 9), told(2, 9)]);
    await keepInventories([told(1, 8), told(2, 8), told(3, 8)]);
    expect(await hoursKept()).toEqual({ "device-1": 9, "device-2": 9, "device-3": 8 });
  });

  it("are written once", async () => {
    await keepInventories([told(1, 7)]);
    const before = commits;
    await keepInventories([told(1, 7)]);
    expect(commits).toBe(before);
  });

  it("are kept for hundreds of devices at once and read whole", async () => {
    const fleet = Array.from({ length: 250 }, (_, device) => told(device, 7));
    await keepInventories(fleet);
    await keepInventories(
      fleet.map(({ deviceId }, device) => ({ ...told(device, device % 2 === 0 ? 8 : 6), deviceId })),
    );
    const kept = [...(await listInventories()).values()];
    expect(kept.filter(({ at }) => at.slice(11, 13) === "08")).toHaveLength(125);
    expect(await findInventory("DEVICE-3")).toEqual(told(3, 7));
  });

  it("are forgotten after 90 days of silence, of devices that are not in the register", async () => {
    await keepInventories([told(1, 7), told(2, 7)]);
    const day = (days: number) => Date.parse("2024-06-10T07:00:00Z") + days * 86_400_000;
    expect(await forgetInventories(new Set(["device-2"]), day(90))).toBe(0);
    expect(await forgetInventories(new Set(["device-2"]), day(91))).toBe(1);
    expect([...(await listInventories()).keys()]).toEqual(["device-2"]);
  });
});
