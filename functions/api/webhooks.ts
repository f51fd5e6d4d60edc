import { clock } from "../../shared/clock.js";
import { dropDeliveries } from "../../shared/webhooks/outbound/deliveries.js";
import { checkTarget } from "../../shared/webhooks/outbound/target.js";
import { webhookView, webhookViewSchema, webhookWithSecretSchema } from "../../shared/webhooks/outbound/view.js";
import {
  addWebhook,
  changeWebhook,
  listWebhooks,
  readWebhook,
  removeWebhook,
  rotateSecret,
  type Webhook,
  webhookForm,
} from "../../shared/webhooks/outbound/webhook.js";
import { refuseOtherBody } from "./etag.js";
import { note } from "./note.js";
import { paged, pageOf } from "./paging.js";
import { type Call, json, param, route } from "./route.js";

const WEBHOOK = "webhooks/{webhookId}";

export const webhooksList = route({
  name: "webhooksList",
  method: "GET",
  path: "webhooks",
  role: "Reader",
  act: "list webhooks",
  answer: { about: "Outgoing webhooks", schema: pageOf(webhookViewSchema) },
  page: true,
  run: async (call) =>
    json(
      paged(
        call,
        (await listWebhooks()).map((webhook) => webhookView(webhook, call.actor)),
        ({ id }) => id,
      ),
    ),
});

export const webhooksGet = route({
  name: "webhooksGet",
  method: "GET",
  path: WEBHOOK,
  role: "Reader",
  act: "read a webhook",
  answer: { about: "The webhook", schema: webhookViewSchema, etag: true },
  run: async (call) => json(webhookView(await readWebhook(param(call, "webhookId")), call.actor)),
});

export const webhooksAdd = route({
  name: "webhooksAdd",
  method: "POST",
  path: "webhooks",
  role: "Administrator",
  act: "add a webhook",
  body: webhookForm,
  answer: {
    status: 201,
    about: "The webhook with its secret, told this once",
    schema: webhookWithSecretSchema,
    secret: true,
  },
  run: async ({ actor, body, newId }) => {
    checkTarget(body.url);
    const { webhook, secret } = await addWebhook(newId(), body, actor);
    await note(actor, "webhook.add", `webhook/${webhook.id}`, { evidence: evidenceOf(webhook) });
    return json({ ...webhookView(webhook, actor), secret }, 201);
  },
});

export const webhooksPut = route({
  name: "webhooksPut",
  method: "PUT",
  path: WEBHOOK,
  role: "Administrator",
  act: "change a webhook",
  body: webhookForm,
  ifMatch: true,
  answer: { about: "The webhook", schema: webhookViewSchema },
  run: async (call) => {
    checkTarget(call.body.url);
    const id = param(call, "webhookId");
    const webhook = await changeWebhook(id, (before) => {
      unchanged(call)(before);
      return { ...before, ...call.body, disabledBecause: call.body.enabled ? null : before.disabledBecause };
    });
    await note(call.actor, "webhook.change", `webhook/${id}`, { evidence: evidenceOf(webhook) });
    return json(webhookView(webhook, call.actor));
  },
});

export const webhooksDelete = route({
  name: "webhooksDelete",
  method: "DELETE",
  path: WEBHOOK,
  role: "Administrator",
  act: "delete a webhook",
  ifMatch: true,
  answer: { status: 204, about: "The webhook and its deliveries are gone" },
  run: async (call) => {
    const webhook = await readWebhook(param(call, "webhookId"));
    const { id } = webhook;
    unchanged(call)(webhook);
    await note(call.actor, "webhook.delete", `webhook/${id}`);
    // The webhook goes last, for without it nobody finds its deliveries; those that came meanwhile go after it.
    await dropDeliveries(id);
    await removeWebhook(id, unchanged(call));
    await dropDeliveries(id);
    return { status: 204 };
  },
});

export const webhooksRotateSecret = route({
  name: "webhooksRotateSecret",
  method: "POST",
  path: `${WEBHOOK}/rotate-secret`,
  role: "Administrator",
  act: "rotate a webhook's secret",
  ifMatch: true,
  answer: {
    about: "The webhook with its new secret; the former one is valid for a day",
    schema: webhookWithSecretSchema,
    secret: true,
  },
  run: async (call) => {
    const id = param(call, "webhookId");
    const { webhook, secret } = await rotateSecret(id, clock.now(), unchanged(call));
    await note(call.actor, "webhook.rotateSecret", `webhook/${id}`);
    return json({ ...webhookView(webhook, call.actor), secret });
  },
});

/** Refuses a webhook that is not as the caller saw it. */
function unchanged(call: Pick<Call<unknown>, "headers" | "actor">) {
  return (webhook: Webhook) => refuseOtherBody(call, webhookView(webhook, call.actor));
}

/** The path and query of an address may hold a token of the receiver's. */
function evidenceOf({ url, events, enabled }: { url: string; events: readonly string[]; enabled: boolean }) {
  return { host: new URL(url).host, events, enabled };
}
