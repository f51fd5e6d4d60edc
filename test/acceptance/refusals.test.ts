import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AuditEntry } from "../../shared/audit/audit.js";
import { type BadCall, Callers } from "../support/refusals.js";
import { digestOfTables } from "../support/tables.js";
import { runTo, startWorld, type World } from "../support/world.js";

const GROUP = "groups/workforce";
const GUID = "0f9c5a1e-0000-4000-8000-000000000000";
const KEY = { "x-functions-key": "function-key-of-the-tests" };

let world: World;
let callers: Callers;
let releaseId: string;
let deviceId: string;
let contactId: string;
let continuation: string;
let csrf: string;
beforeAll(async () => {
  world = await startWorld({
    from: "2024-06-11T16:00Z",
    devices: 8,
    appSettings: { WEBSITE_AUTH_ENABLED: "True" },
  });
  callers = new Callers(world);
  await runTo(world, "2024-06-11T17:00Z");
  const first = async (path: string) => (await read<{ value: Record<string, string>[]; nextLink?: string }>(path)).body;
  releaseId = (await first("releases")).value[0]?.id ?? "";
  contactId = (await first("tenant/contacts")).value[0]?.id ?? "";
  const page = await first("devices?top=2");
  deviceId = page.value[0]?.deviceId ?? "";
  continuation = new URLSearchParams(page.nextLink?.split("?")[1]).get("continuation") ?? "";
  csrf = (await read<{ csrfToken: string }>("session", callers.session(["Administrator"]))).body.csrfToken;
  // Somebody who may see nothing of the group, and a key that stands for a call.
  const scoped = { role: "Administrator", scopeTagIds: ["7"] };
  await send({ method: "PUT", path: `roles/assignments/${GUID}`, body: scoped });
  const once = await send({
    method: "POST",
    path: "catalogue/sync",
    headers: { ...admin(), "idempotency-key": "once" },
  });
  expect(once.status).toBe(202);
  await world.settle();
});
afterAll(() => world?.stop());

const admin = () => callers.bearer({});

async function send(given: Pick<BadCall, "method" | "path" | "headers" | "body" | "text" | "type">) {
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

const UNAUTHENTICATED = { status: 401, code: "unauthenticated" } as const;
const FORBIDDEN = { status: 403, code: "forbidden" } as const;
const INVALID = { status: 400, code: "invalid_input" } as const;
const MISSING = { status: 404, code: "not_found" } as const;
const STALE = { status: 412, code: "stale", headers: { "if-match": '"of-yesterday"' } } as const;

const withHeaders = (headers: Record<string, string>) => ({ headers: { ...admin(), ...headers } });
const get = (path: string) => ({ method: "GET", path });
const post = (path: string, body: unknown = {}) => ({ method: "POST", path, body });
const put = (path: string, body: unknown) => ({ method: "PUT", path, body });
const release = () => `releases/${releaseId}`;

/** Who calls is nobody, whatever is asked for. */
const strangers = (): BadCall[] => [
  ...["Basic YWRhOmFkYQ==", "Bearer", "Bearer a b", "Bearer a.b.c", "token"].map((authorization) => ({
    ...{ title: `the header ${authorization}`, ...get("tenant"), headers: { authorization }, ...UNAUTHENTICATED },
  })),
  {
    title: "a token that has expired",
    ...post(`${release()}/cancel`),
    headers: callers.bearer({ lifetimeSeconds: -120 }),
    ...UNAUTHENTICATED,
  },
  {
    title: "a token for Graph",
    ...get("groups"),
    headers: callers.bearer({ audience: "https://graph.microsoft.com" }),
    ...UNAUTHENTICATED,
  },
  {
    title: "roles written into a token by hand",
    ...put(GROUP, {}),
    headers: callers.forged("payload", { roles: ["GlobalAdministrator"] }),
    ...UNAUTHENTICATED,
  },
  {
    title: "a token without signature (alg none)",
    ...post("devices/discover"),
    headers: callers.forged("none"),
    ...UNAUTHENTICATED,
  },
  {
    title: "a token signed with HS256",
    ...post("devices/discover"),
    headers: callers.forged("hmac"),
    ...UNAUTHENTICATED,
  },
  {
    title: "a token signed with somebody's own key",
    ...post("tenant/unenrol", { confirm: true }),
    headers: callers.forged("key"),
    ...UNAUTHENTICATED,
  },
  {
    title: "a token of another issuer",
    ...get("audit"),
    headers: callers.forged("key", { iss: "https://example.org/v2.0" }),
    ...UNAUTHENTICATED,
  },
  {
    title: "a session of another tenant",
    ...get("releases"),
    headers: callers.session(["Administrator"], GUID),
    ...UNAUTHENTICATED,
  },
  {
    title: "a session that cannot be read",
    ...get("releases"),
    headers: { "x-ms-client-principal": "%%%" },
    ...UNAUTHENTICATED,
  },
];

/** Who calls may not. */
const unentitled = (): BadCall[] => [
  { title: "a person without any role", ...get("releases"), headers: callers.role(), ...FORBIDDEN },
  { title: "a role of another application", ...get("groups"), headers: callers.role("Mail.Send"), ...FORBIDDEN },
  ...[
    post(`${release()}/pause`),
    post(`${release()}/rings/Test/rollback`),
    post(`${release()}/holds/00000000/release`, { justification: "x" }),
    { method: "DELETE", path: `${release()}/monitoring-rule` },
    post("catalogue/sync"),
    post("policy-health/check"),
    post("what-if", { groupId: "workforce" }),
    post("tenant/check"),
  ].map((given) => ({
    title: `a Reader: ${given.method} ${given.path.replace(releaseId, "…")}`,
    ...given,
    headers: callers.role("Reader"),
    ...FORBIDDEN,
  })),
  {
    title: "an Operator who answers an approval",
    ...post("approvals/any/answer", { answer: "keep" }),
    headers: callers.role("Operator"),
    ...FORBIDDEN,
  },
  ...[
    post("groups", { definition: {} }),
    put(GROUP, { definition: {} }),
    { method: "DELETE", path: GROUP },
    post("devices/exclude", { deviceIds: [GUID] }),
    put(`roles/assignments/${GUID}`, { role: "Reader" }),
    post("tenant/contacts"),
    post("policy-alerts/any/restore"),
  ].map((given) => ({
    title: `an Approver: ${given.method} ${given.path}`,
    ...given,
    headers: callers.role("Approver"),
    ...FORBIDDEN,
  })),
  {
    title: "an Autopatch Administrator who restores a policy",
    ...post("policy-alerts/any/restore"),
    headers: callers.role("WindowsAutopatchAdministrator"),
    ...FORBIDDEN,
  },
  {
    title: "a Policy and Profile Manager who reads groups",
    ...get("groups"),
    headers: callers.role("PolicyAndProfileManager"),
    ...FORBIDDEN,
  },
  {
    title: "an Autopatch Administrator who makes himself more",
    ...put(`roles/assignments/${GUID}`, { role: "GlobalAdministrator" }),
    headers: callers.role("WindowsAutopatchAdministrator"),
    ...FORBIDDEN,
  },
  {
    title: "a session without CSRF token",
    ...post(`${release()}/pause`),
    headers: callers.session(["Administrator"]),
    ...FORBIDDEN,
    field: "x-csrf-token",
  },
  {
    title: "a session with a wrong CSRF token",
    ...post(`${release()}/pause`),
    headers: { ...callers.session(["Administrator"]), "x-csrf-token": `${csrf.slice(0, -1)}_` },
    ...FORBIDDEN,
    field: "x-csrf-token",
  },
  {
    title: "a scoped admin: a release of a foreign group",
    ...post(`${release()}/pause`),
    headers: callers.bearer({ oid: GUID }),
    ...MISSING,
    field: "releaseId",
  },
  {
    title: "a scoped admin: a foreign device",
    ...post("devices/exclude", { deviceIds: [deviceId] }),
    headers: callers.bearer({ oid: GUID }),
    ...MISSING,
    field: "deviceIds",
  },
  {
    title: "a scoped admin: the whole tenant",
    ...post("tenant/unenrol", { confirm: true }),
    headers: callers.bearer({ oid: GUID }),
    ...FORBIDDEN,
  },
];

/** Something in the call is wrong. */
const malformed = (): BadCall[] => [
  { title: "a body that is no JSON", method: "POST", path: `${release()}/pause`, text: "{", ...INVALID },
  { title: "a body that is a list", ...post(`${release()}/pause`, []), ...INVALID },
  { title: "an unknown field", ...post(`${release()}/pause`, { reason: "?" }), ...INVALID, field: "reason" },
  {
    title: "an unknown field deep inside",
    ...put(`${release()}/monitoring-rule`, { signal: "rollback", threshold: 5, action: "alertError", by: 1 }),
    ...INVALID,
    field: "by",
  },
  { title: "a bad enum", ...post(`${release()}/resume`, { lifts: "all" }), ...INVALID, field: "lifts" },
  {
    title: "a number out of range",
    ...put(`${release()}/monitoring-rule`, { signal: "rollback", threshold: 101, action: "alertError" }),
    ...INVALID,
    field: "threshold",
  },
  {
    title: "an empty list",
    ...post("devices/assign-ring", { deviceIds: [], ring: "Test" }),
    ...INVALID,
    field: "deviceIds",
  },
  {
    title: "a role that there is not",
    ...put(`roles/assignments/${GUID}`, { role: "Owner" }),
    ...INVALID,
    field: "role",
  },
  { title: "an id that is none", ...put("roles/assignments/ada", { role: "Reader" }), ...INVALID, field: "oid" },
  { title: "a group id with capitals", ...put("groups/Sales", { definition: {} }), ...INVALID },
  { title: "a contact without an address", ...post("tenant/contacts", { name: "Ada" }), ...INVALID, field: "email" },
  {
    title: "terms that are not accepted",
    ...post("tenant/enrol", { termsVersion: "1", acceptTerms: false, consent: true, contacts: [] }),
    ...INVALID,
    field: "acceptTerms",
  },
  {
    title: "too many candidates",
    ...post("what-if", { groupId: "workforce", candidates: [1, 2, 3, 4, 5].map((n) => ({ name: `${n}` })) }),
    ...INVALID,
    field: "candidates",
  },
  {
    title: "another content type",
    method: "POST",
    path: `${release()}/pause`,
    text: "{}",
    type: "text/plain",
    status: 415,
    code: "unsupported_media_type",
  },
  {
    title: "a form",
    method: "POST",
    path: "tenant/unenrol",
    text: "confirm=true",
    type: "application/x-www-form-urlencoded",
    status: 415,
    code: "unsupported_media_type",
  },
  {
    title: "a body that is too large",
    ...post(`${release()}/pause`, { justification: "x".repeat(300_000) }),
    status: 413,
    code: "too_large",
  },
  { title: "an unknown query parameter", ...get("devices?limit=10"), ...INVALID, field: "limit" },
  {
    title: "an unknown query parameter of a change",
    ...post(`${release()}/pause?force=true`),
    ...INVALID,
    field: "force",
  },
  { title: "a bad query parameter", ...get("devices?state=Lost"), ...INVALID, field: "state" },
  { title: "a month that is none", ...get("audit?month=2024-13"), ...INVALID, field: "month" },
  { title: "a missing query parameter", ...get(`${GROUP}/schedule`), ...INVALID, field: "month" },
  { title: "pages that are too large", ...get("devices?top=1001"), ...INVALID, field: "top" },
  {
    title: "a continuation that was tampered with",
    ...get(`devices?top=2&continuation=A${continuation.slice(1)}`),
    ...INVALID,
    field: "continuation",
  },
  {
    title: "a continuation of another list",
    ...get(`groups?top=2&continuation=${continuation}`),
    ...INVALID,
    field: "continuation",
  },
  {
    title: "a continuation of other parameters",
    ...get(`devices?top=2&ring=Test&continuation=${continuation}`),
    ...INVALID,
    field: "continuation",
  },
  {
    title: "an idempotency key with blanks",
    ...post("catalogue/sync"),
    ...withHeaders({ "idempotency-key": "a b" }),
    ...INVALID,
    field: "Idempotency-Key",
  },
];

/** It does not fit what there is. */
const unfitting = (): BadCall[] => [
  {
    title: "an idempotency key that stands for another call",
    ...post("policy-health/check"),
    ...withHeaders({ "idempotency-key": "once" }),
    status: 409,
    code: "conflict",
    field: "Idempotency-Key",
  },
  {
    title: "an idempotency key that stands for another body",
    ...post("catalogue/sync", { now: true }),
    ...withHeaders({ "idempotency-key": "once" }),
    status: 409,
    code: "conflict",
    field: "Idempotency-Key",
  },
  ...[
    post(`${release()}/pause`),
    put(`${release()}/monitoring-rule`, { signal: "rollback", threshold: 5, action: "alertError" }),
    { method: "DELETE", path: `tenant/contacts/${contactId}` },
    { method: "DELETE", path: `roles/assignments/${GUID}` },
    put(`roles/assignments/${GUID}`, { role: "Reader" }),
    post(`${GROUP}/rename`, { name: "Staff" }),
    post("tenant/unenrol", { confirm: true }),
  ].map((given) => ({
    title: `a stale ETag: ${given.method} ${given.path.replace(releaseId, "…")}`,
    ...given,
    ...STALE,
    ...withHeaders(STALE.headers),
  })),
  { title: "a path that there is not", ...get("gizmos"), ...MISSING },
  { title: "a deeper path that there is not", ...post("groups/workforce/explode"), ...MISSING },
  { title: "a wrong method", method: "PATCH", path: GROUP, body: {}, status: 405, code: "method_not_allowed" },
  { title: "a wrong method for a command", ...get(`${release()}/pause`), status: 405, code: "method_not_allowed" },
  { title: "a release that there is not", ...post("releases/none/pause"), ...MISSING, field: "releaseId" },
  { title: "a ring that there is not", ...get(`${release()}/rings/Ring9`), ...MISSING, field: "ring" },
  {
    title: "a hold that there is not",
    ...post(`${release()}/holds/00000000/release`, { justification: "x" }),
    ...MISSING,
    field: "holdId",
  },
  {
    title: "an approval that there is not",
    ...post("approvals/none/answer", { answer: "keep" }),
    ...MISSING,
    field: "approvalId",
  },
  {
    title: "a group that there is not",
    ...post("groups/none/rename", { name: "Sales" }),
    ...MISSING,
    field: "groupId",
  },
  { title: "a contact that there is not", ...get("tenant/contacts/none"), ...MISSING, field: "contactId" },
  { title: "a release that is not paused", ...post(`${release()}/resume`), status: 409, code: "conflict" },
];

describe("A call is refused, and nothing changes:", () => {
  it.each([
    ["row 46: who proves nobody", 14, strangers],
    ["row 46: who may not", 22, unentitled],
    ["row 46: what is malformed", 24, malformed],
    ["row 46: what does not fit", 18, unfitting],
  ] as const)("%s", async (_title, atLeast, calls) => {
    const storage = world.storage.connectionString;
    const before = await digestOfTables(storage, ["Audit"]);
    const bad = calls();
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
    expect(await digestOfTables(storage, ["Audit"])).toBe(before);
  });

  it("row 46: a refused change is in the audit log, with who wanted what, and a flood of them is not", async () => {
    const flood = callers.bearer({ oid: "0f9c5a1e-0000-4000-8000-00000000000f", name: "Floyd", roles: ["Reader"] });
    for (let i = 0; i < 40; i++)
      expect((await send({ ...post(`${release()}/pause`), headers: flood })).status).toBe(403);
    const path = "audit?action=api.refuse&top=1000";
    const entries = (await read<{ value: AuditEntry[] }>(path)).body.value;
    const ofFloyd = entries.filter(({ actor }) => actor.name === "Floyd");
    expect(ofFloyd[0]).toMatchObject({
      target: "operation/releasesPause",
      evidence: { status: 403, code: "forbidden", operation: "releasesPause" },
    });
    expect(ofFloyd.length).toBeGreaterThanOrEqual(5);
    expect(ofFloyd.length).toBeLessThan(30);
    expect(entries.map(({ actor }) => actor.id)).toContain("unauthenticated");
    expect(JSON.stringify(entries)).not.toMatch(/Bearer|eyJ/);
  });
});

describe("What is in order is done", () => {
  it("with an idempotency key once, and answered the same again", async () => {
    const repeated = await send({
      method: "POST",
      path: "catalogue/sync",
      headers: { ...admin(), "idempotency-key": "once" },
    });
    expect([repeated.status, repeated.headers.get("idempotency-replayed")]).toEqual([202, "true"]);
    const another = { ...callers.role("Operator"), "idempotency-key": "once" };
    expect(
      (await send({ method: "POST", path: "catalogue/sync", headers: another })).headers.has("idempotency-replayed"),
    ).toBe(true);
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

  it("in a browser session with its CSRF token", async () => {
    const headers = { ...callers.session(["Administrator"]), "x-csrf-token": csrf };
    expect((await send({ ...post(`${release()}/resume`), headers })).status).toBe(202);
  });

  it("by a method of the path, which a refusal names", async () => {
    const answer = await send({ method: "PATCH", path: GROUP });
    expect(answer.headers.get("allow")).toBe("GET, PUT, DELETE");
  });
});
