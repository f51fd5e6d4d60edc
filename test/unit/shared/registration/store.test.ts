import { beforeEach, describe, expect, it, vi } from "vitest";
import { MemoryTable } from "../../../../shared/store/memory-table.js";
import type { Operation, Table } from "../../../../shared/store/table.js";
import { deviceId, record } from "./records.js";

class CountingTable extends MemoryTable {
  reads = 0;
  commits = 0;

  override get(...row: Parameters<Table["get"]>) {
    this.reads++;
    return super.get(...row);
  }

  override commit(partition: string, operations: readonly Operation[]) {
    this.commits++;
    return super.commit(partition, operations);
  }
}

let devices: CountingTable;
vi.mock("../../../../shared/store/tables.js", () => ({ table: async () => devices }));

const { changeDevices, listDevices, readDevice, writeDevices } = await import(
  "../../../../shared/registration/store.js"
);

const ids = (count: number) => Array.from({ length: count }, (_, n) => deviceId(n));
const register = (count: number) => writeDevices(ids(count), (id) => record({ deviceId: id }));

beforeEach(() => {
  devices = new CountingTable();
});

describe("the register of devices", () => {
  it("gives back what was written, in the order of the ids", async () => {
    await register(300);
    expect((await listDevices()).map((device) => device.deviceId)).toEqual(ids(300));
    expect(await readDevice(deviceId(7).toUpperCase())).toEqual(record({ deviceId: deviceId(7) }));
  });

  it("filters by group, ring and state", async () => {
    await register(3);
    await changeDevices([deviceId(1)], (device) => ({ ...device, ring: "Last", state: "Not ready" }));
    const found = async (filter: Parameters<typeof listDevices>[0]) =>
      (await listDevices(filter)).map((device) => device.deviceId);
    expect(await found({ ring: "Last" })).toEqual([deviceId(1)]);
    expect(await found({ state: "Ready" })).toEqual([deviceId(0), deviceId(2)]);
    expect(await found({ groupId: "contoso", ring: "Ring1" })).toEqual([deviceId(0), deviceId(2)]);
    expect(await found({ groupId: "fabrikam" })).toEqual([]);
  });

  it("says which device it does not know", async () => {
    await expect(readDevice(deviceId(1))).rejects.toMatchObject({ code: "not_found", field: "deviceId" });
  });

  it("forgets a device that is written as nothing", async () => {
    await register(2);
    await writeDevices([deviceId(0)], () => undefined);
    expect((await listDevices()).map((device) => device.deviceId)).toEqual([deviceId(1)]);
  });

  it("takes 10,000 devices in a few transactions", async () => {
    await register(10_000);
    expect(devices.commits).toBeLessThan(20);
    expect((await listDevices()).length).toBe(10_000);
  });
});

describe("changing devices", () => {
  it("passes over those that are not in the register", async () => {
    await register(1);
    const changed = await changeDevices(ids(2), (device) => ({ ...device, name: "new" }));
    expect(changed.map((device) => device.deviceId)).toEqual([deviceId(0)]);
    expect((await listDevices()).length).toBe(1);
  });

  it("writes nothing when nothing changes", async () => {
    await register(20);
    const commits = devices.commits;
    await changeDevices(ids(20), (device) => ({ ...device }));
    expect(devices.commits).toBe(commits);
  });

  it("is repeated on the newest version when somebody else wrote the device meanwhile", async () => {
    await register(1);
    let raced = false;
    const changed = await changeDevices([deviceId(0)], (device) => {
      if (!raced) {
        raced = true;
        void changeDevices([deviceId(0)], (theirs) => ({ ...theirs, name: "theirs" }));
      }
      return { ...device, ring: "Last" };
    });
    // The other write is under way when ours is decided; whichever comes first, both are kept.
    await vi.waitFor(async () => expect(await readDevice(deviceId(0))).toMatchObject({ name: "theirs", ring: "Last" }));
    expect(changed).toHaveLength(1);
  });

  it("keeps what others wrote in the same transaction's other buckets", async () => {
    await register(50);
    const commit = devices.commit.bind(devices);
    const spy = vi.spyOn(devices, "commit").mockImplementationOnce(async (...ours) => {
      spy.mockRestore();
      await changeDevices([deviceId(3)], (device) => ({ ...device, name: "theirs" }));
      return commit(...ours);
    });
    await changeDevices(ids(50), (device) => ({ ...device, ring: "Last" }));
    expect(await readDevice(deviceId(3))).toMatchObject({ name: "theirs", ring: "Last" });
    expect((await listDevices({ ring: "Last" })).length).toBe(50);
  });

  it("gives up as unavailable when others never stop", async () => {
    await register(1);
    vi.spyOn(devices, "commit").mockImplementation(async () => {
      const { AppError } = await import("../../../../shared/errors.js");
      throw new AppError("conflict", "changed");
    });
    const change = changeDevices([deviceId(0)], (device) => ({ ...device, name: "ours" }));
    await expect(change).rejects.toMatchObject({ code: "unavailable" });
  });
});
