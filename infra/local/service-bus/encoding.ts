import { randomUUID } from "node:crypto";
import rhea, { type Typed } from "rhea";
import { listFields, mapEntries, type RawSection, readSections, SectionCode, toNumber, writeSection } from "./amqp.js";
import { BrokerError, Condition } from "./broker-error.js";
import type { Envelope, StoredMessage } from "./message.js";

/** Message format of a batch: every data section of the transfer is a complete encoded message. */
const BATCH_FORMAT = 0x80013700;

const MAX_UINT = 0xffffffff;
const HEADER_TTL = 2;
const PROPERTY = { messageId: 0, groupId: 10 } as const;

/** The messages of one transfer, in order. Throws `amqp:decode-error` when the bytes are not AMQP. */
export function decodeTransfer(payload: Buffer, format: number | undefined): Envelope[] {
  try {
    if (format !== BATCH_FORMAT) return [decodeMessage(payload)];
    return readSections(payload)
      .filter(({ code }) => code === SectionCode.data)
      .map(({ section }) => decodeMessage(section.value));
  } catch (error) {
    throw new BrokerError(Condition.decodeError, `The message cannot be decoded: ${String(error)}`);
  }
}

/**
 * Reads one encoded message, copying what it keeps out of the socket's buffer. Assigns a message id when there is none:
 * the SDK's lock renewal needs it.
 */
export function decodeMessage(encoded: Buffer): Envelope {
  const sections = readSections(encoded);
  const find = (code: number) => sections.find((section) => section.code === code);
  const header = find(SectionCode.header);
  const annotations = annotationsOf(find(SectionCode.messageAnnotations));
  const ttl = header === undefined ? undefined : listFields(header.section)[HEADER_TTL];
  const identity = identify(find(SectionCode.properties));
  const applicationProperties = find(SectionCode.applicationProperties)?.raw;
  return {
    ...identity,
    ...(typeof ttl === "number" ? { timeToLive: ttl } : {}),
    ...annotations,
    ...(applicationProperties === undefined ? {} : { applicationProperties: Buffer.from(applicationProperties) }),
    body: Buffer.concat(sections.filter(({ code }) => code >= SectionCode.data).map(({ raw }) => raw)),
  };
}

function annotationsOf(section: RawSection | undefined): Partial<Envelope> {
  if (section === undefined) return {};
  const entries = mapEntries(section.section);
  const partitionKey = entries["x-opt-partition-key"];
  const viaPartitionKey = entries["x-opt-via-partition-key"];
  const scheduled = entries["x-opt-scheduled-enqueue-time"];
  return {
    ...(typeof partitionKey === "string" ? { partitionKey } : {}),
    ...(typeof viaPartitionKey === "string" ? { viaPartitionKey } : {}),
    ...(scheduled === undefined || scheduled === null ? {} : { scheduledFor: toNumber(scheduled) }),
  };
}

function identify(section: RawSection | undefined): Pick<Envelope, "messageId" | "sessionId" | "properties"> {
  const fields = section === undefined ? [] : listFields(section.section);
  const session = fields[PROPERTY.groupId];
  const sessionId = typeof session === "string" ? { sessionId: session } : {};
  const id = fields[PROPERTY.messageId];
  if (section !== undefined && id !== undefined && id !== null) {
    return {
      messageId: Buffer.isBuffer(id) ? id.toString("hex") : String(id),
      ...sessionId,
      properties: Buffer.from(section.raw),
    };
  }
  const messageId = randomUUID().replaceAll("-", "");
  const rest = section === undefined ? [] : (section.section.value as Typed[]).slice(1);
  const properties = writeSection(SectionCode.properties, rhea.types.wrap_list([messageId, ...rest]));
  return { messageId, ...sessionId, properties };
}

/** A message as a receiver gets it: the sender's sections behind the broker's header and annotations. */
export function encodeMessage(message: StoredMessage, timeToLive?: number, lockedUntil?: number): Buffer {
  const header = rhea.types.wrap_list([
    true,
    rhea.types.wrap_ubyte(4),
    timeToLive === undefined ? null : rhea.types.wrap_uint(Math.min(timeToLive, MAX_UINT)),
    false,
    rhea.types.wrap_uint(message.deliveryCount),
  ]);
  return Buffer.concat([
    writeSection(SectionCode.header, header),
    writeSection(SectionCode.messageAnnotations, rhea.types.wrap_symbolic_map(annotate(message, lockedUntil))),
    message.properties,
    message.applicationProperties ?? Buffer.alloc(0),
    message.body,
  ]);
}

function annotate(message: StoredMessage, lockedUntil: number | undefined): Record<string, unknown> {
  const optional = {
    "x-opt-partition-key": message.partitionKey,
    "x-opt-via-partition-key": message.viaPartitionKey,
    "x-opt-deadletter-source": message.deadLetterSource,
    "x-opt-scheduled-enqueue-time":
      message.scheduledFor === undefined ? undefined : rhea.types.wrap_timestamp(message.scheduledFor),
    "x-opt-locked-until": lockedUntil === undefined ? undefined : rhea.types.wrap_timestamp(lockedUntil),
  };
  return {
    "x-opt-sequence-number": rhea.types.wrap_long(message.sequence),
    "x-opt-enqueue-sequence-number": rhea.types.wrap_long(message.enqueuedSequence),
    "x-opt-enqueued-time": rhea.types.wrap_timestamp(message.enqueuedAt),
    "x-opt-message-state": rhea.types.wrap_int(message.state),
    ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)),
  };
}

/** The application-properties section with some entries set; the others keep their AMQP types. */
export function mergeProperties(section: Buffer | undefined, changes: Readonly<Record<string, unknown>>): Buffer {
  const merged: Record<string, unknown> = {};
  const old = section === undefined ? [] : (readSections(section)[0]?.section.value as Typed[]);
  for (let i = 0; i + 1 < old.length; i += 2) merged[String(old[i]?.value)] = old[i + 1];
  return writeSection(SectionCode.applicationProperties, rhea.types.wrap_map({ ...merged, ...changes }));
}
