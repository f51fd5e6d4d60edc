import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Answer, device, errorOf, items, TestTenant } from "./support.js";

let test: TestTenant;
const ids = Array.from({ length: 6 }, (_, nth) => device(nth).objectId);

beforeAll(async () => {
  test = await TestTenant.start();
  test.devices(6);
});
afterAll(() => test.discard());

const follow = (answer: Answer) => test.get(String(answer.json["@odata.deltaLink"]));
const MEMBERS = "/v1.0/groups/delta?$select=displayName,members";
const named = (...groups: string[]) => `&$filter=${groups.map((id) => `id eq '${id}'`).join(" or ")}`;

describe("delta of groups", () => {
  it("tells after a full round only what changed since", async () => {
    const id = await test.group("delta", ids.slice(0, 2));
    const full = await test.get(MEMBERS);
    expect(items(full).find((group) => group.id === id)?.["members@delta"]).toHaveLength(2);
    await test.call("DELETE", `/v1.0/groups/${id}/members/${ids[0]}/$ref`);
    expect(items(await follow(full))).toMatchObject([
      { id, "members@delta": [{ id: ids[0], "@removed": { reason: "deleted" } }] },
    ]);
  });

  it("leaves members out when they are not selected", async () => {
    const id = await test.group("unselected", ids.slice(0, 1));
    const full = await test.get("/v1.0/groups/delta?$select=displayName");
    expect(items(full).find((group) => group.id === id)).toEqual({ id, displayName: "unselected" });
    await test.call("DELETE", `/v1.0/groups/${id}/members/${ids[0]}/$ref`);
    expect(items(await follow(full))).toEqual([]);
  });

  it("types the members it adds", async () => {
    const inner = await test.group("delta-inner");
    const [user = ""] = test.tenant.addUsers([
      { displayName: "Ada", userPrincipalName: "ada@x.test", accountEnabled: true },
    ]);
    const id = await test.group("delta-mixed", [inner, user, ids[1] ?? ""]);
    const [group] = items(await test.get(MEMBERS + named(id)));
    expect(group?.["members@delta"]).toEqual([
      { "@odata.type": "#microsoft.graph.group", id: inner },
      { "@odata.type": "#microsoft.graph.user", id: user },
      { "@odata.type": "#microsoft.graph.device", id: ids[1] },
    ]);
  });

  it("follows only the groups that the filter names", async () => {
    const [one, two] = [await test.group("followed"), await test.group("not followed".replace(" ", "-"))];
    const full = await test.get(MEMBERS + named(one));
    expect(items(full).map(({ id }) => id)).toEqual([one]);
    for (const id of [one, two]) await test.call("PATCH", `/v1.0/groups/${id}`, { displayName: "Renamed" });
    expect(items(await follow(full))).toEqual([{ id: one, displayName: "Renamed" }]);
  });

  it("takes fifty ids in its filter and refuses fifty-one", async () => {
    const many = (count: number) => Array.from({ length: count }, (_, nth) => device(nth).objectId);
    expect((await test.get(MEMBERS + named(...many(50)))).status).toBe(200);
    expect((await test.get(MEMBERS + named(...many(51)))).status).toBe(400);
  });

  it("refuses any other filter", async () => {
    expect((await test.get(`${MEMBERS}&$filter=startswith(displayName,'a')`)).status).toBe(400);
  });

  it("begins now with the token `latest`", async () => {
    const id = await test.group("latest");
    const start = await test.get(`${MEMBERS}&$deltatoken=latest`);
    expect(items(start)).toEqual([]);
    await test.call("PATCH", `/v1.0/groups/${id}`, {
      "members@odata.bind": [`https://graph.microsoft.com/v1.0/directoryObjects/${ids[2]}`],
    });
    expect(items(await follow(start))).toMatchObject([{ id, "members@delta": [{ id: ids[2] }] }]);
  });

  it("names deleted groups", async () => {
    const id = await test.group("doomed");
    const start = await test.get("/v1.0/groups/delta?$deltatoken=latest");
    await test.call("DELETE", `/v1.0/groups/${id}`);
    expect(items(await follow(start))).toEqual([{ id, "@removed": { reason: "deleted" } }]);
  });
});

describe("delta of devices", () => {
  it("tells which devices reported", async () => {
    const start = await test.get("/v1.0/devices/delta?$deltatoken=latest");
    test.tenant.reportInventory(device(5).deviceId, { osVersion: "10.0.22631.3737" });
    expect(items(await follow(start))).toMatchObject([{ id: ids[5], operatingSystemVersion: "10.0.22631.3737" }]);
  });

  it("answers 410 to a token older than seven days, with where to start again", async () => {
    const start = await test.get("/v1.0/devices/delta?$select=deviceId&$deltatoken=latest");
    test.pass(7 * 86_400 + 1);
    const answer = await follow(start);
    expect([answer.status, errorOf(answer).code]).toEqual([410, "syncStateNotFound"]);
    expect(items(await test.get(String(answer.headers.location)))).toHaveLength(6);
  });
});
