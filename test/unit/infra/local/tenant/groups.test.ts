import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { device, errorOf, groupBody, items, TestTenant } from "./support.js";

let test: TestTenant;
const ids = Array.from({ length: 30 }, (_, nth) => device(nth).objectId);
const reference = (id: string) => `https://graph.microsoft.com/v1.0/directoryObjects/${id}`;
const eventual = { ConsistencyLevel: "eventual" };

beforeAll(async () => {
  test = await TestTenant.start();
  test.devices(30);
});
afterAll(() => test.discard());

async function members(id: string): Promise<unknown[]> {
  return items(await test.get(`/v1.0/groups/${id}/members?$select=id`)).map((member) => member.id);
}

describe("groups", () => {
  it("creates a security group and reads it back", async () => {
    const { status, json } = await test.post("/v1.0/groups", groupBody("one"));
    expect(status).toBe(201);
    expect((await test.get(`/v1.0/groups/${json.id}`)).json).toMatchObject({
      displayName: "one",
      securityEnabled: true,
    });
  });

  it("refuses a group without a mail nickname", async () => {
    const answer = await test.post("/v1.0/groups", { displayName: "x", mailEnabled: false, securityEnabled: true });
    expect([answer.status, errorOf(answer).code]).toEqual([400, "Request_BadRequest"]);
  });

  it("creates by unique name if missing, and changes the same group the second time", async () => {
    const path = "/v1.0/groups(uniqueName='wave-1')";
    const body = { ...groupBody("wave"), displayName: "Wave" };
    const first = await test.call("PATCH", path, body, { Prefer: "create-if-missing" });
    const second = await test.call("PATCH", path, { displayName: "Wave 1" }, { Prefer: "create-if-missing" });
    expect([first.status, second.status]).toEqual([201, 204]);
    expect((await test.get(path)).json).toMatchObject({ id: first.json.id, displayName: "Wave 1" });
  });

  it("answers 404 to a unique name that is missing when it may not create", async () => {
    expect((await test.call("PATCH", "/v1.0/groups(uniqueName='none')", { displayName: "x" })).status).toBe(404);
  });

  it("renames a group and changes its description", async () => {
    const id = await test.group("before");
    const change = { displayName: "After", description: "Renamed" };
    expect((await test.call("PATCH", `/v1.0/groups/${id}`, change)).status).toBe(204);
    expect((await test.get(`/v1.0/groups/${id}`)).json).toMatchObject(change);
  });

  it("finds groups by the beginning of their names", async () => {
    const found = [await test.group("ring-a"), await test.group("ring-b")];
    const answer = await test.get("/v1.0/groups?$filter=startswith(displayName,'ring-')&$select=id");
    expect(items(answer).map(({ id }) => id)).toEqual(found);
  });

  it("finds fifteen groups by id at once and refuses sixteen", async () => {
    const id = await test.group("listed");
    const filter = (count: number) => `id in (${[id, ...ids.slice(1, count)].map((each) => `'${each}'`).join(",")})`;
    expect(items(await test.get(`/v1.0/groups?$filter=${filter(15)}`)).map((group) => group.id)).toEqual([id]);
    expect((await test.get(`/v1.0/groups?$filter=${filter(16)}`)).status).toBe(400);
  });

  it("forgets a deleted group", async () => {
    const id = await test.group("short-lived");
    await test.call("DELETE", `/v1.0/groups/${id}`);
    expect((await test.get(`/v1.0/groups/${id}`)).status).toBe(404);
  });
});

describe("members", () => {
  it("binds twenty at once", async () => {
    const id = await test.group("twenty");
    const body = { "members@odata.bind": ids.slice(0, 20).map(reference) };
    expect((await test.call("PATCH", `/v1.0/groups/${id}`, body)).status).toBe(204);
    expect(await members(id)).toEqual(ids.slice(0, 20));
  });

  it("refuses twenty-one", async () => {
    const id = await test.group("twenty-one");
    const body = { "members@odata.bind": ids.slice(0, 21).map(reference) };
    expect((await test.call("PATCH", `/v1.0/groups/${id}`, body)).status).toBe(400);
  });

  it("binds none when one is a member already", async () => {
    const id = await test.group("all-or-nothing", ids.slice(0, 1));
    const body = { "members@odata.bind": ids.slice(0, 3).map(reference) };
    const answer = await test.call("PATCH", `/v1.0/groups/${id}`, body);
    expect([answer.status, errorOf(answer).code]).toEqual([400, "Request_BadRequest"]);
    expect(await members(id)).toEqual(ids.slice(0, 1));
  });

  it("refuses an object that does not exist", async () => {
    const body = { "@odata.id": reference("11111111-0000-4000-a000-000000000000") };
    expect((await test.post(`/v1.0/groups/${await test.group("unknown")}/members/$ref`, body)).status).toBe(404);
  });

  it("refuses to write members of a dynamic group", async () => {
    const rule = { groupTypes: ["DynamicMembership"], membershipRule: "device.x -eq 1" };
    const { json } = await test.post("/v1.0/groups", { ...groupBody("dynamic"), ...rule });
    const body = { "@odata.id": reference(ids[0] ?? "") };
    expect((await test.post(`/v1.0/groups/${json.id}/members/$ref`, body)).status).toBe(400);
  });

  it("loses its members to a rule, and takes members again without one", async () => {
    const id = await test.group("ruled", ids.slice(0, 2));
    const path = `/v1.0/groups/${id}`;
    const rule = { groupTypes: ["DynamicMembership"], membershipRule: "device.x -eq 1" };
    const add = { "members@odata.bind": [reference(ids[3] ?? "")] };
    expect((await test.call("PATCH", path, rule)).status).toBe(204);
    expect([await members(id), (await test.call("PATCH", path, add)).status]).toEqual([[], 400]);
    await test.call("PATCH", path, { groupTypes: [], membershipRule: null });
    expect((await test.call("PATCH", path, add)).status).toBe(204);
    expect(await members(id)).toEqual([ids[3]]);
  });

  it("removes one with $ref and keeps the device", async () => {
    const id = await test.group("leaving", ids.slice(0, 2));
    expect((await test.call("DELETE", `/v1.0/groups/${id}/members/${ids[0]}/$ref`)).status).toBe(204);
    expect(await members(id)).toEqual([ids[1]]);
    expect((await test.get(`/v1.0/devices/${ids[0]}`)).status).toBe(200);
  });

  it("wants the right to delete devices when $ref is missing", async () => {
    const id = await test.group("trap", ids.slice(0, 1));
    expect((await test.call("DELETE", `/v1.0/groups/${id}/members/${ids[0]}`)).status).toBe(403);
  });

  it("finds devices through nested groups", async () => {
    const inner = await test.group("inner", ids.slice(0, 3));
    const outer = await test.group("outer", [inner, ids[4] ?? ""]);
    const path = `/v1.0/groups/${outer}/transitiveMembers/microsoft.graph.device?$select=deviceId&$count=true`;
    const answer = await test.get(path, eventual);
    expect(answer.json["@odata.count"]).toBe(4);
  });

  it("refuses a type cast without ConsistencyLevel", async () => {
    const id = await test.group("cast", ids.slice(0, 1));
    const answer = await test.get(`/v1.0/groups/${id}/transitiveMembers/microsoft.graph.device?$count=true`);
    expect(errorOf(answer).code).toBe("Request_UnsupportedQuery");
  });

  it("tells the groups of a device, nested ones included", async () => {
    const inner = await test.group("inner-of", [ids[29] ?? ""]);
    const outer = await test.group("outer-of", [inner]);
    const path = `/v1.0/devices/${ids[29]}/transitiveMemberOf/microsoft.graph.group?$select=id&$count=true`;
    const found = items(await test.get(path, eventual)).map((group) => group.id);
    expect(found).toEqual([inner, outer]);
  });
});

describe("devices", () => {
  it("maps a deviceId to its object", async () => {
    const { deviceId, objectId } = device(3);
    expect((await test.get(`/v1.0/devices(deviceId='${deviceId}')`)).json).toMatchObject({ id: objectId });
  });
});
