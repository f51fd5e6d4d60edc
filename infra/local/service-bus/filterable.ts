import { listFields, mapEntries, readSections } from "./amqp.js";
import type { Filterable } from "./filter.js";
import type { Envelope } from "./message.js";

/** Positions of the fields of the properties section (AMQP 1.0 §3.2.4). */
const FIELDS = {
  to: 2,
  subject: 3,
  replyTo: 4,
  correlationId: 5,
  contentType: 6,
  replyToSessionId: 12,
} as const;

/** The decoded properties of a message, under the names the SDK gives them. */
export function filterable(
  envelope: Pick<Envelope, "messageId" | "sessionId" | "properties" | "applicationProperties">,
): Filterable {
  const section = readSections(envelope.properties)[0]?.section;
  const values = section === undefined ? [] : listFields(section);
  const system: Record<string, unknown> = { messageId: envelope.messageId, sessionId: envelope.sessionId };
  for (const [name, position] of Object.entries(FIELDS)) system[name] = values[position] ?? undefined;
  return { system, properties: applicationPropertiesOf(envelope.applicationProperties) };
}

export function applicationPropertiesOf(section: Buffer | undefined): Record<string, unknown> {
  const decoded = section === undefined ? undefined : readSections(section)[0]?.section;
  return decoded === undefined ? {} : mapEntries(decoded);
}
