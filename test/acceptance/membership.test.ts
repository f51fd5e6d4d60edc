import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DeviceRecord as TenantDevice } from "../../infra/local/tenant/types.js";
import type { AuditEntry } from "../../shared/audit/audit.js";
import type { DeviceRecord } from "../../shared/registration/device.js";
import { type Answer, call, type Problem } from "../support/api.js";
import { definitionOf } from "../support/definitions.js";
import {
  addDevices,
  addMember,
  autopatchGroup,
  deviceOf,
  devicesOf,
  discover,
  pass,
  removeMember,
  ringGroup,
  ringsWith,
} from "../support/devices.js";
import { directoryGroup } from "../support/directory.js";
import { GraphReader } from "../support/graph.js";
import { startWorld, type World } from "../support/world.js";

let world: World;
let graph: GraphReader;
let devices: TenantDevice[];
let pool: string;
const GROUP = "factory";

beforeAll(async () => {
  world = await startWorld({ from: "2024-06-03T08:00Z", devices: 8 });
  graph = new GraphReader(world);
  devices = addDevices(world, 0, 42);
  const ids = devices.map(({ objectId }) => objectId);
  pool = await directoryGroup(graph, "Factory PCs", ids.slice(2, 40));
  const test = await directoryGroup(graph, "Factory test PCs", ids.slice(0, 1));
  const last = await directoryGroup(graph, "Factory directors", ids.slice(1, 2));
  await autopatchGroup(world, definitionOf("Factory", { test, last, pool }));
  const others = [await directoryGroup(graph, "Yard test"), await directoryGroup(graph, "Yard last")] as const;
  const yard = await directoryGroup(graph, "Yard PCs", ids.slice(40));
  await autopatchGroup(world, definitionOf("Yard", { test: others[0], last: others[1], pool: yard }));
  // Past the first hourly look, which counts every group as changed.
  await pass(world, 70);
});
afterAll(() => world?.stop());

const act = <T = Problem>(what: string, body: object): Promise<Answer<T>> =>
  call<T>(world, "POST", `/devices/${what}`, body);
const rings = (device: { objectId: string }) => ringsWith(world, graph, GROUP, device.objectId);
/** A device that is in the ring by the service's choice. */
async function inRing(ring: string): Promise<DeviceRecord> {
  const found = await devicesOf(world, `?group=${GROUP}&ring=${ring}&state=Ready`);
  const device = found.find(({ ringAssignedBy }) => ringAssignedBy === "Service");
  if (device === undefined) throw new Error(`No device is in ${ring}.`);
  return device;
}

describe("the hourly repair", () => {
  it("row 21: puts a device that is in no ring into one other than Test and Last", async () => {
    const device = await inRing("Ring2");
    await removeMember(graph, await ringGroup(world, GROUP, "Ring2"), device.objectId);
    expect(await rings(device)).toEqual([]);
    await pass(world, 60);
    const [ring, ...more] = await rings(device);
    expect(more).toEqual([]);
    expect(["Ring1", "Ring2", "Ring3"]).toContain(ring);
  });

  it("row 21: leaves a device of several rings in one", async () => {
    const device = await inRing("Ring3");
    for (const ring of ["Ring1", "Ring2"]) await addMember(graph, await ringGroup(world, GROUP, ring), device.objectId);
    expect(await rings(device)).toHaveLength(3);
    await pass(world, 60);
    expect(await rings(device)).toHaveLength(1);
  });

  it("row 21: leaves memberships of Test and Last untouched, for good", async () => {
    const device = await inRing("Ring3");
    const director = devices[1];
    if (director === undefined) throw new Error("There is no such device.");
    for (const { objectId } of [device, director]) {
      await addMember(graph, await ringGroup(world, GROUP, "Test"), objectId);
    }
    await pass(world, 60);
    expect([await rings(device), await rings(director)]).toEqual([["Test"], ["Test", "Last"]]);
    await discover(world);
    expect([await rings(device), await rings(director)]).toEqual([["Test"], ["Test", "Last"]]);
  });
});

describe("assigning a ring", () => {
  it("row 31: is Pending at first and by Admin when the tenant shows it", async () => {
    const { deviceId, objectId } = await inRing("Ring3");
    const accepted = await act<{ value: DeviceRecord[] }>("assign-ring", {
      deviceIds: [deviceId],
      ring: "Test",
      justification: "pilot user",
    });
    expect([accepted.status, accepted.body.value[0]?.ringAssignedBy]).toEqual([202, "Pending"]);
    await pass(world, 2);
    expect(await deviceOf(world, deviceId)).toMatchObject({ ring: "Test", ringAssignedBy: "Admin" });
    expect(await rings({ objectId })).toEqual(["Test"]);
    const log = await call<{ value: AuditEntry[] }>(world, "GET", "/audit?month=2024-06&top=1000");
    expect(log.body.value).toContainEqual(
      expect.objectContaining({ action: "devices.assignRing", justification: "pilot user" }),
    );
  });

  it("row 31: shows in the membership report who assigned the ring", async () => {
    const { body } = await call<{ value: Record<string, unknown>[] }>(world, "GET", `/groups/${GROUP}/membership`);
    expect(Object.keys(body.value[0] ?? {})).toEqual(
      expect.arrayContaining(["deviceId", "name", "group", "ring", "ringAssignedBy", "status", "readiness"]),
    );
    const by = new Set(body.value.map(({ ringAssignedBy }) => ringAssignedBy));
    expect([...by].sort()).toEqual(["Admin", "Service"]);
  });

  it("row 32: refuses devices of two groups and moves neither", async () => {
    const [ours, theirs] = [await inRing("Ring3"), devices[40]];
    const refused = await act("assign-ring", { deviceIds: [ours.deviceId, theirs?.deviceId], ring: "Last" });
    expect(refused.status).toBe(422);
    expect(refused.body.detail).toContain("An error occurred. Please select devices within the same Autopatch group");
    await pass(world, 2);
    expect(await deviceOf(world, ours.deviceId)).toMatchObject({ ring: "Ring3", ringAssignedBy: "Service" });
  });

  it("row 32: refuses a device that is not registered, and a ring of another group", async () => {
    const device = await inRing("Ring3");
    const noRing = await act("assign-ring", { deviceIds: [device.deviceId], ring: "Ring4" });
    expect([noRing.status, noRing.body.field]).toEqual([400, "ring"]);
    await act("exclude", { deviceIds: [device.deviceId] });
    const refused = await act("assign-ring", { deviceIds: [device.deviceId], ring: "Last" });
    expect([refused.status, refused.body.rule]).toEqual([422, "registered"]);
    expect(refused.body.detail).toContain("An error occurred.");
    await act("restore", { deviceIds: [device.deviceId] });
    await pass(world, 3);
  });

  it("row 33: sticks: discovery does not move the device back, though the pool changes", async () => {
    const device = await inRing("Ring3");
    await act("assign-ring", { deviceIds: [device.deviceId], ring: "Ring1" });
    await pass(world, 2);
    await addMember(graph, pool, addDevices(world, 500, 1)[0]?.objectId ?? "");
    await discover(world);
    await pass(world, 26 * 60);
    expect(await deviceOf(world, device.deviceId)).toMatchObject({ ring: "Ring1", ringAssignedBy: "Admin" });
    expect(await rings(device)).toEqual(["Ring1"]);
  });
});

describe("leaving the service", () => {
  it("row 34: an excluded device is in no ring and no discovery brings it back; restoring does", async () => {
    const device = await inRing("Ring2");
    await act("exclude", { deviceIds: [device.deviceId] });
    await pass(world, 2);
    await discover(world);
    expect(await deviceOf(world, device.deviceId)).toMatchObject({ status: "Not registered", state: "Excluded" });
    expect(await rings(device)).toEqual([]);

    expect((await act("restore", { deviceIds: [device.deviceId] })).status).toBe(202);
    await pass(world, 3);
    expect(await deviceOf(world, device.deviceId)).toMatchObject({ status: "Registered", state: "Ready" });
    expect(await rings(device)).toHaveLength(1);
  });

  it("row 34: only excluded devices can be restored", async () => {
    const { deviceId } = await inRing("Ring2");
    const refused = await act("restore", { deviceIds: [deviceId] });
    expect([refused.status, refused.body.rule]).toEqual([422, "excluded"]);
  });

  it("row 35: a device that is taken out of its source group disappears, from its ring too", async () => {
    const device = await inRing("Ring3");
    await removeMember(graph, pool, device.objectId);
    await pass(world, 65);
    expect((await call(world, "GET", `/devices/${device.deviceId}`)).status).toBe(404);
    expect(await rings(device)).toEqual([]);
    const report = await call<{ value: { deviceId: string }[] }>(world, "GET", `/groups/${GROUP}/membership`);
    expect(report.body.value.map(({ deviceId }) => deviceId)).not.toContain(device.deviceId);
  });
});

describe("a list of devices", () => {
  it("row 30: comes in pages", async () => {
    const first = await call<{ value: DeviceRecord[]; nextLink?: string }>(world, "GET", "/devices?top=30");
    const second = await call<{ value: DeviceRecord[]; nextLink?: string }>(
      world,
      "GET",
      first.body.nextLink?.replace("/api/v1", "") ?? "",
    );
    const all = await devicesOf(world, "?top=1000");
    expect([...first.body.value, ...second.body.value]).toEqual(all);
    expect(second.body.nextLink).toBeUndefined();
  });

  it("row 30: refuses a state that there is not", async () => {
    const refused = await call(world, "GET", "/devices?state=Active");
    expect([refused.status, refused.body.field]).toEqual([400, "state"]);
  });
});
