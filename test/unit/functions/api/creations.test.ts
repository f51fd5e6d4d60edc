import { beforeEach, describe, expect, it, vi } from "vitest";
import { apiInMemory, reset, storedText } from "../../../support/api-in-memory.js";

vi.mock("../../../../shared/graph/client.js", () => ({ tenantManagementGraph: () => ({}) }));
vi.mock("../../../../shared/support/entitled.js", () => ({ requireEntitled: async () => undefined }));
vi.stubEnv("WEBHOOK_KEY", Buffer.alloc(32, 7).toString("base64"));
const api = apiInMemory();
const { call } = api;
await import("../../../../functions/api/contacts.js");
await import("../../../../functions/api/support-requests.js");
await import("../../../../functions/api/webhooks.js");

beforeEach(() => reset(api));

const headers = { "idempotency-key": "once" };

describe("a secret that an answer tells", () => {
  const body = { url: "https://hooks.contoso.example/in", events: ["*"] };

  it("is told again to the same key, and nowhere kept as it is", async () => {
    const first = await call("webhooksAdd", { headers, body });
    const again = await call("webhooksAdd", { headers, body });
    expect([first.status, again.status, again.headers.get("idempotency-replayed")]).toEqual([201, 201, "true"]);
    expect(again.body).toEqual(first.body);
    expect(String(first.body.secret)).toMatch(/^whsec_/);
    expect(storedText(api)).not.toContain(String(first.body.secret).slice(6, 20));
  });
});

describe("a call with a key that was cut off behind what it did", () => {
  const contact = { name: "Grace", email: "grace@contoso.example", phone: "+1 555 0100", language: "en" };
  const primaryContact = { name: contact.name, email: contact.email, phone: contact.phone };
  const request = {
    description: "Ring1 stands still.",
    severity: "Critical",
    issueType: "deviceReadiness",
    primaryContact,
  };
  it.each([
    ["contactsAdd", "contactsList", { ...contact, areas: ["Devices", "Updates"] }],
    ["webhooksAdd", "webhooksList", { url: "https://hooks.contoso.example/in", events: ["*"] }],
    ["supportRequestsOpen", "supportRequestsList", request],
  ])("%s: does it no second time", async (create, list, body) => {
    api.logIsDown = true;
    expect((await call(create, { headers, body })).status).toBe(503);
    api.logIsDown = false;
    const { status, body: created } = await call(create, { headers, body });
    expect(status).toBe(201);
    const { value } = (await call(list)).body as { value: { id: string }[] };
    expect(value.map(({ id }) => id)).toEqual([created.id]);
    const another = { ...body, ...("email" in body ? { email: "hopper@contoso.example" } : {}) };
    expect((await call(create, { headers: { "idempotency-key": "other" }, body: another })).body.id).not.toBe(
      created.id,
    );
  });
});
