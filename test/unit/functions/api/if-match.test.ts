import { beforeEach, describe, expect, it, vi } from "vitest";
import { apiInMemory, reset, storedText } from "../../../support/api-in-memory.js";

vi.mock("../../../../shared/graph/client.js", () => ({ tenantManagementGraph: () => ({}), graphClient: () => ({}) }));
vi.mock("../../../../shared/support/entitled.js", () => ({ requireEntitled: async () => undefined }));
vi.mock("../../../../workflows/activities/expedite.js", () => ({ rouseExpedite: async () => undefined }));
vi.mock("../../../../shared/expedites/devices.js", () => ({ expediteDevices: async () => [] }));
vi.stubEnv("WEBHOOK_KEY", Buffer.alloc(32, 7).toString("base64"));
const api = apiInMemory();
const { call, noted } = api;
await import("../../../../functions/api/approvals.js");
await import("../../../../functions/api/expedites.js");
await import("../../../../functions/api/policy-health.js");
await import("../../../../functions/api/support-requests.js");
await import("../../../../functions/api/webhooks.js");

beforeEach(() => reset(api));

const hook = { url: "https://hooks.contoso.example/in", events: ["*"] };
const primaryContact = { name: "Grace", email: "grace@contoso.example" };
const request = {
  description: "Ring1 stands still.",
  severity: "Critical",
  issueType: "deviceReadiness",
  primaryContact,
};
const made = async (operation: string, body: object) => String((await call(operation, { body })).body.id);

const webhook = { read: "webhooksGet", make: async () => ({ webhookId: await made("webhooksAdd", hook) }) };
const support = {
  read: "supportRequestsGet",
  make: async () => ({ requestId: await made("supportRequestsOpen", request) }),
};
const expedite = {
  read: "expeditesGet",
  make: async () => {
    const { requestExpedite } = await import("../../../../shared/expedites/request.js");
    const ada = { id: "ada", name: "Ada" };
    const asked = { source: "api", actor: ada, at: 1, body: { kb: "KB5039212" }, groupIds: ["sales"] } as const;
    return { expediteId: (await requestExpedite({ id: "api-1", ...asked })).stored.id };
  },
};
const approval = {
  read: "approvalsGet",
  make: async () => {
    const { insertApproval, newApproval } = await import("../../../../shared/approvals/store.js");
    const { policyFor } = await import("../../../../shared/approvals/policy.js");
    const question = {
      id: "r1 gatePause",
      kind: "gatePause",
      releaseId: "r1",
      at: Date.now(),
      failures: 5,
      offered: 50,
    } as const;
    await insertApproval(newApproval(question, policyFor(question)));
    return { approvalId: question.id };
  },
};
const alert = {
  read: "policyAlertsGet",
  make: async () => {
    const { putAlert } = await import("../../../../shared/policies/alerts.js");
    await putAlert({
      ...{ id: "a1", kind: "missingPolicy", name: "Sales - Ring1", policyKind: "updateRing", groupId: "sales" },
      ...{ ring: "Ring1", entraGroupId: "e1", details: [], openedAt: 1, closed: null },
    });
    return { alertId: "a1" };
  },
};

describe("a change of what somebody else has changed is refused, and goes through for who saw it as it is:", () => {
  it.each([
    ["webhooksPut", webhook, { ...hook, events: ["release.*"] }],
    ["webhooksDelete", webhook, undefined],
    ["webhooksRotateSecret", webhook, undefined],
    ["supportRequestsComment", support, { text: "It moves again." }],
    ["supportRequestsMitigate", support, {}],
    ["supportRequestsClose", support, {}],
    ["expeditesCancel", expedite, {}],
    ["approvalsAnswer", approval, { answer: "keep" }],
    ["policyAlertsRestore", alert, {}],
  ])("%s", async (operation, { make, read }, body) => {
    const params = await make();
    const etag = (await call(read, { params })).headers.get("etag") ?? "";
    expect(etag).toMatch(/^".+"$/);
    const [before, acts] = [storedText(api), noted.length];
    const stale = await call(operation, { params, body, headers: { "if-match": '"of-yesterday"' } });
    expect([stale.status, storedText(api)]).toEqual([412, before]);
    const seen = await call(operation, { params, body, headers: { "if-match": etag } });
    expect(Math.floor((seen.status ?? 0) / 100)).toBe(2);
    expect(noted.filter((action) => action !== "api.refuse").length).toBeGreaterThan(acts);
  });
});
