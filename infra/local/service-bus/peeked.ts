import { readSections, SectionCode } from "./amqp.js";
import { applicationPropertiesOf, filterable } from "./filterable.js";
import { MessageState, type StoredMessage } from "./message.js";

/** A decoded message, for tests and tools. */
export interface PeekedMessage {
  readonly sequence: number;
  readonly messageId: string;
  /** Parsed JSON where the body is JSON, else its text. */
  readonly body: unknown;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly applicationProperties: Readonly<Record<string, unknown>>;
  readonly state: keyof typeof MessageState;
  /** Failed deliveries so far. */
  readonly deliveryCount: number;
  /** Domain time, milliseconds since the epoch. */
  readonly enqueuedAt: number;
}

export function peeked(message: StoredMessage): PeekedMessage {
  const { sequence, messageId, deliveryCount, enqueuedAt } = message;
  const states = Object.keys(MessageState) as (keyof typeof MessageState)[];
  const state = states.find((name) => MessageState[name] === message.state) ?? "active";
  return {
    sequence,
    messageId,
    body: bodyOf(message),
    properties: filterable(message).system,
    applicationProperties: applicationPropertiesOf(message.applicationProperties),
    state,
    deliveryCount,
    enqueuedAt,
  };
}

function bodyOf({ body }: StoredMessage): unknown {
  const sections = readSections(body);
  const data = sections.filter(({ code }) => code === SectionCode.data).map(({ section }) => section.value as Buffer);
  if (data.length === 0) return sections[0]?.section.value;
  const text = Buffer.concat(data).toString("utf8");
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
