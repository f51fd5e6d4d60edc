import type { HttpFunctionOptions, HttpResponseInit } from "@azure/functions";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { AuditEntry } from "../../../shared/audit/audit.js";
import { AppError } from "../../../shared/errors.js";
import { emptyTables, memoryTables } from "../shared/policies/memory-tables.js";

type Handler = (request: object, context: object) => Promise<HttpResponseInit>;

const CURRENT = "current-secret-of-the-webhook-test";
const PREVIOUS = "previous-secret-of-the-webhook-test";
const settings = vi.hoisted(() => ({ secret: "" as string | undefined }));
vi.mock("../../../shared/config.js", () => ({
  config: () => ({ EXPEDITE_WEBHOOK_SECRET: settings.secret, EXPEDITE_WEBHOOK_SECRET_PREVIOUS: PREVIOUS }),
}));
vi.mock("../../../shared/store/tables.js", () => memoryTables());
const tenant = vi.hoisted(() => ({ refusal: undefined as Error | undefined }));
vi.mock("../../../shared/tenant/state.js", () => ({
  requireActiveTenant: async () => {
    if (tenant.refusal !== undefined) throw tenant.refusal;
  },
}));
const group = { id: "workforce", status: "active", definition: { expeditedQualityUpdates: true } };
vi.mock("../../../shared/groups/store.js", () => ({
  GroupStatus: { active: "active" },
  listGroups: async () => [group],
}));
const wakes = vi.hoisted(() => ({ failing: false, ids: [] as string[] }));
vi.mock("../../../workflows/activities/expedite.js", () => ({
  rouseExpedite: async (_client: unknown, id: string) => {
    if (wakes.failing) throw new Error("the engine is away");
    wakes.ids.push(id);
  },
}));
vi.mock("durable-functions", () => ({ input: { durableClient: () => ({}) }, getClient: () => ({}) }));
const functions = vi.hoisted(() => ({ handler: undefined as unknown }));
vi.mock("@azure/functions", () => ({
  app: {
    http: (name: string, options: HttpFunctionOptions) => {
      if (name === "expediteWebhook") functions.handler = options.handler;
    },
  },
}));

await import("../../../functions/webhooks.js");
const { table } = await import("../../../shared/store/tables.js");
const { auditEntries } = await import("../../../shared/audit/audit.js");
const { listExpedites } = await import("../../../shared/expedites/store.js");
const { signatureOf } = await import("../../../shared/webhooks/signature.js");

/** Each test has a wall clock and a domain clock of its own, minutes apart, and so slots of its own. */
let now = Date.parse("2026-11-20T10:00:00Z");
vi.spyOn(Date, "now").mockImplementation(() => now);

const BODY = '{"kb":"KB5058405"}';

interface Sent {
  readonly body?: string;
  readonly secret?: string;
  readonly at?: number;
  /** `null` leaves a header out. */
  readonly headers?: Readonly<Record<string, string | null>>;
  /** Sent in place of what was signed. */
  readonly instead?: string;
}

let requests = 0;

async function send({ body = BODY, secret = CURRENT, at = now, headers = {}, instead }: Sent = {}) {
  const timestamp = String(Math.floor(at / 1000));
  const all = {
    "x-ringmaster-timestamp": timestamp,
    "x-ringmaster-signature": `sha256=${signatureOf(secret, timestamp, body)}`,
    "idempotency-key": `key-of-request-${++requests}`,
    ...headers,
  };
  const given = Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== null);
  const url = "https://ringmaster.example/webhooks/expedite";
  const request = new Request(url, { method: "POST", headers: given, body: instead ?? body });
  const reply = await (functions.handler as Handler)(request, { warn: () => undefined, error: () => undefined });
  return { ...reply, json: JSON.parse(String(reply.body)) as Record<string, unknown> };
}

async function audited(): Promise<AuditEntry[]> {
  const entries: AuditEntry[] = [];
  for await (const { body } of auditEntries("2026-11")) entries.push(body);
  return entries;
}

beforeEach(() => {
  emptyTables();
  now += 20 * 60_000;
  settings.secret = CURRENT;
  tenant.refusal = undefined;
  wakes.failing = false;
  wakes.ids = [];
});

const json = (value: object) => JSON.stringify(value);
const inactive = () => {
  tenant.refusal = new AppError("tenant_inactive", "The tenant is Inactive.");
};
const closed = () => {
  settings.secret = undefined;
};

describe("a request that is refused", () => {
  it.each<[string, number, string, () => Sent, (() => void)?]>([
    ["is not signed", 401, "signature", () => ({ headers: { "x-ringmaster-signature": null } })],
    ["is signed with another secret", 401, "signature", () => ({ secret: "another-secret-of-32-characters!" })],
    ["was changed on its way", 401, "signature", () => ({ instead: '{"kb":"KB5058404"}' })],
    ["has a signature in another form", 401, "signature", () => ({ headers: { "x-ringmaster-signature": "sha1=00" } })],
    ["has an empty signature", 401, "signature", () => ({ headers: { "x-ringmaster-signature": "sha256=" } })],
    ["has no timestamp", 401, "signature", () => ({ headers: { "x-ringmaster-timestamp": null } })],
    [
      "has another timestamp than was signed",
      401,
      "signature",
      () => ({ headers: { "x-ringmaster-timestamp": String(Math.floor(now / 1000) - 1) } }),
    ],
    ["has a timestamp that is none", 401, "signature", () => ({ headers: { "x-ringmaster-timestamp": "today" } })],
    ["is older than five minutes", 401, "signature", () => ({ at: now - 301_000 })],
    ["is more than five minutes ahead", 401, "signature", () => ({ at: now + 301_000 })],
    [
      "is larger than 64 KB",
      413,
      "size",
      () => ({ body: json({ kb: "KB5058405", justification: "x".repeat(65_536) }) }),
    ],
    ["says that it is larger", 413, "size", () => ({ headers: { "content-length": "65537" } })],
    ["has no idempotency key", 400, "idempotencyKey", () => ({ headers: { "idempotency-key": null } })],
    ["has one of seven characters", 400, "idempotencyKey", () => ({ headers: { "idempotency-key": "1234567" } })],
    ["has one of 129 characters", 400, "idempotencyKey", () => ({ headers: { "idempotency-key": "k".repeat(129) } })],
    ["is not JSON", 400, "json", () => ({ body: "kb=KB5058405" })],
    ["is empty", 400, "json", () => ({ body: "" })],
    ["has a field that is unknown", 400, "fields", () => ({ body: json({ kb: "KB5058405", force: true }) })],
    ["names no update", 400, "fields", () => ({ body: json({ justification: "now" }) })],
    ["names two updates", 400, "fields", () => ({ body: json({ kb: "KB5058405", cve: "CVE-2025-30400" }) })],
    ["names it in another form", 400, "fields", () => ({ body: json({ kb: "5058405; drop" }) })],
    [
      "wants three days until the restart",
      400,
      "fields",
      () => ({ body: json({ kb: "KB5058405", groups: ["workforce"], daysUntilForcedReboot: 3 }) }),
    ],
    [
      "chooses days without groups",
      400,
      "fields",
      () => ({ body: json({ kb: "KB5058405", daysUntilForcedReboot: 1 }) }),
    ],
    ["names a group that there is not", 422, "group", () => ({ body: json({ kb: "KB5058405", groups: ["sales"] }) })],
    ["comes while the tenant is inactive", 409, "tenant", () => ({}), inactive],
    ["comes while no secret is set", 501, "closed", () => ({}), closed],
  ])("because it %s: %i, an audit entry (%s), and nothing changed", async (_why, status, kind, sent, before) => {
    before?.();
    const reply = await send(sent());
    expect(reply).toMatchObject({ status, headers: { "content-type": "application/problem+json" } });
    expect(reply.json).toMatchObject({ status, instance: "/webhooks/expedite", detail: expect.any(String) });
    expect(await listExpedites()).toEqual([]);
    expect(wakes.ids).toEqual([]);
    expect(await audited()).toMatchObject([
      { action: "expedite.webhook.refused", target: "webhook/expedite", actor: { id: "webhook" }, evidence: { kind } },
    ]);
  });

  it("because it was sent before: 409, and the first one stands", async () => {
    const same = { "idempotency-key": "the-same-request" };
    expect((await send({ headers: same })).status).toBe(202);
    expect((await send({ headers: same })).status).toBe(409);
    expect(await listExpedites()).toHaveLength(1);
    expect((await audited()).map(({ evidence }) => evidence?.kind)).toContain("replay");
  });

  it("because its key was used for another body: 409, and the first one stands", async () => {
    const same = { "idempotency-key": "the-same-request" };
    await send({ headers: same });
    const reply = await send({ headers: same, body: json({ kb: "KB5058919" }) });
    expect([reply.status, reply.json.code, reply.json.field]).toEqual([409, "conflict", "idempotency-key"]);
    expect((await listExpedites()).map(({ wanted }) => wanted)).toEqual([{ kb: "KB5058405" }]);
    expect((await audited()).map(({ evidence }) => evidence?.kind)).toContain("otherBody");
  });

  it("tells those who guess no more than that the signature does not hold", async () => {
    const replies = [await send({ secret: "another-secret-of-32-characters!" }), await send({ at: now - 301_000 })];
    expect(new Set(replies.map((reply) => reply.json.detail)).size).toBe(1);
    expect(json(replies)).not.toContain(CURRENT);
  });

  it("is answered as ever while the audit log is away", async () => {
    vi.spyOn(await table("Audit"), "commit").mockRejectedValueOnce(new Error("The log is away."));
    expect((await send({ headers: { "x-ringmaster-signature": null } })).status).toBe(401);
  });

  it("leaves no more than one entry of its kind in ten minutes", async () => {
    for (let knock = 0; knock < 50; knock++) await send({ headers: { "x-ringmaster-signature": null } });
    expect(await audited()).toHaveLength(1);
    now += 10 * 60_000;
    await send({ headers: { "x-ringmaster-signature": null } });
    expect(await audited()).toHaveLength(2);
  });
});

describe("a request that holds", () => {
  it("is written down, woken, and answered with where it is", async () => {
    const reply = await send({ body: json({ cve: "cve-2025-30400", justification: "exploited here" }) });
    const [expedite] = await listExpedites();
    const location = `/api/v1/expedites/${expedite?.id}`;
    expect(reply).toMatchObject({ status: 202, headers: { location } });
    expect(expedite).toMatchObject({
      ...{ source: "webhook", status: "validating", rebootDays: null, groupIds: ["workforce"] },
      ...{ wanted: { cve: "cve-2025-30400" }, justification: "exploited here" },
    });
    expect(wakes.ids).toEqual([expedite?.id]);
    expect(await audited()).toMatchObject([{ action: "expedite.request", target: `expedite/${expedite?.id}` }]);
  });

  it("may be signed with the secret of before", async () => {
    expect((await send({ secret: PREVIOUS })).status).toBe(202);
  });

  it("with groups is an administrator's: a day until the restart, unless it says how many", async () => {
    await send({ body: json({ kb: "KB5058405", groups: ["workforce"] }) });
    await send({ body: json({ kb: "KB5058405", groups: ["workforce"], daysUntilForcedReboot: 0 }) });
    expect((await listExpedites()).map(({ rebootDays }) => rebootDays).sort()).toEqual([0, 1]);
  });

  it("signed anew with the same key answers as the first time", async () => {
    const same = { "idempotency-key": "the-same-request" };
    const first = await send({ headers: same });
    now += 1_000;
    const second = await send({ headers: same });
    expect([second.status, second.body]).toEqual([202, first.body]);
    expect(await listExpedites()).toHaveLength(1);
    expect((await audited()).filter(({ action }) => action === "expedite.request")).toHaveLength(1);
  });

  it("is in the audit log once it is repeated, should the first have ended before it wrote that", async () => {
    const same = { "idempotency-key": "the-same-request" };
    vi.spyOn(await table("Audit"), "commit").mockRejectedValueOnce(new Error("The host ends."));
    expect((await send({ headers: same })).status).toBe(500);
    now += 1_000;
    expect((await send({ headers: same })).status).toBe(202);
    expect(await listExpedites()).toHaveLength(1);
    expect((await audited()).map(({ action }) => action)).toEqual(["expedite.request"]);
  });

  it("is not lost with its wake", async () => {
    wakes.failing = true;
    expect((await send()).status).toBe(202);
    expect(await listExpedites()).toMatchObject([{ status: "validating" }]);
  });
});
