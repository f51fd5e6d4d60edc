import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { StoredGroup } from "../../shared/groups/store.js";
import type { DeviceRecord } from "../../shared/registration/device.js";
import { call, type Problem } from "../support/api.js";
import { definitionOf } from "../support/definitions.js";
import { addDevices, deviceOf, devicesOf, pass, ringsWith } from "../support/devices.js";
import { directoryGroup } from "../support/directory.js";
import type { GraphReader } from "../support/graph.js";
import { Person } from "../support/people.js";
import { alerts, check, deletePolicy, policyOf, worldWithSales } from "../support/policies.js";
import type { World } from "../support/world.js";

type Group = StoredGroup & Problem;

let world: World;
let graph: GraphReader;
beforeAll(async () => {
  ({ world, graph } = await worldWithSales());
});
afterAll(() => world?.stop());

const person = (name: string, ...roles: string[]) => new Person(world, name, roles);
const groupOf = async (id: string) => (await call<Group>(world, "GET", `/groups/${id}`)).body;

describe("Assigning a ring", () => {
  const inRing3 = async () => (await devicesOf(world, "?group=sales&ring=Ring3"))[0]?.deviceId ?? "";

  it("row 46: is refused to a Reader, and the device stays where it is", async () => {
    const deviceId = await inRing3();
    for (const role of ["Reader", "WindowsAutopatchReader", "PolicyAndProfileManager"]) {
      const { status, body } = await person(role, role).call("POST", "/devices/assign-ring", {
        deviceIds: [deviceId],
        ring: "Test",
      });
      expect([status, body.code]).toEqual([403, "forbidden"]);
    }
    expect((await deviceOf(world, deviceId)).ring).toBe("Ring3");
  });

  it("row 46: is done for an Autopatch Administrator, in the directory too", async () => {
    const deviceId = await inRing3();
    const anna = person("Anna", "WindowsAutopatchAdministrator");
    expect((await anna.call("POST", "/devices/assign-ring", { deviceIds: [deviceId], ring: "Test" })).status).toBe(202);
    await pass(world, 5);
    const { objectId, ring } = await deviceOf(world, deviceId);
    expect([ring, await ringsWith(world, graph, "sales", objectId)]).toEqual(["Test", ["Test"]]);
  });
});

describe("Policies", () => {
  const restore = async (who: Person) => {
    const [alert] = await alerts(world);
    const answer = await who.call("POST", `/policy-alerts/${alert?.id}/restore`, {});
    await world.settle();
    return answer;
  };
  const present = async () => (await policyOf(graph, "Ring1", "update ring")) !== undefined;

  it.each(["WindowsAutopatchAdministrator", "WindowsAutopatchReader", "HelpDeskOperator"])(
    "row 46: %s reads that a policy is missing, and cannot restore it",
    async (role) => {
      if (await present()) await deletePolicy(graph, "Ring1", "update ring");
      await check(world);
      const somebody = person(role, role);
      const { body } = await somebody.call<{ value: { kind: string }[] }>("GET", "/policy-alerts");
      expect(body.value.map(({ kind }) => kind)).toEqual(["missingPolicy"]);
      const refused = await restore(somebody);
      expect([refused.status, refused.body.code]).toEqual([403, "forbidden"]);
      expect(await present()).toBe(false);
    },
  );

  it("row 46: a Policy and Profile Manager restores it, and nothing of groups is his", async () => {
    const paul = person("Paul", "PolicyAndProfileManager");
    expect((await paul.call("GET", "/groups/sales")).status).toBe(403);
    expect((await restore(paul)).status).toBe(202);
    expect(await present()).toBe(true);
    expect(await alerts(world)).toEqual([]);
  });
});

describe("A scoped admin", () => {
  let definition: ReturnType<typeof definitionOf>;
  let stella: Person;
  beforeAll(async () => {
    stella = person("Stella");
    await call(world, "PUT", `/roles/assignments/${stella.oid}`, { role: "Administrator", scopeTagIds: ["7", "8"] });
    const [test, last] = [await directoryGroup(graph, "Branch test"), await directoryGroup(graph, "Branch last")];
    const devices = addDevices(world, 100, 3).map(({ objectId }) => objectId);
    const pool = await directoryGroup(graph, "Branch PCs", devices);
    definition = definitionOf("Branch", { test, last, pool });
  });

  it.each([[["7", "9"]], [["0"]], [undefined]])(
    "row 14: cannot create a group with the tags %j",
    async (scopeTagIds) => {
      const given = { ...definition, ...(scopeTagIds === undefined ? {} : { scopeTagIds }) };
      const { status, body } = await stella.call("POST", "/groups", { definition: given });
      expect([status, body.code, body.field]).toEqual([403, "forbidden", "scopeTagIds"]);
      expect((await call(world, "GET", "/groups/branch")).status).toBe(404);
    },
  );

  const updateRings = async () => {
    const all = await graph.list<{ displayName: string }>("beta/deviceManagement/deviceConfigurations");
    return all.filter(({ displayName }) => displayName.startsWith("Ringmaster Branch - ")).length;
  };
  const devices = async () => (await devicesOf(world, "?group=branch")).length;

  it("row 14: creates one with his own tag, which shows Pending Assignment and gets neither policies nor devices", async () => {
    const { status, body } = await stella.call<Group>("POST", "/groups", {
      definition: { ...definition, scopeTagIds: ["7"] },
    });
    expect([status, body.status]).toEqual([201, "pendingAssignment"]);
    await pass(world, 60);
    expect((await groupOf("branch")).status).toBe("pendingAssignment");
    expect([await updateRings(), await devices()]).toEqual([0, 0]);
  });

  it("row 14: sees and edits his group and no other", async () => {
    const { body } = await stella.call<{ value: Group[] }>("GET", "/groups");
    expect(body.value.map(({ id }) => id)).toEqual(["branch"]);
    const changed = { ...(await groupOf("branch")).definition, description: "Branch offices" };
    expect((await stella.call("PUT", "/groups/branch", { definition: changed })).status).toBe(200);
    const sales = await groupOf("sales");
    for (const method of ["GET", "PUT", "DELETE"] as const) {
      const { status } = await stella.call(method, "/groups/sales", method === "PUT" ? sales : undefined);
      expect(status).toBe(404);
    }
    expect(await groupOf("sales")).toEqual(sales);
  });

  it("row 14: sees and moves devices of his groups only", async () => {
    const [device] = await devicesOf(world, "?group=sales&ring=Ring2");
    const { body } = await stella.call<{ value: DeviceRecord[] }>("GET", "/devices");
    expect(body.value).toEqual([]);
    const move = { deviceIds: [device?.deviceId], ring: "Test" };
    expect((await stella.call("POST", "/devices/assign-ring", move)).status).toBe(404);
    expect((await stella.call("GET", `/devices/${device?.deviceId}`)).status).toBe(404);
  });

  it("row 14: cannot complete the assignments, another admin does, and within 10 minutes the group is active", async () => {
    const own = await stella.call("POST", "/groups/branch/complete-assignments", {});
    expect([own.status, own.body.code]).toEqual([403, "forbidden"]);
    const done = await call<Group>(world, "POST", "/groups/branch/complete-assignments", {});
    expect([done.status, done.body.status]).toEqual([202, "creating"]);
    await pass(world, 10);
    expect((await groupOf("branch")).status).toBe("active");
    expect([await updateRings(), await devices()]).toEqual([5, 3]);
  });

  it("row 14: leaves the tags of others as they are", async () => {
    const { definition: present } = await groupOf("branch");
    const tagged = (scopeTagIds: readonly string[]) => ({ definition: { ...present, scopeTagIds } });
    expect((await call(world, "PUT", "/groups/branch", tagged(["0", "7"]))).status).toBe(200);
    const { status, body } = await stella.call("PUT", "/groups/branch", tagged(["7"]));
    expect([status, body.code, body.field]).toEqual([403, "forbidden", "scopeTagIds"]);
    expect((await stella.call("PUT", "/groups/branch", tagged(["0", "7", "8"]))).status).toBe(200);
    expect((await groupOf("branch")).definition.scopeTagIds).toEqual(["0", "7", "8"]);
  });

  it("row 14: discovers devices of his groups only", async () => {
    const discover = (groupId: string) => stella.call("POST", "/devices/discover", { groupId });
    expect((await discover("sales")).status).toBe(404);
    expect((await discover("branch")).status).toBe(202);
    await world.settle();
  });

  it("row 14: a group of an admin without scope is never pending", async () => {
    expect((await groupOf("sales")).status).toBe("active");
    const { status } = await call(world, "POST", "/groups/sales/complete-assignments", {});
    expect(status).toBe(409);
  });
});

describe("Scope tags of a group", () => {
  const tagged = async (count: number) => {
    const { definition } = await groupOf("sales");
    const scopeTagIds = Array.from({ length: count }, (_, index) => String(index));
    return call<Group>(world, "PUT", "/groups/sales", { definition: { ...definition, scopeTagIds } });
  };

  it("row 15: 100 are accepted", async () => {
    expect((await tagged(100)).status).toBe(200);
    expect((await groupOf("sales")).definition.scopeTagIds).toHaveLength(100);
  });

  it.each([101, 0])("row 15: %i are refused, and nothing changes", async (count) => {
    const { status, body } = await tagged(count);
    expect([status, body.field]).toEqual([400, "scopeTagIds"]);
    expect((await groupOf("sales")).definition.scopeTagIds).toHaveLength(100);
  });
});
