import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DeviceRecord as TenantDevice } from "../../infra/local/tenant/types.js";
import { call } from "../support/api.js";
import { definitionOf } from "../support/definitions.js";
import {
  addDevices,
  addMember,
  autopatchGroup,
  deviceOf,
  devicesOf,
  discover,
  removeMember,
  ringsInTenant,
  ringsWith,
} from "../support/devices.js";
import { directoryGroup } from "../support/directory.js";
import { GraphReader } from "../support/graph.js";
import { runTo, startWorld, type World } from "../support/world.js";

const HOUR_MS = 3_600_000;

let world: World;
let graph: GraphReader;
beforeAll(async () => {
  world = await startWorld({ from: "2024-06-03T08:00Z", devices: 8 });
  graph = new GraphReader(world);
});
afterAll(() => world?.stop());

let numbered = 0;
function newDevices(count: number): TenantDevice[] {
  numbered += count;
  return addDevices(world, numbered - count, count);
}
const objectsOf = (devices: readonly TenantDevice[]) => devices.map(({ objectId }) => objectId);
const source = (name: string, devices: readonly TenantDevice[] = []) => directoryGroup(graph, name, objectsOf(devices));

/** A group whose pool, and whose Test ring, hold these devices. */
async function groupWith(name: string, devices: readonly TenantDevice[], testers: readonly TenantDevice[] = []) {
  const sources = {
    test: await source(`${name} for Test`, testers),
    last: await source(`${name} for Last`),
    pool: await source(`${name} pool`, devices),
  };
  return { id: await autopatchGroup(world, definitionOf(name, sources)), ...sources };
}

describe("conflicts within a group", () => {
  const CASES = [
    ["an assigned ring beats the dynamic pool", ["Test"], "Test"],
    ["of two assigned rings the later one wins", ["Test", "Last"], "Last"],
    ["a combined ring beats a dynamic one", ["Ring1"], "Ring1"],
    ["of two combined rings the later one wins", ["Ring1", "Ring2"], "Ring2"],
  ] as const;
  const devices = new Map<string, TenantDevice>();
  let id: string;

  /** Ring1 and Ring2 are combined, Ring3 is dynamic only, Test and Last are assigned; all devices are in the pool. */
  beforeAll(async () => {
    for (const [title] of CASES) for (const device of newDevices(1)) devices.set(title, device);
    const percents: Record<string, number> = { Ring1: 1, Ring2: 1, Ring3: 98 };
    const rings = [];
    for (const name of ["Test", "Ring1", "Ring2", "Ring3", "Last"]) {
      const members = CASES.filter(([, assigned]) => assigned.some((ring) => ring === name));
      const assignedGroupId = await source(
        `Mixed for ${name}`,
        members.flatMap(([title]) => devices.get(title) ?? []),
      );
      const dynamic = percents[name] === undefined ? {} : { dynamicPercent: percents[name] };
      rings.push({ name, distribution: { ...(name === "Ring3" ? {} : { assignedGroupId }), ...dynamic } });
    }
    const dynamicGroupIds = [await source("Mixed pool", [...devices.values()])];
    id = await autopatchGroup(world, { name: "Mixed", rings, dynamicGroupIds });
  });

  it.each(CASES)("row 16: %s", async (title, _assigned, ring) => {
    const { deviceId = "", objectId = "" } = devices.get(title) ?? {};
    expect(await ringsWith(world, graph, id, objectId)).toEqual([ring]);
    expect(await deviceOf(world, deviceId)).toMatchObject({ status: "Registered", state: "Ready", ring });
  });
});

describe("two groups", () => {
  let north: Awaited<ReturnType<typeof groupWith>>;
  let south: Awaited<ReturnType<typeof groupWith>>;
  beforeAll(async () => {
    north = await groupWith("North", newDevices(2));
    south = await groupWith("South", []);
  });

  const device = (): TenantDevice => {
    const [one] = newDevices(1);
    if (one === undefined) throw new Error("There is no device.");
    return one;
  };
  const isKnown = async ({ deviceId }: TenantDevice) =>
    (await devicesOf(world, "?group=north&top=1000")).some((record) => record.deviceId === deviceId);

  it("row 10: a group in a group is read, a group in that one is not", async () => {
    const [nested, deep] = [device(), device()];
    const [inner, innermost] = [await source("North inner", [nested]), await source("North innermost", [deep])];
    await addMember(graph, inner, innermost);
    await addMember(graph, north.pool, inner);
    await discover(world, north.id);
    expect([await isKnown(nested), await isKnown(deep)]).toEqual([true, false]);
  });

  it("row 18: a registered device in both is Not ready, in its ring, until it is in one only", async () => {
    const { deviceId, objectId } = device();
    await addMember(graph, north.pool, objectId);
    await discover(world, north.id);
    const ring = await ringsWith(world, graph, north.id, objectId);
    await addMember(graph, south.pool, objectId);
    await discover(world);
    const conflict = await deviceOf(world, deviceId);
    expect(conflict).toMatchObject({ status: "Registered", state: "Not ready", groupId: north.id });
    expect(conflict.reason?.check).toBe("Autopatch group conflict");
    expect(await ringsWith(world, graph, north.id, objectId)).toEqual(ring);
    expect(await ringsWith(world, graph, south.id, objectId)).toEqual([]);

    await removeMember(graph, south.pool, objectId);
    await discover(world);
    expect(await deviceOf(world, deviceId)).toMatchObject({ state: "Ready", reason: null, groupId: north.id });
  });

  it("row 18: an overlap before registration keeps the device out of both until it is resolved", async () => {
    const { deviceId, objectId } = device();
    for (const { pool } of [north, south]) await addMember(graph, pool, objectId);
    await discover(world);
    const refused = await deviceOf(world, deviceId);
    expect(refused).toMatchObject({ status: "Not registered", state: "Autopatch group conflict", ring: null });
    for (const { id } of [north, south]) expect(await ringsWith(world, graph, id, objectId)).toEqual([]);

    await removeMember(graph, south.pool, objectId);
    await discover(world);
    expect(await deviceOf(world, deviceId)).toMatchObject({ status: "Registered", state: "Ready", groupId: north.id });
    expect(await ringsWith(world, graph, north.id, objectId)).toHaveLength(1);
  });

  it("row 18: an overlap is resolved when one of the groups is deleted, without waiting for the daily discovery", async () => {
    const both = device();
    const west = await groupWith("West", []);
    for (const { pool } of [north, west]) await addMember(graph, pool, both.objectId);
    await discover(world);
    expect(await deviceOf(world, both.deviceId)).toMatchObject({ state: "Autopatch group conflict", ring: null });
    await call(world, "DELETE", `/groups/${west.id}`);
    await runTo(world, world.now() + 5 * 60_000);
    expect(await deviceOf(world, both.deviceId)).toMatchObject({ state: "Ready", groupId: north.id });
    expect(await ringsWith(world, graph, north.id, both.objectId)).toHaveLength(1);
  });

  it("row 22: discovery finds a new device within the hour, and not before its time", async () => {
    await runTo(world, world.now() - (world.now() % HOUR_MS) + 2 * HOUR_MS + 15 * 60_000);
    const fresh = device();
    await addMember(graph, north.pool, fresh.objectId);
    await runTo(world, world.now() + 50 * 60_000);
    expect(await isKnown(fresh)).toBe(false);
    await runTo(world, world.now() + 10 * 60_000);
    expect(await isKnown(fresh)).toBe(true);
    expect(await ringsWith(world, graph, north.id, fresh.objectId)).toHaveLength(1);
  });

  it("row 22: discovery finds a new device at once when somebody asks, and says how far it is", async () => {
    const fresh = device();
    await addMember(graph, north.pool, fresh.objectId);
    const { status, progress } = await discover(world);
    expect([status, progress?.phase]).toEqual(["Completed", "done"]);
    expect(await isKnown(fresh)).toBe(true);
  });

  it("row 17: a custom group wins over the default one by itself", async () => {
    const [moved, stayed] = [device(), device()];
    const standard = await groupWith("Default", [moved, stayed]);
    expect(standard.id).toBe("default");
    await addMember(graph, north.pool, moved.objectId);
    await discover(world);
    expect(await deviceOf(world, moved.deviceId)).toMatchObject({ state: "Ready", groupId: north.id });
    expect(await ringsWith(world, graph, north.id, moved.objectId)).toHaveLength(1);
    expect(await ringsWith(world, graph, standard.id, moved.objectId)).toEqual([]);
    expect(await deviceOf(world, stayed.deviceId)).toMatchObject({ state: "Ready", groupId: standard.id });
  });
});

describe("the default distribution", () => {
  interface Default {
    readonly devices: number;
    readonly value: readonly { readonly ring: string; readonly percent: number }[];
  }
  const standard = async () => (await call<Default>(world, "GET", "/groups/default-distribution")).body;
  const percents = async () => (await standard()).value.map(({ ring, percent }) => `${ring} ${percent}`);

  it("row 29: is 5/15/80 with 200 managed devices and 1/9/90 with 201; Test and Last get none", async () => {
    const fill = newDevices(200 - (await standard()).devices);
    const { id, pool } = await groupWith("Growing", fill);
    expect((await standard()).devices).toBe(200);
    expect(await percents()).toEqual(["Test 0", "Ring1 5", "Ring2 15", "Ring3 80", "Last 0"]);
    for (const { objectId } of newDevices(1)) await addMember(graph, pool, objectId);
    await discover(world, id);
    expect((await standard()).devices).toBe(201);
    expect(await percents()).toEqual(["Test 0", "Ring1 1", "Ring2 9", "Ring3 90", "Last 0"]);
  });
});

describe("the dynamic pool", () => {
  let testers: TenantDevice[];
  let id: string;
  beforeAll(async () => {
    const devices = newDevices(1002);
    testers = devices.slice(0, 2);
    ({ id } = await groupWith("Thousand", devices, testers));
  });
  const sizes = async () =>
    Object.entries(await ringsInTenant(world, graph, id)).map(([ring, members]) => [ring, members.length]);

  it("row 7: 1,000 devices at 10/25/65 become 100, 250 and 650, in the tenant", async () => {
    expect(await sizes()).toEqual([
      ["Test", 2],
      ["Ring1", 100],
      ["Ring2", 250],
      ["Ring3", 650],
      ["Last", 0],
    ]);
  });

  it("row 8: a device in the group of an assigned ring is not counted in the pool", async () => {
    for (const { objectId } of testers) expect(await ringsWith(world, graph, id, objectId)).toEqual(["Test"]);
    const inTest = await devicesOf(world, `?group=${id}&ring=Test`);
    expect(inTest.map(({ deviceId }) => deviceId)).toEqual(testers.map(({ deviceId }) => deviceId));
  });
});
