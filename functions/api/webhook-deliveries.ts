import { z } from "zod";
import { clock } from "../../shared/clock.js";
import {
  deliveriesOf,
  deliveryStore,
  queueAttempt,
  readDelivery,
  startDelivery,
} from "../../shared/webhooks/outbound/deliveries.js";
import { DeliveryState, deliveryOf } from "../../shared/webhooks/outbound/delivery.js";
import { cloudEvent } from "../../shared/webhooks/outbound/events.js";
import { deliveryView, deliveryViewSchema } from "../../shared/webhooks/outbound/view.js";
import { readWebhook } from "../../shared/webhooks/outbound/webhook.js";
import { note } from "./note.js";
import { paged, pageOf } from "./paging.js";
import { json, param, route } from "./route.js";

const WEBHOOK = "webhooks/{webhookId}";

const deliveriesQuery = z.strictObject({
  state: z.enum(DeliveryState).optional(),
});

export const webhookDeliveriesList = route({
  name: "webhookDeliveriesList",
  method: "GET",
  path: `${WEBHOOK}/deliveries`,
  role: "Reader",
  act: "list the deliveries of a webhook",
  query: deliveriesQuery,
  page: true,
  answer: { about: "Deliveries of 30 days, oldest first.", schema: pageOf(deliveryViewSchema) },
  run: async (call) => {
    const { state } = call.asked;
    const { id } = await readWebhook(param(call, "webhookId"));
    const deliveries = (await deliveriesOf(id, state)).map(deliveryView);
    return json(paged(call, deliveries, ({ createdAt, id: key }) => `${createdAt} ${key}`));
  },
});

export const webhookDeliveriesReplay = route({
  name: "webhookDeliveriesReplay",
  method: "POST",
  path: `${WEBHOOK}/deliveries/{deliveryId}/replay`,
  role: "Operator",
  act: "replay a delivery",
  answer: { status: 202, about: "The delivery, under way again", schema: deliveryViewSchema },
  run: async (call) => {
    const { id: webhookId } = await readWebhook(param(call, "webhookId"));
    const before = await readDelivery(webhookId, param(call, "deliveryId"));
    const delivery = { ...before, state: DeliveryState.pending, former: before.attempts.length };
    await note(call.actor, "webhook.replay", `webhook/${webhookId}`, { evidence: { delivery: delivery.id } });
    await (await deliveryStore()).put(webhookId, delivery.id, delivery);
    await queueAttempt(delivery, undefined, ` replay ${clock.now()}`);
    return json(deliveryView(delivery), 202);
  },
});

export const webhooksTest = route({
  name: "webhooksTest",
  method: "POST",
  path: `${WEBHOOK}/test`,
  role: "Operator",
  act: "test a webhook",
  answer: { status: 202, about: "The delivery of a test event", schema: deliveryViewSchema },
  run: async (call) => {
    const { id: webhookId } = await readWebhook(param(call, "webhookId"));
    const { id, name } = call.actor;
    const event = cloudEvent({
      ...{ id: crypto.randomUUID(), type: "webhook.test", subject: `webhook/${webhookId}`, time: clock.iso() },
      data: { action: "webhook.test", actor: { id, name } },
    });
    const delivery = deliveryOf(webhookId, event);
    await note(call.actor, "webhook.test", `webhook/${webhookId}`, { evidence: { delivery: delivery.id } });
    await startDelivery(delivery);
    return json(deliveryView(delivery), 202);
  },
});
