import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { device, errorOf, items, TestTenant } from "./support.js";

const EVENTUAL = { ConsistencyLevel: "eventual" };
const ada = { displayName: "Ada", userPrincipalName: "ada@contoso.example", accountEnabled: true };

let test: TestTenant;
let user: string;
let inner: string;
let mixed: string;
beforeAll(async () => {
  test = await TestTenant.start();
  test.devices(3);
  user = test.tenant.addUsers([ada])[0] ?? "";
  inner = await test.group("inner", [device(1).objectId]);
  mixed = await test.group("mixed", [device(0).objectId, user, inner]);
});
afterAll(() => test.discard());

describe("members of several types", () => {
  it("lists each with its type", async () => {
    const answer = await test.get(`/v1.0/groups/${mixed}/members?$select=id`);
    expect(items(answer)).toEqual([
      { "@odata.type": "#microsoft.graph.device", id: device(0).objectId },
      { "@odata.type": "#microsoft.graph.user", id: user },
      { "@odata.type": "#microsoft.graph.group", id: inner },
    ]);
  });

  it.each([
    ["device", () => device(0).objectId],
    ["user", () => user],
    ["group", () => inner],
  ])("casts to %s and counts what is left", async (type, id) => {
    test.tenant.authority.grant(["Group.ReadWrite.All", "Device.Read.All", "User.ReadBasic.All"]);
    await test.signIn();
    const path = `/v1.0/groups/${mixed}/members/microsoft.graph.${type}`;
    const answer = await test.get(`${path}?$count=true&$select=id`, EVENTUAL);
    expect(answer.json).toMatchObject({ "@odata.count": 1, value: [{ id: id() }] });
    expect((await test.get(`${path}/$count`, EVENTUAL)).text).toBe("1");
  });

  it("refuses a cast without ConsistencyLevel", async () => {
    const answer = await test.get(`/v1.0/groups/${mixed}/members/microsoft.graph.group?$count=true`);
    expect(errorOf(answer).code).toBe("Request_UnsupportedQuery");
  });

  it("finds devices below nested groups, and no users among them", async () => {
    const path = `/v1.0/groups/${mixed}/transitiveMembers/microsoft.graph.device?$select=id&$count=true`;
    const found = items(await test.get(path, EVENTUAL)).map(({ id }) => id);
    expect(found).toEqual([device(0).objectId, device(1).objectId]);
  });

  it("loses a device that is removed from the tenant", async () => {
    const id = await test.group("losing", [device(2).objectId]);
    test.tenant.removeDevice(device(2).deviceId);
    expect(items(await test.get(`/v1.0/groups/${id}/members`))).toEqual([]);
    expect((await test.get(`/v1.0/devices/${device(2).objectId}`)).status).toBe(404);
  });
});

describe("users", () => {
  it("are made, read by name and deleted by who may write users", async () => {
    test.tenant.authority.grant(["User.ReadWrite.All"]);
    await test.signIn();
    const { json, status } = await test.post("/v1.0/users", { ...ada, userPrincipalName: "grace@contoso.example" });
    expect(status).toBe(201);
    expect((await test.get("/v1.0/users/grace@contoso.example")).json).toMatchObject({ id: json.id });
    expect((await test.call("DELETE", `/v1.0/users/${json.id}`)).status).toBe(204);
    expect((await test.get(`/v1.0/users/${json.id}`)).status).toBe(404);
  });

  it("have names of their own", async () => {
    expect((await test.post("/v1.0/users", ada)).status).toBe(400);
  });
});
