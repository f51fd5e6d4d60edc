import { describe, expect, it } from "vitest";
import { z } from "zod";
import { AppError } from "../../../../shared/errors.js";
import { scopeOf } from "../../../../shared/graph/client.js";
import { transport } from "../../../../shared/graph/transport.js";
import { wall } from "../../../../shared/wall.js";
import { errorBody, script } from "./scripted.js";

const named = z.object({ id: z.string() });

async function failure(call: Promise<unknown>): Promise<AppError> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof AppError) return error;
  throw new Error(`expected an AppError, got ${String(error)}`);
}

describe("requests", () => {
  it("carry the token, ask for unknown enum members and use beta unless told otherwise", async () => {
    const { graph, sent } = script({ on: "GET /beta/x", body: { id: "1" } }, { on: "GET /v1.0/x", body: { id: "1" } });
    await graph.get("/x", { schema: named });
    await graph.get("/x", { schema: named, version: "v1.0" });
    expect(sent[0]?.headers.get("authorization")).toBe("Bearer token-1");
    expect(sent[0]?.headers.get("prefer")).toBe("include-unknown-enum-members");
  });

  it("have a client-request-id of their own each", async () => {
    const { graph, sent } = script({ on: "GET /beta/x", body: { id: "1" } }, { on: "GET /beta/x", body: { id: "1" } });
    await graph.get("/x", { schema: named });
    await graph.get("/x", { schema: named });
    const ids = sent.map(({ headers }) => headers.get("client-request-id"));
    expect(new Set(ids).size).toBe(2);
    expect(ids.every((id) => z.guid().safeParse(id).success)).toBe(true);
  });

  it("encode OData options and keep type-cast paths intact", async () => {
    const { graph, finished } = script({
      on: "GET /beta/x?$filter=isof('a.b') and a.b/c eq true&$top=1",
      body: { value: [] },
    });
    await graph.list("/x", { schema: named, query: { $filter: "isof('a.b') and a.b/c eq true", $top: 1 } });
    finished();
  });

  it("to a root without HTTPS are refused, because the client would send no token", () => {
    const tokens = { token: async () => "t", renew: () => undefined };
    expect(() => transport({ baseUrl: "http://localhost:1/", tokens })).toThrow(/GRAPH_BASE_URL.*HTTPS/);
  });
});

describe("accepted writes", () => {
  it.each([
    ["202 without a body", { status: 202 }],
    [
      "202 typed as JSON with an empty body",
      { status: 202, text: "", headers: { "Content-Type": "application/json" } },
    ],
    ["204", { status: 204 }],
  ])("%s is an answer without body", async (_name, answer) => {
    const { graph } = script({ on: "POST /beta/x", ...answer });
    expect(await graph.post("/x", {})).toEqual({ status: answer.status, body: undefined });
  });
});

describe("failures", () => {
  it.each([
    [400, "invalid_input"],
    [403, "forbidden"],
    [404, "not_found"],
    [405, "unsupported"],
    [409, "conflict"],
    [410, "gone"],
    [429, "throttled"],
    [500, "unavailable"],
    [503, "unavailable"],
    [504, "unavailable"],
  ] as const)("status %i is %s", async (status, code) => {
    const { graph } = script({ on: "GET /beta/x", status, body: errorBody("AnyCode") });
    expect((await failure(graph.get("/x", { schema: named }))).code).toBe(code);
  });

  it("name the call, what Graph said and its request id", async () => {
    const { graph } = script({ on: "GET /beta/x?$top=1", status: 403, body: errorBody("accessDenied", "No consent.") });
    const error = await failure(graph.get("/x", { schema: named, query: { $top: 1 } }));
    expect(error.message).toMatch(/GET \/x .*403, accessDenied, request 3f1d.*"No consent\."/);
    expect(error.details).toMatchObject({ path: "/x", status: 403, graphCode: "accessDenied" });
  });

  it("unpack the JSON text that Intune puts into a message", async () => {
    const message = JSON.stringify({ _version: 3, Message: 'Ring "A" is invalid', RetryAfter: null });
    const { graph } = script({ on: "GET /beta/x", status: 400, body: errorBody("BadRequest", message) });
    expect((await failure(graph.get("/x", { schema: named }))).message).toContain('"Ring "A" is invalid"');
  });

  it("tell how long to wait when Graph says so in seconds", async () => {
    const { graph } = script({ on: "POST /beta/x", status: 429, headers: { "Retry-After": "17" } });
    expect((await failure(graph.post("/x", {}))).retryAfterSeconds).toBe(17);
  });

  it("tell how long to wait when Graph says so as a date, counted from now", async () => {
    const date = new Date(wall.now() + 90_000).toUTCString();
    const { graph } = script({ on: "POST /beta/x", status: 503, headers: { "Retry-After": date } });
    const seconds = (await failure(graph.post("/x", {}))).retryAfterSeconds ?? 0;
    expect(seconds).toBeGreaterThan(60);
    expect(seconds).toBeLessThanOrEqual(90);
  });

  it("counts a date in Retry-After from the date of the answer, whatever this machine's clock says", async () => {
    const headers = { Date: "Wed, 05 Jun 2024 10:00:00 GMT", "Retry-After": "Wed, 05 Jun 2024 10:00:20 GMT" };
    const { graph } = script({ on: "POST /beta/x", status: 429, headers });
    await expect(graph.post("/x", {})).rejects.toMatchObject({ code: "throttled", retryAfterSeconds: 20 });
  });

  it("are never repeated by the client, not even 503", async () => {
    const { graph, sent } = script({ on: "POST /beta/x", status: 503 });
    await failure(graph.post("/x", {}));
    expect(sent).toHaveLength(1);
  });

  it("of the network are unavailable", async () => {
    const { graph } = script({ on: "GET /beta/x", breaks: true });
    const error = await failure(graph.get("/x", { schema: named }));
    expect(error.code).toBe("unavailable");
    expect(error.message).toContain("GET /x");
  });

  it("in the middle of the JSON text are unavailable", async () => {
    const { graph } = script({ on: "GET /beta/x", text: '{"id": "1' });
    expect((await failure(graph.get("/x", { schema: named }))).code).toBe("unavailable");
  });

  it("of form name the field", async () => {
    const { graph } = script({ on: "GET /beta/x", body: { id: 7 } });
    const error = await failure(graph.get("/x", { schema: named }));
    expect([error.code, error.field]).toEqual(["unsupported", "id"]);
  });
});

describe("a token that went stale", () => {
  it("is renewed once and the call repeated", async () => {
    const { graph, tokens, sent } = script(
      { on: "GET /beta/x", status: 401, body: errorBody("InvalidAuthenticationToken") },
      { on: "GET /beta/x", body: { id: "1" } },
    );
    await graph.get("/x", { schema: named });
    expect(tokens).toEqual(["token-1", "token-2"]);
    expect(sent[1]?.headers.get("authorization")).toBe("Bearer token-2");
  });

  it("fails as unauthenticated when the fresh one is refused too", async () => {
    const { graph, sent } = script({ on: "GET /beta/x", status: 401 }, { on: "GET /beta/x", status: 401 });
    expect((await failure(graph.get("/x", { schema: named }))).code).toBe("unauthenticated");
    expect(sent).toHaveLength(2);
  });
});

describe("paging", () => {
  it("follows nextLink through an empty page and drops items that come twice", async () => {
    const next = (token: string) => `https://graph.microsoft.com/beta/x?$skiptoken=${token}`;
    const { graph, finished } = script(
      { on: "GET /beta/x?$top=2", body: { value: [{ id: "1" }, { id: "2" }], "@odata.nextLink": next("a") } },
      { on: "GET /beta/x?$skiptoken=a", body: { value: [], "@odata.nextLink": next("b") } },
      { on: "GET /beta/x?$skiptoken=b", body: { value: [{ id: "2" }, { id: "3" }] } },
    );
    const items = await graph.list("/x", { schema: named, query: { $top: 2 } });
    expect(items.map(({ id }) => id)).toEqual(["1", "2", "3"]);
    finished();
  });

  it("keeps the headers of the first request and leaves out hollow items", async () => {
    const { graph, sent } = script(
      {
        on: "GET /v1.0/x",
        body: { value: [null], "@odata.nextLink": "https://graph.microsoft.com/v1.0/x?$skiptoken=a" },
      },
      { on: "GET /v1.0/x?$skiptoken=a", body: { value: [{ id: "1" }] } },
    );
    const items = await graph.list("/x", { schema: named, version: "v1.0", headers: { ConsistencyLevel: "eventual" } });
    expect(items).toEqual([{ id: "1" }]);
    expect(sent[1]?.headers.get("consistencylevel")).toBe("eventual");
  });
});

describe("token scope", () => {
  it.each([
    ["https://graph.microsoft.com/", "https://graph.microsoft.com/.default"],
    ["https://dod-graph.microsoft.us/", "https://dod-graph.microsoft.us/.default"],
    ["https://localhost:8443/", "https://graph.microsoft.com/.default"],
  ])("of %s is %s", (baseUrl, scope) => {
    expect(scopeOf(baseUrl)).toBe(scope);
  });
});
