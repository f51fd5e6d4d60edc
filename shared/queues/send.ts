import type { ServiceBusClientOptions, ServiceBusMessage, ServiceBusSender } from "@azure/service-bus";
import { AppError } from "../errors.js";
import { STORAGE_BACKOFF, withBackoff } from "../store/backoff.js";
import { openSender } from "./connection.js";

/** One thing to do, for whoever listens on the queue. */
export interface QueueItem {
  /** Small JSON: ids of what is stored, never the thing itself. */
  readonly body: unknown;
  /** The same item twice has the same id, so that the queue drops the second. */
  readonly id: string;
  /** Not before this instant, ms of domain time. Default: at once. */
  readonly notBefore?: number;
}

/** An outage of the broker must not hold up the caller for longer than this and one repetition, ms of wall time. */
const OPTIONS: ServiceBusClientOptions = {
  retryOptions: { maxRetries: 1, retryDelayInMs: 250, maxRetryDelayInMs: 1_000, timeoutInMs: 10_000 },
};

const senders = new Map<string, ServiceBusSender>();

/**
 * Sends items to a queue of the app.
 * @throws AppError `unavailable` when Service Bus stays away
 */
export async function enqueue(queue: string, items: readonly QueueItem[]): Promise<void> {
  await withBackoff({ ...STORAGE_BACKOFF, tries: 3, seed: queue }, () => sendOnce(queue, items));
}

/** The same without patience: one try. */
export async function sendOnce(queue: string, items: readonly QueueItem[]): Promise<void> {
  if (items.length === 0) return;
  try {
    await senderOf(queue).sendMessages(items.map(toMessage));
  } catch (cause) {
    const message = `${items.length} items could not be sent to the queue ${queue}. Check the Service Bus connection; it is tried again.`;
    throw new AppError("unavailable", message, { cause });
  }
}

function senderOf(queue: string): ServiceBusSender {
  const sender = senders.get(queue) ?? openSender(queue, OPTIONS);
  senders.set(queue, sender);
  return sender;
}

function toMessage({ body, id, notBefore }: QueueItem): ServiceBusMessage {
  const message = { messageId: id.slice(0, 128), contentType: "application/json", body };
  return notBefore === undefined ? message : { ...message, scheduledEnqueueTimeUtc: new Date(notBefore) };
}
