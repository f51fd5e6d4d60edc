import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { AppError } from "../../../../../shared/errors.js";
import type { QueueItem } from "../../../../../shared/queues/send.js";
import { MemoryTables, time } from "../../tenant/memory.js";

const tables = new MemoryTables();
const queued: QueueItem[] = [];
let queueAway = false;
const settings = {
  WEBHOOK_KEY: Buffer.alloc(32, 7).toString("base64"),
  WEBHOOK_PRIVATE_TARGETS: "loopback",
  TENANT_ID: "t1",
};
vi.mock("../../../../../shared/config.js", () => ({ config: () => settings }));
vi.mock("../../../../../shared/store/tables.js", () => ({ table: async (name: string) => tables.of(name) }));
vi.mock("../../../../../shared/queues/send.js", () => ({
  sendOnce: async () => undefined,
  enqueue: async (_queue: string, items: readonly QueueItem[]) => {
    if (queueAway) throw new AppError("unavailable", "The queue is away.");
    queued.push(...items);
  },
}));
const { auditEntries } = await import("../../../../../shared/audit/audit.js");
const { attemptDelivery, attemptRef } = await import("../../../../../shared/webhooks/outbound/deliver.js");
const { deliveriesOf } = await import("../../../../../shared/webhooks/outbound/deliveries.js");
const { webhooksFollower } = await import("../../../../../shared/webhooks/outbound/follower.js");
const { signed } = await import("../../../../../shared/webhooks/outbound/secrets.js");
const { addWebhook, changeWebhook, readWebhook, rotateSecret } = await import(
  "../../../../../shared/webhooks/outbound/webhook.js"
);

let server: Server;
let url: string;
let answer: (response: ServerResponse) => void;
const received: { headers: IncomingHttpHeaders; body: string }[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (chunk: string) => {
      body += chunk;
    });
    request.on("end", () => {
      received.push({ headers: request.headers, body });
      answer(response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/in`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

const ADA = { id: "ada", name: "Ada" };
let secret: string;

beforeEach(async () => {
  tables.clear();
  queued.length = 0;
  received.length = 0;
  queueAway = false;
  answer = (response) => response.writeHead(204).end();
  time.now += 86_400_000;
  const form = { url, events: ["release.*"], enabled: true, description: "" };
  ({ secret } = await addWebhook("w1", form, ADA));
  time.now += 1000;
});

const change = (action = "release.pause", at = time.now) => ({
  id: `${at} ${action} k`,
  body: { at: new Date(at).toISOString(), actor: ADA, action, target: "release/r", evidence: { rings: ["Ring1"] } },
});
const take = (given = change()) => webhooksFollower.take(given, time.now);
/** Handles what the queue holds, in domain time. */
async function handle(): Promise<void> {
  for (const { body, notBefore } of queued.splice(0)) {
    time.now = Math.max(time.now, notBefore ?? 0);
    await attemptDelivery(attemptRef.parse(body), time.now);
  }
}
const states = async () => (await deliveriesOf("w1")).map(({ state, attempts }) => [state, attempts.length]);
const audited = async () => {
  const actions: string[] = [];
  for await (const { body } of auditEntries(new Date(time.now).toISOString().slice(0, 7))) actions.push(body.action);
  return actions;
};

describe("an event", () => {
  it("reaches its receiver as a signed CloudEvent", async () => {
    await take();
    await handle();
    const [{ headers, body } = { headers: {}, body: "" }] = received;
    expect(JSON.parse(body)).toMatchObject({
      ...{ specversion: "1.0", type: "ringmaster.release.paused", source: "/tenants/t1", subject: "release/r" },
      data: { action: "release.pause", evidence: { rings: ["Ring1"] } },
    });
    const expected = signed(String(headers["webhook-id"]), Number(headers["webhook-timestamp"]) * 1000, body, [secret]);
    expect(headers).toMatchObject(expected);
    expect(headers["content-type"]).toContain("application/cloudevents+json");
    expect(await states()).toEqual([["delivered", 1]]);
  });

  it("is signed with both secrets for a day after a rotation", async () => {
    const { secret: fresh } = await rotateSecret("w1", time.now);
    await take();
    await handle();
    const { headers, body } = received[0] ?? { headers: {}, body: "" };
    const at = Number(headers["webhook-timestamp"]) * 1000;
    expect(headers).toMatchObject(signed(String(headers["webhook-id"]), at, body, [fresh, secret]));
    time.now += 86_400_001;
    await take(change("release.resume"));
    await handle();
    expect(String(received[1]?.headers["webhook-signature"]).split(" ")).toHaveLength(1);
  });

  it("that is taken twice is queued twice at most and delivered under the same id", async () => {
    await take();
    await take();
    expect(new Set(queued.map(({ id }) => id)).size).toBe(1);
    await handle();
    expect([received.length, await states()]).toEqual([1, [["delivered", 1]]]);
  });

  it("is not lost when it was kept but never queued", async () => {
    queueAway = true;
    await expect(take()).rejects.toMatchObject({ code: "unavailable" });
    queueAway = false;
    await take();
    await handle();
    expect(await states()).toEqual([["delivered", 1]]);
  });

  it("that the filter leaves out, or of before the webhook, is not sent", async () => {
    await take(change("incident.open"));
    await take(change("release.pause", time.now - 10_000));
    expect(await deliveriesOf("w1")).toEqual([]);
  });
});

describe("a receiver", () => {
  it("that fails is asked again later, and gets the same event", async () => {
    answer = (response) => response.writeHead(500).end();
    await take();
    await handle();
    expect(await states()).toEqual([["pending", 1]]);
    expect(queued[0]?.notBefore).toBeGreaterThanOrEqual(time.now + 20_000);
    answer = (response) => response.writeHead(200).end();
    await handle();
    expect(await states()).toEqual([["delivered", 2]]);
    expect(received[1]?.body).toBe(received[0]?.body);
    expect(received[1]?.headers["webhook-id"]).toBe(received[0]?.headers["webhook-id"]);
  });

  it("that never comes back ends as a failed delivery, with an audit entry", async () => {
    answer = (response) => response.writeHead(503).end();
    await take();
    for (let each = 0; queued.length > 0 && each < 50; each++) await handle();
    expect(await states()).toEqual([["failed", 11]]);
    expect(await audited()).toContain("webhook.fail");
  });

  it("whose redirects lead elsewhere is not followed", async () => {
    answer = (response) => response.writeHead(307, { location: "http://169.254.169.254/" }).end();
    await take();
    await handle();
    expect(await states()).toEqual([["pending", 1]]);
    expect((await deliveriesOf("w1"))[0]?.attempts[0]).toMatchObject({ status: 307 });
  });

  it("that is gone gets nothing more, and the webhook is switched off", async () => {
    answer = (response) => response.writeHead(410).end();
    await take();
    await handle();
    expect(await states()).toEqual([["failed", 1]]);
    expect(await readWebhook("w1")).toMatchObject({
      enabled: false,
      disabledBecause: "The receiver answered 410 Gone.",
    });
    expect(await audited()).toEqual(expect.arrayContaining(["webhook.fail", "webhook.disable"]));
  });

  it("within our networks is not reached, whatever the webhook says", async () => {
    await changeWebhook("w1", (webhook) => ({ ...webhook, url: "https://10.0.0.1/" }));
    await take();
    await handle();
    expect(await states()).toEqual([["failed", 1]]);
  });

  it("is asked once when an attempt's message comes twice", async () => {
    answer = (response) => response.writeHead(500).end();
    await take();
    const [first] = queued;
    await handle();
    await attemptDelivery(attemptRef.parse(first?.body), time.now);
    expect(received).toHaveLength(1);
    expect(new Set(queued.map(({ id, notBefore }) => `${id} ${notBefore}`)).size).toBe(1);
  });

  it("that hangs leaves room for others: no more than two attempts at once", async () => {
    const hanging: ServerResponse[] = [];
    answer = (response) => void hanging.push(response);
    for (const action of ["release.pause", "release.resume", "release.cancel"]) await take(change(action));
    const attempts = queued.splice(0).map(({ body }) => attemptDelivery(attemptRef.parse(body), time.now));
    await vi.waitFor(() => expect([hanging.length, queued.length]).toEqual([2, 1]));
    expect(queued[0]?.notBefore).toBeGreaterThan(time.now);
    for (const response of hanging) response.writeHead(200).end();
    await Promise.all(attempts);
    expect((await states()).map(([state]) => state).sort()).toEqual(["delivered", "delivered", "pending"]);
  });
});
