import { plain } from "../amqp.js";
import { BrokerError, Condition } from "../broker-error.js";
import type { MessageQueue } from "../queue.js";

type Body = Readonly<Record<string, unknown>>;

/** Settles a message by lock token as the request's `disposition-status` says (spellings as in the protocol). */
export function applySettlement(queue: MessageQueue, token: Buffer, body: Body): void {
  const changes = changesOf(body);
  switch (body["disposition-status"]) {
    case "completed":
      queue.complete(token);
      break;
    case "abandoned":
      queue.abandon(token, changes);
      break;
    case "defered":
      queue.defer(token, changes);
      break;
    case "suspended":
      queue.deadLetter(token, { ...changes, ...deadLetterProperties(body) });
      break;
    default:
      throw new BrokerError(
        Condition.argumentError,
        `There is no disposition '${String(body["disposition-status"])}'.`,
      );
  }
}

function changesOf(body: Body): Record<string, unknown> {
  const changes = plain(body["properties-to-modify"]);
  return typeof changes === "object" && changes !== null ? { ...changes } : {};
}

function deadLetterProperties(body: Body): Record<string, unknown> {
  const reason = body["deadletter-reason"];
  const description = body["deadletter-description"];
  return {
    ...(typeof reason === "string" ? { DeadLetterReason: reason } : {}),
    ...(typeof description === "string" ? { DeadLetterErrorDescription: description } : {}),
  };
}
