import { AppError } from "../../errors.js";
import { enqueue } from "../../queues/send.js";
import { type Documents, documents } from "../../store/documents.js";
import { timeKey } from "../../store/table.js";
import { table } from "../../store/tables.js";
import { type Delivery, DeliveryState, deliverySchema } from "./delivery.js";

/** The queue of deliveries to attempt. */
export const WEBHOOKS_OUT_QUEUE = "webhooks-out";

/** How long deliveries are kept, days. */
const KEPT_DAYS = 30;

/** Deliveries of a webhook, oldest first. */
export async function deliveriesOf(webhookId: string, state?: DeliveryState): Promise<Delivery[]> {
  const found: Delivery[] = [];
  for await (const { body } of (await deliveryStore()).all(webhookId)) {
    if (state === undefined || body.state === state) found.push(body);
  }
  return found;
}

/** Throws `not_found`. */
export async function readDelivery(webhookId: string, id: string): Promise<Delivery> {
  const found = (await (await deliveryStore()).get(webhookId, id))?.body;
  if (found !== undefined) return found;
  const message = `The webhook ${webhookId} has no delivery ${id}. GET /api/v1/webhooks/${webhookId}/deliveries lists them; they are kept for ${KEPT_DAYS} days.`;
  throw new AppError("not_found", message, { field: "deliveryId" });
}

/** Keeps a new delivery and has it attempted; one that was never attempted is queued again. */
export async function startDelivery(delivery: Delivery): Promise<void> {
  const present = await insert(delivery);
  if (present.state === DeliveryState.pending && present.attempts.length === 0) await queueAttempt(present);
}

/** @param notBefore ms of domain time; default: at once. @param turn tells apart items that put off the same attempt */
export async function queueAttempt(
  { webhookId, id, attempts }: Delivery,
  notBefore?: number,
  turn = "",
): Promise<void> {
  const body = { webhookId, id, attempt: attempts.length + 1 };
  const item = { id: `${id} ${body.attempt}${turn}`, body };
  await enqueue(WEBHOOKS_OUT_QUEUE, [notBefore === undefined ? item : { ...item, notBefore }]);
}

/** Forgets old deliveries of a webhook; all of them when it is gone. @param now ms */
export async function dropDeliveries(webhookId: string, now?: number): Promise<void> {
  const store = await deliveryStore();
  const before = now === undefined ? {} : { before: timeKey(now - KEPT_DAYS * 86_400_000) };
  for await (const { id } of store.all(webhookId, before)) await store.delete(webhookId, id);
}

async function insert(delivery: Delivery): Promise<Delivery> {
  const store = await deliveryStore();
  try {
    await store.insert(delivery.webhookId, delivery.id, delivery);
    return delivery;
  } catch (error) {
    if (!(error instanceof AppError && error.code === "conflict")) throw error;
    return readDelivery(delivery.webhookId, delivery.id);
  }
}

export async function deliveryStore(): Promise<Documents<Delivery>> {
  return documents(await table("WebhookDeliveries"), deliverySchema);
}
