import type { ServiceBusMessage, ServiceBusSender } from "@azure/service-bus";
import { AppError } from "../errors.js";
import { rejectionDigest } from "../ledger/rejections.js";
import { openSender } from "../queues/connection.js";
import { STORAGE_BACKOFF, withBackoff } from "../store/backoff.js";
import type { Rejection } from "./intake.js";
import { REJECTED_SIGNALS_QUEUE } from "./signal.js";

let opened: ServiceBusSender | undefined;

/**
 * Sends refused signals, with the reason, to the queue `signals-rejected`. The same refusal has the same message id.
 * @throws AppError `unavailable` when Service Bus stays away
 */
export async function sendRejected(rejections: readonly Rejection[]): Promise<void> {
  if (rejections.length === 0) return;
  await withBackoff({ ...STORAGE_BACKOFF, seed: REJECTED_SIGNALS_QUEUE }, async () => {
    try {
      await sendAll(sender(), rejections.map(toMessage));
    } catch (cause) {
      throw new AppError(
        "unavailable",
        `Refused signals could not be sent to ${REJECTED_SIGNALS_QUEUE}. Check the Service Bus connection; the batch comes again.`,
        { cause },
      );
    }
  });
}

async function sendAll(to: ServiceBusSender, messages: readonly ServiceBusMessage[]): Promise<void> {
  let batch = await to.createMessageBatch();
  for (const message of messages) {
    if (batch.tryAddMessage(message)) continue;
    if (batch.count > 0) await to.sendMessages(batch);
    batch = await to.createMessageBatch();
    if (!batch.tryAddMessage(message)) batch.tryAddMessage(withoutBody(message));
  }
  if (batch.count > 0) await to.sendMessages(batch);
}

/** The original goes along whole, so that it can be corrected and sent again. */
export function toMessage(rejection: Rejection): ServiceBusMessage {
  const { reason, message, body, releaseId } = rejection;
  return {
    messageId: rejectionDigest(rejection),
    contentType: "application/json",
    subject: reason,
    applicationProperties: { reason },
    body: { reason, message, ...(releaseId === undefined ? {} : { releaseId }), signal: body },
  };
}

/** For an original as large as a message may be: the envelope does not fit around it. */
function withoutBody(message: ServiceBusMessage): ServiceBusMessage {
  return { ...message, body: { ...message.body, signal: null } };
}

function sender(): ServiceBusSender {
  opened ??= openSender(REJECTED_SIGNALS_QUEUE);
  return opened;
}
