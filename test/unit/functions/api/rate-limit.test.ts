import type { HttpFunctionOptions, HttpResponseInit } from "@azure/functions";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { AppError } from "../../../../shared/errors.js";

type Handler = (request: object, context: object) => Promise<HttpResponseInit>;

const handlers = new Map<string, Handler>();
vi.mock("@azure/functions", () => ({
  app: {
    http: (name: string, options: HttpFunctionOptions) => handlers.set(name, options.handler as unknown as Handler),
  },
}));
vi.mock("durable-functions", () => ({ input: { durableClient: () => ({}) }, getClient: () => ({}) }));
vi.mock("../../../../shared/tenant/state.js", () => ({ requireActiveTenant: async () => undefined }));
const written = vi.hoisted(() => ({ entries: [] as { readonly actor: { readonly id: string } }[] }));
vi.mock("../../../../shared/audit/audit.js", () => ({
  audit: async (entry: { readonly actor: { readonly id: string } }) => written.entries.push(entry),
}));
vi.mock("../../../../shared/access/caller.js", () => ({
  callerOf: async (headers: Headers) => {
    const id = headers.get("authorization");
    if (id === null) throw new AppError("unauthenticated", "Nobody.");
    if (id === "roleless") throw new AppError("forbidden", "No role.", { details: { person: { id, name: "Nina" } } });
    const rights = { groups: "Reader", policies: "Reader", tenant: "Reader" };
    return { actor: { id, name: id, rights, scopeTagIds: "all" }, via: "token" };
  },
}));
vi.stubEnv("API_RATE_PER_MINUTE", "60");
vi.stubEnv("API_RATE_BURST", "30");
const { wall } = await import("../../../../shared/wall.js");
const { json, route } = await import("../../../../functions/api/route.js");

route({
  name: "read",
  method: "GET",
  path: "things",
  role: "Reader",
  act: "read",
  answer: { about: "Things." },
  run: async () => json({}),
});
route({
  name: "write",
  method: "POST",
  path: "things",
  role: "Administrator",
  act: "write",
  answer: { about: "Things." },
  run: async () => json({}),
});

let now = 0;
beforeEach(() => {
  now += 3_600_000;
  written.entries = [];
  vi.spyOn(wall, "monotonic").mockImplementation(() => now);
});

async function call(name: "read" | "write", who: string | null) {
  const headers = new Headers(who === null ? {} : { authorization: who });
  const method = name === "read" ? "GET" : "POST";
  const request = {
    headers,
    params: {},
    query: new URLSearchParams(),
    method,
    url: "http://app/api/v1/things",
    text: async () => "",
  };
  const reply = await handlers.get(name)?.(request, { error: () => undefined });
  return {
    status: reply?.status,
    headers: new Headers(reply?.headers as Record<string, string>),
    body: JSON.parse(String(reply?.body)) as Record<string, unknown>,
  };
}

async function statuses(name: "read" | "write", who: string | null, count: number): Promise<(number | undefined)[]> {
  const found = [];
  for (let i = 0; i < count; i++) found.push((await call(name, who)).status);
  return found;
}

describe("a caller", () => {
  it("is told how many calls are left, and refused when there are none, until some have come back", async () => {
    const { headers } = await call("read", "ada");
    expect([
      headers.get("ratelimit-limit"),
      headers.get("ratelimit-remaining"),
      headers.get("ratelimit-reset"),
    ]).toEqual(["60", "29", "1"]);
    expect((await statuses("read", "ada", 29)).every((status) => status === 200)).toBe(true);
    const refused = await call("read", "ada");
    expect([refused.status, refused.body.code, refused.headers.get("retry-after")]).toEqual([429, "throttled", "1"]);
    expect(refused.headers.get("ratelimit-remaining")).toBe("0");
    now += 1000;
    expect(await statuses("read", "ada", 2)).toEqual([200, 429]);
  });

  it("does not pay for others", async () => {
    await statuses("read", "ada", 31);
    expect((await call("read", "ben")).status).toBe(200);
  });

  it("who proves nobody pays with all others who do not", async () => {
    expect(new Set(await statuses("read", null, 30))).toEqual(new Set([401]));
    expect((await call("read", null)).status).toBe(429);
    expect((await call("read", "ada")).status).toBe(200);
  });
});

describe("a refused change", () => {
  it("is in the audit log, a refused or allowed reading is not", async () => {
    expect(await statuses("write", "ada", 1)).toEqual([403]);
    await call("read", "ada");
    await call("read", null);
    expect(written.entries).toEqual([
      expect.objectContaining({
        actor: expect.objectContaining({ id: "ada" }),
        action: "api.refuse",
        target: "operation/write",
        evidence: { operation: "write", path: "/api/v1/things", status: 403, code: "forbidden" },
      }),
    ]);
  });

  it("again and again is noted some times, and throttling never", async () => {
    await statuses("write", "flo", 60);
    expect(written.entries.length).toBe(20);
    await statuses("write", null, 60);
    expect(written.entries.filter(({ actor }) => actor.id === "unauthenticated")).toHaveLength(20);
  });

  it("by many at once does not fill the log", async () => {
    for (let i = 0; i < 300; i++) await statuses("write", `bot ${i}`, 3);
    expect(written.entries.length).toBe(200);
  });

  it("of a person without any role names the person", async () => {
    await statuses("write", "roleless", 1);
    expect(written.entries).toMatchObject([{ actor: { id: "roleless", name: "Nina" } }]);
  });

  it("by the function key alone says nothing about anybody", async () => {
    await statuses("write", "function-key", 3);
    expect(written.entries).toEqual([]);
  });
});
