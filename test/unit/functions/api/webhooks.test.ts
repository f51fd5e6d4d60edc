import { beforeEach, expect, it, vi } from "vitest";
import { ADMIN, MemoryTables, time } from "../../shared/tenant/memory.js";

const tables = new MemoryTables();
vi.mock("../../../../shared/store/tables.js", () => ({ table: async (name: string) => tables.of(name) }));
vi.mock("../../../../shared/queues/send.js", () => ({
  sendOnce: async () => undefined,
  enqueue: async () => undefined,
}));
vi.mock("../../../../shared/config.js", () => ({
  config: () => ({ WEBHOOK_KEY: Buffer.alloc(32, 7).toString("base64"), TENANT_ID: "t1" }),
}));
vi.mock("@azure/functions", () => ({ app: { http: () => undefined } }));
vi.mock("durable-functions", () => ({ input: { durableClient: () => ({}) } }));

const { webhooksDelete } = await import("../../../../functions/api/webhooks.js");
const { auditEntries } = await import("../../../../shared/audit/audit.js");
const { deliveriesOf } = await import("../../../../shared/webhooks/outbound/deliveries.js");
const { webhooksFollower } = await import("../../../../shared/webhooks/outbound/follower.js");
const { addWebhook, listWebhooks } = await import("../../../../shared/webhooks/outbound/webhook.js");

const remove = () => webhooksDelete.run({ params: { webhookId: "w1" }, headers: new Headers(), actor: ADMIN } as never);

beforeEach(async () => {
  tables.clear();
  const form = { url: "https://hooks.contoso.example/", events: ["*"], enabled: true, description: "" };
  await addWebhook("w1", form, ADMIN);
  time.now += 1000;
  const body = { at: new Date(time.now).toISOString(), actor: ADMIN, action: "release.pause", target: "release/r" };
  await webhooksFollower.take({ id: "change", body }, time.now);
  expect(await deliveriesOf("w1")).toHaveLength(1);
});

it("a webhook whose deletion broke off can be deleted again, and leaves nothing behind", async () => {
  vi.spyOn(tables.of("WebhookDeliveries"), "commit").mockRejectedValueOnce(new Error("The host ends."));
  await expect(remove()).rejects.toThrow("The host ends.");
  expect(await remove()).toMatchObject({ status: 204 });
  expect([await listWebhooks(), await deliveriesOf("w1")]).toEqual([[], []]);
});

it("a webhook is not gone before the audit log says who deleted it", async () => {
  vi.spyOn(tables.of("Webhooks"), "commit").mockRejectedValueOnce(new Error("The host ends."));
  await expect(remove()).rejects.toThrow("The host ends.");
  const actions = [];
  for await (const { body } of auditEntries(new Date(time.now).toISOString().slice(0, 7))) actions.push(body.action);
  expect(actions).toEqual(["webhook.delete"]);
});
