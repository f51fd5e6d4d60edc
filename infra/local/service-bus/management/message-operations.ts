import rhea from "rhea";
import { longs, plain, timestamps, toNumber } from "../amqp.js";
import { BrokerError, Condition } from "../broker-error.js";
import { decodeMessage, encodeMessage } from "../encoding.js";
import type { MessageQueue } from "../queue.js";
import type { ManagementRequest, Operation } from "./manage.js";
import { applySettlement } from "./settlement.js";

const RECEIVE_AND_DELETE = 0;

/** Operations on messages, by name without prefix. */
export const messageOperations: Readonly<Record<string, Operation>> = {
  "renew-lock": ({ namespace, address, body }) => {
    const queue = namespace.queue(address);
    return { expirations: timestamps(tokensOf(body).map((token) => queue.renew(token))) };
  },

  "peek-message": ({ namespace, address, body }) => {
    const queue = namespace.queue(address);
    const scheduled = namespace.scheduled(address);
    const session = body["session-id"];
    const found = [...queue.store.list(), ...scheduled]
      .filter(({ sequence }) => sequence >= toNumber(body["from-sequence-number"]))
      .filter(({ sessionId }) => typeof session !== "string" || sessionId === session)
      .sort((a, b) => a.sequence - b.sequence)
      .slice(0, toNumber(body["message-count"]));
    if (found.length === 0) return undefined;
    return { messages: found.map((message) => ({ message: encodeMessage(message, queue.timeToLive(message)) })) };
  },

  "schedule-message": ({ namespace, address, body }) => {
    const intake = namespace.intake(address);
    const envelopes = listOf(body.messages).map((entry) => {
      const encoded = (entry as Record<string, unknown>).message as Buffer;
      if (encoded.length <= intake.settings.maxMessageBytes) return decodeMessage(encoded);
      throw new BrokerError(Condition.messageSizeExceeded, `The message has ${encoded.length} bytes, too many.`);
    });
    return { "sequence-numbers": longs(intake.scheduleAll(envelopes)) };
  },

  "cancel-scheduled-message": ({ namespace, address, body }) => {
    namespace.intake(address).schedule.cancel(sequencesOf(body));
    return {};
  },

  "receive-by-sequence-number": (request) => {
    const queue = request.namespace.queue(request.address);
    const receiveAndDelete = toNumber(request.body["receiver-settle-mode"]) === RECEIVE_AND_DELETE;
    const receiver = { holder: request.holder, receiveAndDelete, session: sessionOf(request, queue) };
    const handovers = queue.receiveDeferred(sequencesOf(request.body), receiver);
    return {
      messages: handovers.map(({ message, lock }) => ({
        message: encodeMessage(message, queue.timeToLive(message), lock?.until),
        ...(lock === undefined ? {} : { "lock-token": rhea.types.wrap_uuid(lock.token) }),
      })),
    };
  },

  "update-disposition": ({ namespace, address, body }) => {
    const queue = namespace.queue(address);
    for (const token of tokensOf(body)) applySettlement(queue, token, body);
    return {};
  },
};

function sessionOf({ body }: ManagementRequest, queue: MessageQueue) {
  const id = body["session-id"];
  return typeof id === "string" ? queue.sessions.owned(id) : undefined;
}

function listOf(value: unknown): unknown[] {
  const list = plain(value);
  return Array.isArray(list) ? list.map(plain) : [];
}

function tokensOf(body: Readonly<Record<string, unknown>>): Buffer[] {
  return listOf(body["lock-tokens"]).map((token) => Buffer.from(token as Buffer));
}

function sequencesOf(body: Readonly<Record<string, unknown>>): number[] {
  return listOf(body["sequence-numbers"]).map(toNumber);
}
