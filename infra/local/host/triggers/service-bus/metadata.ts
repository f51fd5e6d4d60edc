import rhea, { type Delivery, type Message } from "rhea";
import { swapGuid, toNumber } from "../../../service-bus/amqp.js";
import type { ReceivedMessage } from "../service-bus.js";

/** When messages without time to live expire: the largest .NET date. */
const NEVER = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/** A delivery as a function gets it: the text of its body and the trigger metadata of functions-host.md §1.9. */
export function received(message: Message, delivery: Delivery): ReceivedMessage {
  const annotations = message.message_annotations ?? {};
  const enqueued = toNumber(annotations["x-opt-enqueued-time"] ?? 0);
  const enqueuedTime = new Date(enqueued).toISOString();
  const expiresAt = new Date(message.ttl === undefined ? NEVER : Math.min(NEVER, enqueued + message.ttl)).toISOString();
  const applicationProperties = message.application_properties ?? {};
  const metadata = {
    MessageId: text(message.message_id),
    DeliveryCount: (message.delivery_count ?? 0) + 1,
    EnqueuedTimeUtc: enqueuedTime,
    EnqueuedTime: enqueuedTime,
    ExpiresAtUtc: expiresAt,
    ExpiresAt: expiresAt,
    SequenceNumber: toNumber(annotations["x-opt-sequence-number"] ?? 0),
    LockToken: rhea.uuid_to_string(swapGuid(delivery.tag as Buffer)),
    ContentType: message.content_type,
    ReplyTo: message.reply_to,
    To: message.to,
    Subject: message.subject,
    Label: message.subject,
    CorrelationId: text(message.correlation_id),
    DeadLetterSource: annotations["x-opt-deadletter-source"],
    SessionId: message.group_id,
    ReplyToSessionId: message.reply_to_group_id,
    PartitionKey: annotations["x-opt-partition-key"],
    TransactionPartitionKey: annotations["x-opt-via-partition-key"],
    ApplicationProperties: applicationProperties,
    UserProperties: applicationProperties,
  };
  const present = Object.entries(metadata).filter(([, value]) => value !== undefined && value !== null);
  return { body: bodyText(message.body), metadata: Object.fromEntries(present) };
}

/** Wall time, milliseconds since the epoch, at which the lock of a delivery ends. */
export function lockedUntil(message: Message): number {
  return toNumber(message.message_annotations?.["x-opt-locked-until"] ?? 0);
}

function text(id: unknown): string | undefined {
  if (id === undefined || id === null) return undefined;
  return Buffer.isBuffer(id) ? id.toString("hex") : String(id);
}

function bodyText(body: unknown): string {
  const content = typeof body === "object" && body !== null && "content" in body ? body.content : body;
  if (Array.isArray(content) && content.every((part) => Buffer.isBuffer(part)))
    return Buffer.concat(content).toString();
  if (Buffer.isBuffer(content)) return content.toString("utf8");
  return typeof content === "string" ? content : JSON.stringify(content ?? null);
}
