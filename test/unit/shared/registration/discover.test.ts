import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { device, type TestTenant } from "../../infra/local/tenant/support.js";
import { emulated, persistently } from "../graph/emulated.js";
import { addByHand, autopatchGroup, fillAll, graphOf, removeByHand, ringMembers, table, tables } from "./estate.js";

vi.mock("../../../../shared/store/tables.js", async () => ({ table: (await import("./estate.js")).table }));
vi.mock("../../../../shared/graph/client.js", async (original) => ({
  ...(await original<object>()),
  graphClient: () => graphOf.current,
}));

const DAY_S = 86_400;
const THIRDS = { Ring1: 10, Ring2: 25, Ring3: 65 };
const ids = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, n) => device(from + n)).map(({ objectId }) => objectId);

let test: TestTenant;
beforeAll(async () => {
  const started = await emulated(60);
  test = started.test;
  graphOf.current = started.graph;
});
afterAll(() => test?.discard());
beforeEach(async () => {
  tables.clear();
  const { changeTenant } = await import("../../../../shared/tenant/state.js");
  await changeTenant((state) => ({ ...state, enrolment: "enrolled" }));
});

const survey = async (scope?: readonly string[]) =>
  (await import("../../../../shared/registration/discover.js")).surveyDevices({ scope });
const store = () => import("../../../../shared/registration/store.js");
const record = async (nth: number) => (await store()).readDevice(device(nth).deviceId);
const admin = () => import("../../../../shared/registration/admin.js");

let names = 0;
async function source(objectIds: readonly string[]): Promise<string> {
  const id = await test.group(`source-${names++}`, objectIds.slice(0, 20));
  for (const objectId of objectIds.slice(20)) await addByHand(test, id, objectId);
  return id;
}

describe("a discovery", () => {
  it("registers the devices of a pool by the percentages of its rings, in the tenant too", async () => {
    const group = await autopatchGroup(test, "a1", { dynamic: THIRDS, pool: [await source(ids(0, 40))] });
    expect(await survey()).toMatchObject({ devices: 40, registered: 40, groupIds: ["a1"] });
    await fillAll(test, "a1");
    const members = await ringMembers(test, group);
    expect(Object.values(members).map(({ length }) => length)).toEqual([0, 4, 10, 26, 0]);
    expect(await record(3)).toMatchObject({ status: "Registered", state: "Ready", ringAssignedBy: "Service" });
  });

  it("leaves a device of an assigned ring out of the pool", async () => {
    const test1 = await source(ids(0, 2));
    const pool = await source(ids(0, 22));
    const group = await autopatchGroup(test, "a2", { assigned: { Test: test1 }, dynamic: THIRDS, pool: [pool] });
    await survey();
    await fillAll(test, "a2");
    const members = await ringMembers(test, group);
    expect(members.Test).toEqual(ids(0, 2));
    expect(["Ring1", "Ring2", "Ring3"].map((ring) => members[ring]?.length)).toEqual([2, 5, 13]);
  });

  it("reads one nesting level of directory groups and no deeper one", async () => {
    const deep = await source(ids(5, 6));
    const nested = await source(ids(3, 5));
    await addByHand(test, nested, deep);
    const outer = await source(ids(0, 3));
    await addByHand(test, outer, nested);
    await autopatchGroup(test, "a3", { dynamic: THIRDS, pool: [outer] });
    expect(await survey()).toMatchObject({ devices: 5 });
  });

  it("changes nothing, and writes nothing, when it runs again", async () => {
    const group = await autopatchGroup(test, "a4", { dynamic: THIRDS, pool: [await source(ids(0, 30))] });
    await survey();
    await fillAll(test, "a4");
    const before = await ringMembers(test, group);
    expect(await survey()).toMatchObject({ changed: 0 });
    expect(await fillAll(test, "a4")).toBe(1);
    expect(await ringMembers(test, group)).toEqual(before);
  });

  it("forgets a device that left its source group, and takes it out of its ring", async () => {
    const pool = await source(ids(0, 10));
    const group = await autopatchGroup(test, "a5", { dynamic: { Ring1: 100 }, pool: [pool] });
    await survey();
    await fillAll(test, "a5");
    await removeByHand(test, pool, device(4).objectId);
    await survey();
    await fillAll(test, "a5");
    await expect(record(4)).rejects.toMatchObject({ code: "not_found" });
    expect((await ringMembers(test, group)).Ring1).toHaveLength(9);
  });

  it("leaves devices where they are when their source group is lost", async () => {
    const pool = await source(ids(0, 5));
    await autopatchGroup(test, "a6", { dynamic: { Ring1: 100 }, pool: [pool] });
    await survey();
    await test.call("DELETE", `/v1.0/groups/${pool}`);
    expect(await survey()).toMatchObject({ registered: 5, missing: [pool] });
  });

  it("of one group leaves what is known of the others", async () => {
    await autopatchGroup(test, "a7", { dynamic: { Ring1: 100 }, pool: [await source(ids(0, 4))] });
    await autopatchGroup(test, "b7", { dynamic: { Ring1: 100 }, pool: [await source(ids(10, 13))] });
    await survey();
    expect(await survey(["b7"])).toMatchObject({ devices: 7, changed: 0, groupIds: ["b7"] });
  });
});

describe("a daily survey", () => {
  const daily = async () =>
    (await (await import("../../../../shared/registration/discover.js")).surveyDevices({ daily: true })).groupIds;

  it("leaves rings alone that were found filled within a week", async () => {
    await autopatchGroup(test, "d1", { dynamic: THIRDS, pool: [await source(ids(0, 20))] });
    await survey();
    expect(await daily()).toEqual(["d1"]);
    await fillAll(test, "d1");
    expect(await daily()).toEqual([]);
    expect((await survey()).groupIds).toEqual(["d1"]);
    test.pass(7 * DAY_S - 60);
    expect(await daily()).toEqual([]);
    test.pass(60);
    expect(await daily()).toEqual(["d1"]);
  });

  it("sees what Intune says every day, and what the directory should have told once a week", async () => {
    const pool = await source(ids(0, 2));
    await autopatchGroup(test, "d3", { dynamic: { Ring1: 100 }, pool: [pool] });
    await survey();
    await addByHand(test, pool, ids(2, 3)[0] ?? "");
    const week = 7 * DAY_S;
    test.pass(week - (Math.floor(test.clock.now() / 1000) % week));
    test.pass(DAY_S);
    test.tenant.reportInventory(device(0).deviceId, { osVersion: "10.0.26100.7777" });
    await daily();
    expect((await record(0)).managed?.osVersion).toBe("10.0.26100.7777");
    await expect(record(2)).rejects.toMatchObject({ code: "not_found" });
    test.pass(6 * DAY_S);
    await daily();
    expect(await record(2)).toMatchObject({ groupId: "d3" });
  });

  it("has rings looked at whose devices or directory groups are others now, also after a crash", async () => {
    const pool = await source(ids(0, 20));
    const group = await autopatchGroup(test, "d2", { dynamic: THIRDS, pool: [pool] });
    await survey();
    await fillAll(test, "d2");
    await addByHand(test, pool, ids(20, 21)[0] ?? "");
    // Its answer got lost: the register says it all, yet the ring has not been filled.
    await survey(["d2"]);
    expect(await daily()).toEqual(["d2"]);
    await fillAll(test, "d2");
    expect(await daily()).toEqual([]);
    const { writeGroup, findGroup } = await import("../../../../shared/groups/store.js");
    const stored = await findGroup("d2");
    const Ring1 = { entraGroupId: await test.group("d2-Ring1-anew") };
    await writeGroup({ ...group, bindings: { ...group.bindings, Ring1 } }, stored?.etag);
    expect(await daily()).toEqual(["d2"]);
  });
});

describe("a tenant that throttles, breaks off and repeats itself", () => {
  it("ends with the same rings", async () => {
    const pool = await source(ids(0, 40));
    const group = await autopatchGroup(test, "f1", { dynamic: THIRDS, pool: [pool] });
    const { fillRings } = await import("../../../../shared/registration/fill.js");
    test.tenant.faults.set({
      throttle: { rate: 0.2, retryAfterSeconds: 10 },
      unavailableAfterWrite: 0.2,
      resetAfterWrite: 0.1,
      repeatItems: 0.3,
      truncatedJson: 0.1,
    });
    try {
      await persistently(test, () => survey());
      for (let moved = 1; moved > 0; ) {
        const { added, removed } = await persistently(test, () => fillRings("f1"));
        moved = added + removed;
      }
    } finally {
      test.tenant.faults.clear();
    }
    const members = await ringMembers(test, group);
    expect(Object.values(members).map(({ length }) => length)).toEqual([0, 4, 10, 26, 0]);
    expect(Object.values(members).flat().sort()).toEqual(ids(0, 40));
  });
});

describe("groups that claim the same device", () => {
  it("keep a new device from being registered", async () => {
    await autopatchGroup(test, "a8", { dynamic: { Ring1: 100 }, pool: [await source(ids(0, 2))] });
    await autopatchGroup(test, "b8", { dynamic: { Ring1: 100 }, pool: [await source(ids(1, 3))] });
    await survey();
    expect(await record(1)).toMatchObject({
      status: "Not registered",
      state: "Autopatch group conflict",
      groupId: null,
      ring: null,
    });
    expect(await record(0)).toMatchObject({ status: "Registered", groupId: "a8" });
  });

  it("make a registered device Not ready, in its ring, until it is in one of them only", async () => {
    await autopatchGroup(test, "a9", { dynamic: { Ring1: 100 }, pool: [await source(ids(0, 2))] });
    await survey();
    const other = await source(ids(1, 3));
    await autopatchGroup(test, "b9", { dynamic: { Ring2: 100 }, pool: [other] });
    await survey();
    expect(await record(1)).toMatchObject({ status: "Registered", state: "Not ready", groupId: "a9", ring: "Ring1" });
    expect((await record(1)).reason?.check).toBe("Autopatch group conflict");
    await removeByHand(test, other, device(1).objectId);
    await survey();
    expect(await record(1)).toMatchObject({ state: "Ready", reason: null, groupId: "a9" });
  });

  it("are no conflict when one is the default group: the custom one wins", async () => {
    const both = await source(ids(0, 2));
    await autopatchGroup(test, "default", { dynamic: { Ring1: 100 }, pool: [both] });
    await autopatchGroup(test, "custom", { dynamic: { Ring2: 100 }, pool: [await source(ids(1, 3))] });
    await survey();
    expect(await record(1)).toMatchObject({ state: "Ready", groupId: "custom" });
    expect(await record(0)).toMatchObject({ state: "Ready", groupId: "default" });
  });
});

describe("an admin's act", () => {
  async function settled(id: string) {
    const pool = await source(ids(0, 20));
    const group = await autopatchGroup(test, id, { dynamic: THIRDS, pool: [pool] });
    await survey();
    await fillAll(test, id);
    return { group, pool };
  }
  const inRing = async (ring: string) => {
    const [found] = await (await store()).listDevices({ ring });
    if (found === undefined) throw new Error(`No device is in ${ring}.`);
    return found;
  };

  it("moves a device: Pending, then Admin once the directory shows it", async () => {
    const { group } = await settled("c1");
    const { deviceId, objectId } = await inRing("Ring3");
    await (await admin()).assignRing([deviceId], "Test");
    expect(await (await store()).readDevice(deviceId)).toMatchObject({ ring: "Test", ringAssignedBy: "Pending" });
    await fillAll(test, "c1");
    expect(await (await store()).readDevice(deviceId)).toMatchObject({ ring: "Test", ringAssignedBy: "Admin" });
    const members = await ringMembers(test, group);
    expect(Object.keys(members).filter((ring) => members[ring]?.includes(objectId))).toEqual(["Test"]);
  });

  it("sticks: no discovery moves the device back", async () => {
    await settled("c2");
    const { deviceId } = await inRing("Ring3");
    for (const ring of ["Last", "Ring1"]) {
      await (await admin()).assignRing([deviceId], ring);
      await fillAll(test, "c2");
      await survey();
      await fillAll(test, "c2");
      expect(await (await store()).readDevice(deviceId)).toMatchObject({ ring, ringAssignedBy: "Admin" });
    }
  });

  it("moves a device back out of Test", async () => {
    const { group } = await settled("c3");
    const { deviceId, objectId } = await inRing("Ring3");
    for (const ring of ["Test", "Ring2"]) {
      await (await admin()).assignRing([deviceId], ring);
      await fillAll(test, "c3");
    }
    const members = await ringMembers(test, group);
    expect(Object.keys(members).filter((ring) => members[ring]?.includes(objectId))).toEqual(["Ring2"]);
  });

  it("refuses devices of several groups, moving none", async () => {
    await settled("c4");
    await autopatchGroup(test, "d4", { dynamic: { Ring1: 100 }, pool: [await source(ids(30, 31))] });
    await survey();
    const both = [device(0).deviceId, device(30).deviceId];
    await expect((await admin()).assignRing(both, "Test")).rejects.toMatchObject({
      code: "rule_violated",
      message: expect.stringContaining("An error occurred. Please select devices within the same Autopatch group"),
    });
    expect((await record(0)).ringAssignedBy).toBe("Service");
  });

  it("refuses a device that is not registered, and a ring that the group does not have", async () => {
    await settled("c5");
    const { assignRing, excludeDevices } = await admin();
    await expect(assignRing([device(1).deviceId], "Ring9")).rejects.toMatchObject({ field: "ring" });
    await excludeDevices([device(0).deviceId]);
    await expect(assignRing([device(0).deviceId], "Test")).rejects.toMatchObject({
      code: "rule_violated",
      details: { rule: "registered" },
    });
  });

  it("excludes a device until it is restored", async () => {
    const { group } = await settled("c6");
    const { excludeDevices, restoreDevices } = await admin();
    await excludeDevices([device(0).deviceId]);
    await survey();
    await fillAll(test, "c6");
    expect(await record(0)).toMatchObject({ status: "Not registered", state: "Excluded", ring: null });
    expect(Object.values(await ringMembers(test, group)).flat()).not.toContain(device(0).objectId);
    await restoreDevices([device(0).deviceId]);
    await survey();
    await fillAll(test, "c6");
    expect(await record(0)).toMatchObject({ status: "Registered", state: "Ready" });
    expect(Object.values(await ringMembers(test, group)).flat()).toContain(device(0).objectId);
  });

  it("deregisters a device for good once it is in no source group", async () => {
    const { group, pool } = await settled("c7");
    await removeByHand(test, pool, device(0).objectId);
    await (await admin()).deregisterDevices([device(0).deviceId]);
    await fillAll(test, "c7");
    expect(Object.values(await ringMembers(test, group)).flat()).not.toContain(device(0).objectId);
    await survey();
    await expect(record(0)).rejects.toMatchObject({ code: "not_found" });
  });
});

describe("hand-made changes of ring groups", () => {
  async function settled(id: string) {
    const last = await source([device(50).objectId]);
    const pool = await source(ids(0, 20));
    const group = await autopatchGroup(test, id, { assigned: { Last: last }, dynamic: THIRDS, pool: [pool] });
    await survey();
    await fillAll(test, id);
    const of = (ring: string) => group.bindings[ring]?.entraGroupId ?? "";
    const [victim = ""] = (await ringMembers(test, group)).Ring3 ?? [];
    const rings = async (objectId: string) => {
      const members = await ringMembers(test, group);
      return Object.keys(members).filter((ring) => members[ring]?.includes(objectId));
    };
    return { group, of, victim, rings };
  }

  it("that leave a device in no ring put it back into one other than Test and Last", async () => {
    const { of, victim, rings } = await settled("e1");
    await removeByHand(test, of("Ring3"), victim);
    await fillAll(test, "e1");
    expect(await rings(victim)).toEqual(["Ring3"]);
  });

  it("that put a device into several rings are reduced to one", async () => {
    const { of, victim, rings } = await settled("e2");
    await addByHand(test, of("Ring1"), victim);
    await addByHand(test, of("Ring2"), victim);
    await fillAll(test, "e2");
    expect(await rings(victim)).toEqual(["Ring3"]);
  });

  it("leave memberships of Test and Last untouched", async () => {
    const { of, victim, rings } = await settled("e3");
    await addByHand(test, of("Test"), victim);
    await addByHand(test, of("Test"), device(50).objectId);
    await fillAll(test, "e3");
    await survey();
    await fillAll(test, "e3");
    expect(await rings(victim)).toEqual(["Test"]);
    expect(await rings(device(50).objectId)).toEqual(["Test", "Last"]);
    const found = (await (await store()).listDevices()).find(({ objectId }) => objectId === victim);
    expect(found).toMatchObject({ ring: "Test", ringAssignedBy: "Admin" });
  });

  it("put in a device that is not registered in the group, which is taken out", async () => {
    const { of, rings } = await settled("e4");
    await addByHand(test, of("Ring1"), device(55).objectId);
    await fillAll(test, "e4");
    expect(await rings(device(55).objectId)).toEqual([]);
  });
});

describe("a look at everybody", () => {
  it("takes the report that came before its device, and forgets it then", async () => {
    const { foldReports } = await import("../../../../shared/readiness/fold.js");
    const { earlyReports } = await import("../../../../shared/readiness/early-reports.js");
    const { READINESS_CHECKS } = await import("../../../../shared/readiness/checks.js");
    const at = new Date(test.clock.now()).toISOString();
    const report = (nth: number) => ({
      deviceId: device(nth).deviceId,
      at,
      checks: READINESS_CHECKS.map((check) => ({ check, passed: false })),
    });
    expect(await foldReports([report(0), report(40)], test.clock.now())).toBe(0);
    await autopatchGroup(test, "g1", { dynamic: { Ring1: 100 }, pool: [await source(ids(0, 2))] });
    await survey(["g1"]);
    expect(await record(0)).toMatchObject({ status: "Registered", state: "Not ready" });
    expect(await record(1)).toMatchObject({ status: "Registered", state: "Ready" });
    expect([...(await earlyReports()).keys()]).toEqual([device(40).deviceId]);
  });

  it("reads and writes the register once", async () => {
    await autopatchGroup(test, "g2", { dynamic: { Ring1: 100 }, pool: [await source(ids(0, 30))] });
    const devices = await table("Devices");
    const [page, get] = [vi.spyOn(devices, "page"), vi.spyOn(devices, "get")];
    const commit = vi.spyOn(devices, "commit");
    expect(await survey()).toMatchObject({ changed: 30 });
    expect([page.mock.calls.length, get.mock.calls.length, commit.mock.calls.length]).toEqual([1, 0, 1]);
    expect(await survey()).toMatchObject({ changed: 0 });
    expect([page.mock.calls.length, get.mock.calls.length, commit.mock.calls.length]).toEqual([2, 0, 1]);
  });

  it("leaves a device as somebody else wrote it meanwhile", async () => {
    await autopatchGroup(test, "g3", { dynamic: { Ring1: 100 }, pool: [await source(ids(0, 2))] });
    await survey();
    const [{ writeDevices }, devices] = [await store(), await table("Devices")];
    const commit = devices.commit.bind(devices);
    vi.spyOn(devices, "commit").mockImplementationOnce(async (...args) => {
      await writeDevices([device(0).deviceId], (_id, before) => before && { ...before, name: "theirs" });
      return commit(...args);
    });
    for (const nth of [0, 1]) test.tenant.reportInventory(device(nth).deviceId, { osVersion: "10.0.26100.9999" });
    await survey();
    expect((await record(0)).name).toBe("theirs");
    expect((await record(1)).managed?.osVersion).toBe("10.0.26100.9999");
  });

  it("writes every seventh day only when devices were last seen, or with what else changed", async () => {
    await autopatchGroup(test, "g4", { dynamic: { Ring1: 100 }, pool: [await source(ids(0, 2))] });
    const sync = (nth: number) =>
      test.tenant.patchDevice(device(nth).deviceId, { lastSyncDateTime: new Date(test.clock.now()).toISOString() });
    for (const nth of [0, 1]) sync(nth);
    await survey();
    const written: number[] = [];
    for (let day = 0; day < 14; day++) {
      test.pass(DAY_S);
      for (const nth of [0, 1]) sync(nth);
      await survey(["g4"]);
      if ((await survey()).changed > 0) written.push(day);
      const seen = Date.parse((await record(0)).managed?.lastSyncAt ?? "");
      expect(test.clock.now() - seen).toBeLessThan(7 * DAY_S * 1000);
    }
    expect(written).toHaveLength(2);
    test.pass(DAY_S);
    sync(0);
    test.tenant.reportInventory(device(0).deviceId, { osVersion: "10.0.26100.8888" });
    await survey(["g4"]);
    expect((await record(0)).managed).toMatchObject({
      osVersion: "10.0.26100.8888",
      lastSyncAt: expect.stringContaining(new Date(test.clock.now()).toISOString().slice(0, 19)),
    });
  });
});
