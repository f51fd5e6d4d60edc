import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AuditEntry } from "../../shared/audit/audit.js";
import { GROUP, type Ground, get, post, put, SCOPED, type Sent } from "../support/refusals/bad-call.js";
import { Callers } from "../support/refusals/callers.js";
import { malformed, unfitting } from "../support/refusals/what.js";
import { strangers, unentitled } from "../support/refusals/who.js";
import { digestOfTables } from "../support/tables.js";
import { runTo, startWorld, type World } from "../support/world.js";

/** The log of refusals, and the engine's own table, whose lease beats by wall time. */
const EXCEPT = ["Audit", "RingmasterDurable"];
const KEY = { "x-functions-key": "function-key-of-the-tests" };

let world: World;
let callers: Callers;
let ground: Ground;
beforeAll(async () => {
  world = await startWorld({
    from: "2024-06-11T16:00Z",
    devices: 8,
    durableTables: true,
    appSettings: { WEBSITE_AUTH_ENABLED: "True" },
  });
  callers = new Callers(world);
  await runTo(world, "2024-06-11T17:00Z");
  const first = async (path: string) => (await read<{ value: Record<string, string>[]; nextLink?: string }>(path)).body;
  const devices = await first("devices?top=2");
  ground = {
    callers,
    releaseId: (await first("releases")).value[0]?.id ?? "",
    contactId: (await first("tenant/contacts")).value[0]?.id ?? "",
    deviceId: devices.value[0]?.deviceId ?? "",
    continuation: new URLSearchParams(devices.nextLink?.split("?")[1]).get("continuation") ?? "",
    csrf: (await read<{ csrfToken: string }>("session", callers.session(["Administrator"]))).body.csrfToken,
  };
  await send(put(`roles/assignments/${SCOPED}`, { role: "Administrator", scopeTagIds: ["7"] }));
  expect((await send({ ...SYNC, ...withHeaders({ "idempotency-key": "once" }) })).status).toBe(202);
  await world.settle();
});
afterAll(() => world?.stop());

/** A call that is made with an idempotency key once. */
const SYNC = { method: "POST", path: "catalogue/sync" } as const;
const admin = () => callers.bearer({});

async function send(given: Sent) {
  const { method, path, headers = admin(), body, text, type = "application/json" } = given;
  const content = text ?? (body === undefined ? undefined : JSON.stringify(body));
  return fetch(`${world.api.url}/api/v1/${path}`, {
    method,
    headers: { ...KEY, ...(content === undefined ? {} : { "content-type": type }), ...headers },
    ...(content === undefined ? {} : { body: content }),
  });
}

async function read<T>(path: string, headers = admin()): Promise<{ body: T; etag: string | null }> {
  const answer = await send({ method: "GET", path, headers });
  return { body: (await answer.json()) as T, etag: answer.headers.get("etag") };
}

async function refusals(): Promise<AuditEntry[]> {
  return (await read<{ value: AuditEntry[] }>("audit?action=api.refuse&top=1000")).body.value;
}

const withHeaders = (headers: Record<string, string>) => ({ headers: { ...admin(), ...headers } });
const release = () => `releases/${ground.releaseId}`;

describe("A call is refused, and nothing changes:", () => {
  it.each([
    ["row 46: who proves nobody", 14, strangers],
    ["row 46: who may not", 22, unentitled],
    ["row 46: what is malformed", 24, malformed],
    ["row 46: what does not fit", 18, unfitting],
  ] as const)("%s", async (_title, atLeast, calls) => {
    const storage = world.storage.connectionString;
    const before = await digestOfTables(storage, EXCEPT);
    const bad = calls(ground);
    expect(bad.length).toBeGreaterThanOrEqual(atLeast);
    for (const given of bad) {
      const answer = await send(given);
      const problem = (await answer.json()) as Record<string, unknown>;
      const { status, code, field, title } = given;
      expect({ title, status: answer.status, code: problem.code, detail: problem.detail }).toMatchObject({
        title,
        status,
        code,
      });
      expect(answer.headers.get("content-type")).toBe("application/problem+json");
      if (field !== undefined) expect({ title, field: problem.field }).toEqual({ title, field });
    }
    await world.settle();
    expect(await digestOfTables(storage, EXCEPT)).toEqual(before);
    const noted = (await refusals()).map(({ evidence }) => `${evidence?.path} ${evidence?.code}`);
    for (const { path, method, status, code } of bad) {
      // Reading what there is not, or with a wrong question, is nobody's business but the caller's.
      if (method === "GET" && status !== 401 && status !== 403) continue;
      const at = noted.indexOf(`/api/v1/${path.split("?")[0]} ${code}`);
      expect({ path, code, noted: at >= 0 }).toEqual({ path, code, noted: true });
      noted.splice(at, 1);
    }
  });

  it("row 46: a refused change is in the audit log, with who wanted what, and a flood of them is not", async () => {
    const flood = callers.bearer({ oid: "0f9c5a1e-0000-4000-8000-00000000000f", name: "Floyd", roles: ["Reader"] });
    for (let i = 0; i < 90; i++)
      expect((await send({ ...post(`${release()}/pause`), headers: flood })).status).toBe(403);
    const entries = await refusals();
    const ofFloyd = entries.filter(({ actor }) => actor.name === "Floyd");
    expect(ofFloyd[0]).toMatchObject({
      target: "operation/releasesPause",
      evidence: { status: 403, code: "forbidden", operation: "releasesPause" },
    });
    expect(ofFloyd.length).toBeGreaterThanOrEqual(5);
    expect(ofFloyd.length).toBeLessThan(80);
    expect(entries.map(({ actor }) => actor.id)).toContain("unauthenticated");
    expect(JSON.stringify(entries)).not.toMatch(/Bearer|eyJ/);
  });
});

describe("What is in order is done", () => {
  it("with an idempotency key once, and answered the same again", async () => {
    const repeated = await send({ ...SYNC, headers: { ...admin(), "idempotency-key": "once" } });
    expect([repeated.status, repeated.headers.get("idempotency-replayed")]).toEqual([202, "true"]);
    const another = { ...callers.role("Operator"), "idempotency-key": "once" };
    expect((await send({ ...SYNC, headers: another })).headers.has("idempotency-replayed")).toBe(true);
  });

  it("for who saw what there is: nothing is read again, and a command goes through", async () => {
    const { etag } = await read(release());
    expect(etag).toMatch(/^".+\..+"$/);
    const again = await send({ ...get(release()), ...withHeaders({ "if-none-match": etag ?? "" }) });
    expect([again.status, await again.text()]).toEqual([304, ""]);
    const command = await send({ ...post(`${release()}/pause`), ...withHeaders({ "if-match": etag ?? "" }) });
    expect(command.status).toBe(202);
    await world.settle();
    const late = await send({ ...post(`${release()}/resume`), ...withHeaders({ "if-match": etag ?? "" }) });
    expect(late.status).toBe(412);
  });

  it.each([
    ["a role assignment", () => `roles/assignments/${SCOPED}`, { role: "Reader", scopeTagIds: ["8"] }],
    ["an admin contact", () => `tenant/contacts/${ground.contactId}`, undefined],
    ["an Autopatch group", () => GROUP, undefined],
  ])("for who saw %s as it is, once", async (_what, path, change) => {
    const { body, etag } = await read<Record<string, unknown>>(path());
    const changed = {
      ...put(path(), change ?? { ...body, name: "Grace" }),
      ...withHeaders({ "if-match": etag ?? "" }),
    };
    expect((await send(changed)).status).toBe(200);
    expect((await send(changed)).status).toBe(412);
  });

  it("for who saw a ring of the release, which its commands take", async () => {
    const ring = `${release()}/rings/Ring3`;
    const { etag } = await read(ring);
    const resume = { ...post(`${ring}/resume`), ...withHeaders({ "if-match": etag ?? "" }) };
    expect((await send(resume)).status).toBe(202);
    await world.settle();
    expect((await send(resume)).status).toBe(412);
  });

  it("in a browser session with its CSRF token", async () => {
    const headers = { ...callers.session(["Administrator"]), "x-csrf-token": ground.csrf };
    expect((await send({ ...post(`${release()}/resume`), headers })).status).toBe(202);
  });

  it("by a method of the path, which a refusal names", async () => {
    const answer = await send({ method: "PATCH", path: GROUP });
    expect(answer.headers.get("allow")).toBe("GET, PUT, DELETE");
  });
});
