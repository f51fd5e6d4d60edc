import { describe, expect, it } from "vitest";
import { ApiClient, Refused } from "../../../../functions/api/client.js";

const paths = {
  "/api/v1/groups/{groupId}": { get: { operationId: "groupsGet" }, delete: { operationId: "groupsDelete" } },
  "/api/v1/devices": { get: { operationId: "devicesList" } },
  "/api/v1/tenant/assessment": { post: { operationId: "assessmentRun" } },
};

/** A client of an app that answers so, and what it was asked. */
function clientOf(
  answer: (url: URL) => { status?: number; body: unknown; headers?: Record<string, string> },
  describe = () => ({ status: 200, body: { paths } as unknown }),
) {
  const asked: { method: string; url: string; headers: Headers; body: unknown }[] = [];
  const client = new ApiClient({
    url: "http://app",
    headers: () => ({ authorization: "Bearer x" }),
    fetch: async (input, init) => {
      const url = new URL(String(input));
      const described = url.pathname === "/api/v1/openapi.json";
      const { status = 200, body, headers = {} } = described ? { ...describe(), headers: {} } : answer(url);
      const { method = "GET", headers: sent, body: content } = init ?? {};
      if (!described) asked.push({ method, url: url.href, headers: new Headers(sent), body: content });
      return new Response(JSON.stringify(body), {
        status,
        headers: { "content-type": "application/json", ...headers },
      });
    },
  });
  return { client, asked };
}

describe("the client of the API", () => {
  it("fills paths and queries, and sends bodies and headers", async () => {
    const { client, asked } = clientOf(() => ({ body: {}, headers: { etag: '"1"' } }));
    const { etag } = await client.call("groupsGet", { path: { groupId: "a/b" }, headers: { "if-none-match": '"0"' } });
    await client.call("devicesList", { query: { ring: "Ring 1", top: 5 } });
    await client.call("assessmentRun", { body: { optionalChecks: true } });
    expect(etag).toBe('"1"');
    expect(asked.map(({ method, url, body }) => [method, url, body])).toEqual([
      ["GET", "http://app/api/v1/groups/a%2Fb", undefined],
      ["GET", "http://app/api/v1/devices?ring=Ring+1&top=5", undefined],
      ["POST", "http://app/api/v1/tenant/assessment", '{"optionalChecks":true}'],
    ]);
    expect(asked[0]?.headers.get("if-none-match")).toBe('"0"');
    expect(asked[2]?.headers.get("authorization")).toBe("Bearer x");
  });

  it("follows the pages of a list", async () => {
    const { client } = clientOf(({ search }) =>
      search === ""
        ? { body: { value: [1, 2], nextLink: "/api/v1/devices?continuation=2" } }
        : { body: { value: [3] } },
    );
    expect(await client.all("devicesList")).toEqual([1, 2, 3]);
  });

  it("sends its headers with every page", async () => {
    const { client, asked } = clientOf(({ search }) =>
      search === "" ? { body: { value: [1], nextLink: "/api/v1/devices?continuation=1" } } : { body: { value: [2] } },
    );
    await client.all("devicesList", { headers: { "x-csrf-token": "t" } });
    expect(asked.map(({ headers }) => headers.get("x-csrf-token"))).toEqual(["t", "t"]);
  });

  it("asks again what there is to call after an app that was away", async () => {
    const answers = [503, 200];
    const { client } = clientOf(
      () => ({ body: { value: [1] } }),
      () => ({ status: answers.shift() ?? 0, body: { paths } }),
    );
    await expect(client.all("devicesList")).rejects.toMatchObject({ status: 503 });
    expect(await client.all("devicesList")).toEqual([1]);
  });

  it("throws what a refusal says", async () => {
    const problem = { code: "conflict", detail: "It is in a release." };
    const { client } = clientOf(() => ({
      status: 409,
      body: problem,
      headers: { "content-type": "application/problem+json" },
    }));
    const refused = await client.call("groupsDelete", { path: { groupId: "g" } }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(Refused);
    expect(refused).toMatchObject({ status: 409, problem, message: "409: It is in a release." });
  });

  it("knows the types of every operation", async () => {
    const { client } = clientOf(() => ({ body: { value: [], definition: { rings: [] } } }));
    const { body } = await client.call("groupsGet", { path: { groupId: "g" } });
    const rings: readonly { readonly name: string }[] = body.definition.rings;
    const devices: readonly { readonly deviceId: string }[] = await client.all("devicesList");
    expect([rings, devices]).toEqual([[], []]);
    const wrong = [
      // @ts-expect-error: there is no such operation
      () => client.call("groupsExplode"),
      // @ts-expect-error: the path needs its parameter
      () => client.call("groupsGet"),
      // @ts-expect-error: the parameter has another name
      () => client.call("groupsGet", { path: { id: "g" } }),
      // @ts-expect-error: the field is a boolean
      () => client.call("assessmentRun", { body: { optionalChecks: "yes" } }),
      // @ts-expect-error: the query has no such parameter
      () => client.call("devicesList", { query: { limit: 5 } }),
    ];
    expect(wrong).toHaveLength(5);
  });
});
