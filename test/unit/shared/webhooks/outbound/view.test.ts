import { expect, it } from "vitest";
import { type Rights, rightsOf } from "../../../../../shared/access/roles.js";
import { webhookView } from "../../../../../shared/webhooks/outbound/view.js";
import type { Webhook } from "../../../../../shared/webhooks/outbound/webhook.js";

const url = "https://hooks.contoso.example:8443/services/T0/token?code=query";
const webhook: Webhook = {
  ...{ id: "w1", url, events: ["*"], enabled: true, description: "", createdAt: 0, disabledBecause: null },
  ...{ createdBy: { id: "ada", name: "Ada" }, secrets: [{ sealed: "sealed", until: null }] },
};
const seenBy = (rights: Rights) => JSON.stringify(webhookView(webhook, { rights }));

it.each<[string, Rights]>([
  ["a Reader", rightsOf("Reader")],
  ["an Operator", rightsOf("Operator")],
  ["an Approver", rightsOf("Approver")],
  ["an Administrator of groups alone", { groups: "Administrator", policies: "Administrator", tenant: "Reader" }],
])("%s sees where a webhook goes, and nothing that may be a token", (_who, rights) => {
  expect(seenBy(rights)).toContain('"url":"https://hooks.contoso.example:8443/…"');
  expect(seenBy(rights)).not.toMatch(/token|query/);
});

it("an Administrator sees the whole address, and nobody a secret", () => {
  expect(seenBy(rightsOf("Administrator"))).toContain(url);
  expect(seenBy(rightsOf("Administrator"))).not.toMatch(/"sealed"/);
});
