import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { errorOf, groupBody, INTUNE, items, TestTenant, UPDATES } from "./support.js";

let test: TestTenant;
beforeAll(async () => {
  test = await TestTenant.start();
  test.devices(25);
});
afterAll(() => test.discard());

describe("Graph's conventions", () => {
  it("answers both versions", async () => {
    const answers = await Promise.all([test.get("/v1.0/devices"), test.get("/beta/devices")]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  });

  it("knows Windows updates in beta only", async () => {
    expect((await test.get("/v1.0/admin/windows/updates/policies")).status).toBe(400);
  });

  it("accepts a key in parentheses as well as in the path", async () => {
    const id = await test.group("keys");
    const answer = await test.get(`/v1.0/groups('${id}')`);
    expect(answer.json).toMatchObject({ id, displayName: "keys" });
  });

  it("accepts qualified names of actions, in any case", async () => {
    const { json } = await test.post(`${INTUNE}/deviceConfigurations`, ring({ qualityUpdatesPaused: true }));
    const path = `${INTUNE}/deviceConfigurations/${json.id}/microsoft.graph.ExtendQualityUpdatesPause`;
    expect((await test.post(path, {})).status).toBe(204);
  });

  it("echoes client-request-id and sends a request-id", async () => {
    const { headers } = await test.get("/v1.0/organization", { "client-request-id": "mine" });
    expect(headers).toMatchObject({ "client-request-id": "mine", "odata-version": "4.0" });
    expect(headers["request-id"]).toMatch(/^[0-9a-f-]{36}$/);
  });

  it("sends an empty 204 without a content type", async () => {
    const answer = await test.call("DELETE", `/v1.0/groups/${await test.group("gone")}`);
    expect([answer.status, answer.headers["content-type"], answer.text]).toEqual([204, undefined, ""]);
  });

  it("wraps errors in Graph's envelope with the ids of the request", async () => {
    const answer = await test.get("/v1.0/groups/00000000-0000-4000-a000-000000000000", { "client-request-id": "mine" });
    expect(answer.status).toBe(404);
    expect(errorOf(answer)).toMatchObject({
      code: "Request_ResourceNotFound",
      innerError: { "client-request-id": "mine" },
    });
  });

  it("packs a JSON text into the message of an Intune error", async () => {
    const answer = await test.get(`${INTUNE}/deviceConfigurations/none`);
    expect(JSON.parse(errorOf(answer).message)).toMatchObject({
      _version: 3,
      Message: "Resource 'none' was not found.",
    });
  });

  it("answers 400 for a path it does not know", async () => {
    const answer = await test.get("/v1.0/unheardOf");
    expect([answer.status, errorOf(answer).code]).toEqual([400, "BadRequest"]);
  });

  it("answers 405 for a method a known path does not have", async () => {
    expect((await test.call("PATCH", "/v1.0/devices", {})).status).toBe(405);
  });

  it("answers 400 for a body that is no JSON", async () => {
    const { authorization } = await bearer();
    const answer = await test.send("POST", "/v1.0/groups", "{", { authorization, "content-type": "application/json" });
    expect(answer.status).toBe(400);
  });

  it("ignores unknown properties without a word", async () => {
    const answer = await test.post("/v1.0/groups", { ...groupBody("extra"), colour: "blue" });
    expect(answer.status).toBe(201);
    expect(answer.json).not.toHaveProperty("colour");
  });
});

describe("OData options", () => {
  it("refuses an option it does not know", async () => {
    expect((await test.get(`${UPDATES}/catalog/entries?$apply=x`)).status).toBe(400);
  });

  it.each([
    ["displayName eq 'PC-7'", 1],
    ["startswith(displayName,'PC-1')", 11],
    ["startswith(displayName,'pc-1') and operatingSystem eq 'Windows'", 11],
    ["displayName eq 'PC-1' or displayName eq 'PC-2'", 2],
    ["displayName in ('PC-1','PC-3','none')", 2],
    ["(displayName eq 'PC-1') and accountEnabled eq false", 0],
    ["approximateLastSignInDateTime le 2024-06-11T08:00:00Z", 25],
    ["approximateLastSignInDateTime gt 2024-06-11T08:00:00Z", 0],
  ])("filters by %s", async (filter, count) => {
    const answer = await test.get(`/v1.0/devices?$filter=${filter}`);
    expect(items(answer)).toHaveLength(count);
  });

  it.each(["displayName eq", "displayName is 'x'", "nobody eq 'x'", "upper(displayName) eq 'x'"])(
    "refuses the filter %s",
    async (filter) => {
      expect((await test.get(`/v1.0/devices?$filter=${filter}`)).status).toBe(400);
    },
  );

  it("keeps only what is selected", async () => {
    const answer = await test.get("/v1.0/devices?$select=id,displayName&$top=1");
    expect(Object.keys(items(answer)[0] ?? {})).toEqual(["id", "displayName"]);
  });

  it("needs ConsistencyLevel and $count for advanced queries on the directory", async () => {
    const path = "/v1.0/devices?$filter=displayName ne 'PC-1'";
    const refused = await test.get(path);
    expect([refused.status, errorOf(refused).code]).toEqual([400, "Request_UnsupportedQuery"]);
    const answered = await test.get(`${path}&$count=true`, { ConsistencyLevel: "eventual" });
    expect(answered.json["@odata.count"]).toBe(24);
  });

  it("counts as plain text", async () => {
    const answer = await test.get("/v1.0/devices/$count", { ConsistencyLevel: "eventual" });
    expect([answer.headers["content-type"], answer.text]).toEqual(["text/plain", "25"]);
  });
});

describe("paging", () => {
  it("links page to page until every item was sent once", async () => {
    const seen: unknown[] = [];
    let path: string | undefined = `${INTUNE}/managedDevices?$filter=operatingSystem eq 'Windows'&$select=id&$top=10`;
    while (path !== undefined) {
      const answer: Awaited<ReturnType<typeof test.get>> = await test.get(path);
      seen.push(...items(answer).map(({ id }) => id));
      path = answer.json["@odata.nextLink"] as string | undefined;
    }
    expect(seen).toHaveLength(25);
    expect(new Set(seen).size).toBe(25);
  });

  it("does not reveal a position in its links", async () => {
    const { json } = await test.get("/v1.0/devices?$top=10");
    expect(new URL(String(json["@odata.nextLink"])).searchParams.get("$skiptoken")).toMatch(/^[\w-]+$/);
  });

  it("refuses a skip token it did not make", async () => {
    expect((await test.get("/v1.0/devices?$skiptoken=abc")).status).toBe(400);
  });
});

async function bearer(): Promise<{ authorization: string }> {
  const { clientId: client_id, clientSecret: client_secret } = test.tenant.credentials;
  const { json } = await test.askToken({ client_id, client_secret });
  return { authorization: `Bearer ${json.access_token}` };
}

function ring(settings: object): object {
  return { "@odata.type": "#microsoft.graph.windowsUpdateForBusinessConfiguration", displayName: "Ring", ...settings };
}
