import type { Follower } from "../../feed/feed.js";
import { startDelivery } from "./deliveries.js";
import { deliveryOf } from "./delivery.js";
import { eventOf, takes } from "./events.js";
import { listWebhooks, type Webhook } from "./webhook.js";

/** The webhooks as they were read last, and when (ms). */
let known: { readonly at: number; readonly webhooks: readonly Webhook[] } = {
  at: Number.NEGATIVE_INFINITY,
  webhooks: [],
};

/** Has every change of the audit log delivered to the webhooks that take it and were there when it happened. */
export const webhooksFollower: Follower = {
  name: "webhooks",
  async take(change, now) {
    const event = eventOf(change);
    if (event === undefined) return;
    const at = Date.parse(event.time);
    for (const { id, enabled, events, createdAt } of await webhooksAt(at, now)) {
      if (!enabled || at < createdAt) continue;
      if (events.some((filter) => takes(filter, event.type))) await startDelivery(deliveryOf(id, event));
    }
  },
};

/** A list that was read after the event has every webhook that was there when it happened. */
async function webhooksAt(at: number, now: number): Promise<readonly Webhook[]> {
  if (at >= known.at) known = { at: now, webhooks: await listWebhooks() };
  return known.webhooks;
}
