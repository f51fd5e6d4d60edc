import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { DEFAULT_ROLES } from "../../../../../infra/local/tenant/graph/permissions.js";
import { type Answer, device, errorOf, items, TestTenant } from "./support.js";

const UNKNOWN = "11111111-0000-4000-a000-000000000000";
const LAST = "The group must have at least one owner, hence this owner cannot be removed.";

let test: TestTenant;
let self: string;
let tools: string;
let ada: string;
let ben: string;
let group: string;
beforeAll(async () => {
  test = await TestTenant.start();
  test.devices(1);
  self = test.tenant.servicePrincipalId;
  tools = test.tenant.administrationPrincipalId;
  [ada = "", ben = ""] = test.tenant.addUsers([
    { displayName: "Ada", userPrincipalName: "ada@contoso.example", accountEnabled: true },
    { displayName: "Ben", userPrincipalName: "ben@contoso.example", accountEnabled: true },
  ]);
});
beforeEach(async () => {
  await allow(DEFAULT_ROLES);
  group = await test.group("owned");
});
afterAll(() => test.discard());

async function allow(roles: readonly string[]): Promise<void> {
  test.tenant.authority.grant(roles);
  await test.signIn();
}

const add = (id: string, kind = "directoryObjects") =>
  test.post(`/v1.0/groups/${group}/owners/$ref`, { "@odata.id": `https://graph.microsoft.com/v1.0/${kind}/${id}` });
const remove = (id: string) => test.call("DELETE", `/v1.0/groups/${group}/owners/${id}/$ref`);
const refusal = (answer: Answer) => [answer.status, errorOf(answer).code, errorOf(answer).message];

async function owners(version = "beta"): Promise<unknown[]> {
  return items(await test.get(`/${version}/groups/${group}/owners?$select=id`)).map(({ id }) => id);
}

describe("owners of a group", () => {
  it("are the application that made it", async () => {
    expect(await owners()).toEqual([self]);
  });

  it("take users and service principals, named by any path", async () => {
    expect([(await add(ada, "users")).status, (await add(tools, "servicePrincipals")).status]).toEqual([204, 204]);
    expect(await owners()).toEqual([self, ada, tools]);
  });

  it("show no service principals in version 1.0", async () => {
    await add(ada);
    expect(await owners("v1.0")).toEqual([ada]);
    const { json } = await test.get(`/v1.0/groups/${group}?$select=id&$expand=owners($select=id)`);
    expect(json.owners).toEqual([{ "@odata.type": "#microsoft.graph.user", id: ada }]);
  });

  it("are told by id and type alone to who may not read their kind", async () => {
    await add(ada);
    const [principal, user] = items(await test.get(`/beta/groups/${group}/owners`));
    expect(principal).toEqual({
      "@odata.type": "#microsoft.graph.servicePrincipal",
      id: self,
      appId: null,
      displayName: null,
    });
    expect(user).toMatchObject({ "@odata.type": "#microsoft.graph.user", id: ada, displayName: null });
    await allow([...DEFAULT_ROLES, "Directory.Read.All"]);
    const [, known] = items(await test.get(`/beta/groups/${group}/owners`));
    expect(known).toMatchObject({ id: ada, displayName: "Ada" });
  });

  it("come with a list of groups that expands them, by 100 groups to a page whatever $top says", async () => {
    for (let nth = 0; nth < 100; nth++) await test.group(`many-${nth}`);
    await add(ada);
    const query = "$select=id&$expand=owners($select=id)&$top=999";
    const { json } = await test.get(`/beta/groups?${query}`);
    expect(json.value).toHaveLength(100);
    const rest = await test.get(String(json["@odata.nextLink"]));
    const all = [...(json.value as Record<string, unknown>[]), ...items(rest)];
    expect(all.find(({ id }) => id === group)?.owners).toEqual([
      { "@odata.type": "#microsoft.graph.servicePrincipal", id: self },
      { "@odata.type": "#microsoft.graph.user", id: ada },
    ]);
  });

  it("are refused twice, of another kind, or when they do not exist", async () => {
    await add(ada);
    const twice = "One or more added object references already exist for the following modified properties: 'owners'.";
    expect(refusal(await add(ada))).toEqual([400, "Request_BadRequest", twice]);
    const computer = device(0).objectId;
    const wrong = `The reference target 'Device_${computer}' of type 'Device' is invalid for the 'owners' reference.`;
    expect(refusal(await add(computer))).toEqual([400, "Request_BadRequest", wrong]);
    expect((await add(UNKNOWN)).status).toBe(404);
    expect((await test.post(`/v1.0/groups/${UNKNOWN}/owners/$ref`, {})).status).toBe(404);
  });

  it("leave one by one, but not the last of all", async () => {
    await add(tools);
    expect([(await remove(self)).status, await owners()]).toEqual([204, [tools]]);
    await allow([...DEFAULT_ROLES, "Group.ReadWrite.All"]);
    expect(refusal(await remove(tools))).toEqual([400, "Request_BadRequest", LAST]);
    expect((await remove(self)).status).toBe(404);
  });

  it("keep the last user even beside a service principal", async () => {
    await add(ada);
    await add(ben);
    expect((await remove(ada)).status).toBe(204);
    expect(refusal(await remove(ben))).toEqual([400, "Request_BadRequest", LAST]);
    expect(await owners()).toEqual([self, ben]);
  });

  it("lose a user that is deleted", async () => {
    const [cleo = ""] = test.tenant.addUsers([
      { displayName: "Cleo", userPrincipalName: "cleo@contoso.example", accountEnabled: true },
    ]);
    await add(cleo);
    await allow([...DEFAULT_ROLES, "User.ReadWrite.All"]);
    await test.call("DELETE", `/v1.0/users/${cleo}`);
    expect(await owners()).toEqual([self]);
  });

  it("may change, hand over and delete the group; another application needs the wider permission", async () => {
    await add(tools);
    await remove(self);
    const rename = () => test.call("PATCH", `/v1.0/groups/${group}`, { displayName: "Renamed" });
    const attempts = async () => [
      (await rename()).status,
      (await add(self)).status,
      (await remove(tools)).status,
      (await test.call("DELETE", `/v1.0/groups/${group}`)).status,
    ];
    expect(await attempts()).toEqual([403, 403, 403, 403]);
    await allow([...DEFAULT_ROLES, "Group.ReadWrite.All"]);
    expect(await attempts()).toEqual([204, 204, 204, 204]);
  });

  it("are nobody's to read without a permission for groups", async () => {
    await allow(["Device.Read.All"]);
    expect((await test.get(`/beta/groups/${group}/owners`)).status).toBe(403);
  });
});
