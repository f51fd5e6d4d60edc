import { beforeEach, describe, expect, it, vi } from "vitest";
import { AppError } from "../../../../shared/errors.js";
import { operationCalls } from "../../../support/operation-calls.js";

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
const send = operationCalls();
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

route({
  name: "lost",
  method: "GET",
  path: "lost",
  role: "Reader",
  act: "read",
  answer: { about: "Things." },
  run: async () => {
    throw new AppError("not_found", "There is nothing.");
  },
});

let now = 0;
beforeEach(() => {
  now += 3_600_000;
  written.entries = [];
  vi.spyOn(wall, "monotonic").mockImplementation(() => now);
});

const call = (name: "read" | "write" | "lost", who: string | null) =>
  send(name, { headers: who === null ? {} : { authorization: who } });

async function statuses(
  name: "read" | "write" | "lost",
  who: string | null,
  count: number,
): Promise<(number | undefined)[]> {
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
  it("is in the audit log, with who wanted what", async () => {
    expect(await statuses("write", "ada", 1)).toEqual([403]);
    await call("read", "ada");
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
    const refused = await statuses("write", "flo", 30);
    for (let second = 0; second < 50; second++) {
      now += 1000;
      refused.push(...(await statuses("write", "flo", 2)));
    }
    expect(refused.filter((status) => status === 403)).toHaveLength(80);
    expect(written.entries).toHaveLength(60);
    now += 3_600_000;
    await statuses("write", "ada", 1);
    expect(written.entries.at(-1)).toMatchObject({ actor: { id: "ada" }, evidence: { leftOut: 80 - 60 } });
    await statuses("write", "ada", 1);
    expect(written.entries.at(-1)).not.toHaveProperty("evidence.leftOut");
  });

  it("by many at once does not fill the log", async () => {
    for (let i = 0; i < 400; i++) await statuses("write", `bot ${i}`, 3);
    expect(written.entries.length).toBe(300);
  });

  it("of a person without any role names the person", async () => {
    await statuses("write", "roleless", 1);
    expect(written.entries).toMatchObject([{ actor: { id: "roleless", name: "Nina" } }]);
  });

  it("with the function key alone is in the audit log too", async () => {
    await statuses("write", "function-key", 1);
    expect(written.entries).toMatchObject([{ actor: { id: "function-key" }, evidence: { status: 403 } }]);
  });

  it("and reading without a valid sign-in are, reading what there is not is not", async () => {
    expect(await statuses("read", null, 1)).toEqual([401]);
    expect(await statuses("lost", "ada", 1)).toEqual([404]);
    expect(written.entries).toMatchObject([{ actor: { id: "unauthenticated" }, evidence: { operation: "read" } }]);
  });
});
