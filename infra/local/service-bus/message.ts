/** Where a message stands; the numbers are those of the annotation x-opt-message-state. */
export const MessageState = { active: 0, deferred: 1, scheduled: 2 } as const;
export type MessageState = (typeof MessageState)[keyof typeof MessageState];

/** A message as its sender wrote it. Sections stay encoded, so that no AMQP type is lost on the way through. */
export interface Envelope {
  readonly messageId: string;
  readonly sessionId?: string;
  /** Milliseconds of domain time, the sender's wish. */
  readonly timeToLive?: number;
  readonly partitionKey?: string;
  readonly viaPartitionKey?: string;
  /** Domain time, milliseconds since the epoch, at which the sender wants it to appear. */
  readonly scheduledFor?: number;
  readonly properties: Buffer;
  readonly applicationProperties?: Buffer;
  /** Body sections and footer. */
  readonly body: Buffer;
}

export interface StoredMessage extends Omit<Envelope, "applicationProperties"> {
  readonly sequence: number;
  /** Sequence number under which the message was first accepted (scheduled messages get another on activation). */
  readonly enqueuedSequence: number;
  /** Domain time, milliseconds since the epoch. */
  readonly enqueuedAt: number;
  readonly deadLetterSource?: string;
  applicationProperties?: Buffer;
  /** Failed deliveries so far. */
  deliveryCount: number;
  state: MessageState;
}

/** Bytes the message occupies against size limits and quotas. */
export function sizeOf(message: Envelope | StoredMessage): number {
  return message.properties.length + (message.applicationProperties?.length ?? 0) + message.body.length;
}

const BINARY = ["properties", "applicationProperties", "body"] as const;

/** The journal's form of a message: encoded sections as base64. */
export type MessageRecord = Omit<StoredMessage, (typeof BINARY)[number]> & {
  properties: string;
  applicationProperties?: string;
  body: string;
};

export function toRecord(message: StoredMessage): MessageRecord {
  const { properties, applicationProperties, body, ...rest } = message;
  return {
    ...rest,
    properties: properties.toString("base64"),
    ...(applicationProperties === undefined ? {} : { applicationProperties: applicationProperties.toString("base64") }),
    body: body.toString("base64"),
  };
}

export function fromRecord(record: MessageRecord): StoredMessage {
  const { properties, applicationProperties, body, ...rest } = record;
  return {
    ...rest,
    properties: Buffer.from(properties, "base64"),
    ...(applicationProperties === undefined
      ? {}
      : { applicationProperties: Buffer.from(applicationProperties, "base64") }),
    body: Buffer.from(body, "base64"),
  };
}
