import rhea, { type Typed } from "rhea";

/** The part of rhea's codec that its published types leave out. */
interface Codec {
  readonly Reader: new (buffer: Buffer) => { position: number; read(): Section; remaining(): number };
  readonly Writer: new () => { write(section: Typed): void; toBuffer(): Buffer };
}

/** One described AMQP value: a section of a message. */
export interface Section extends Typed {
  descriptor: { value: number };
}

/** Numeric descriptors of message sections (AMQP 1.0 §3.2). */
export const SectionCode = {
  header: 0x70,
  messageAnnotations: 0x72,
  properties: 0x73,
  applicationProperties: 0x74,
  data: 0x75,
} as const;

const codec = rhea.types as unknown as Codec;

export interface RawSection {
  readonly code: number;
  readonly raw: Buffer;
  readonly section: Section;
}

/** Splits an encoded message into its sections, each with its bytes. */
export function readSections(encoded: Buffer): RawSection[] {
  const reader = new codec.Reader(encoded);
  const sections: RawSection[] = [];
  while (reader.remaining() > 0) {
    const start = reader.position;
    const section = reader.read();
    sections.push({ code: section.descriptor.value, raw: encoded.subarray(start, reader.position), section });
  }
  return sections;
}

/** Encodes a value as a section with the given descriptor. */
export function writeSection(code: number, value: Typed): Buffer {
  const writer = new codec.Writer();
  writer.write(rhea.types.described(rhea.types.wrap_ulong(code), value));
  return writer.toBuffer();
}

/** The fields of a list section by position, unwrapped to plain values. */
export function listFields(section: Section): unknown[] {
  return (section.value as Typed[]).map((field) => rhea.types.unwrap(field));
}

/** The entries of a map section, unwrapped to plain values. */
export function mapEntries(section: Section): Record<string, unknown> {
  return rhea.types.unwrap_map_simple(section);
}

/** A 64-bit number as rhea hands it out: a number when it is safe, else its eight bytes, big-endian. */
export function toNumber(value: unknown): number {
  if (Buffer.isBuffer(value)) return Number(value.readBigInt64BE());
  if (value instanceof Date) return value.getTime();
  return Number(value);
}

/** Array elements stay typed after rhea's unwrap in some places; this takes the plain value. */
export function plain(value: unknown): unknown {
  return rhea.types.unwrap(value);
}

interface Outcomes {
  accepted(): { described(): Typed };
  rejected(fields: { error: { condition: string; description: string } }): { described(): Typed };
}

const outcomes = rhea.message as unknown as Outcomes;

export const accepted = (): Typed => outcomes.accepted().described();
export const rejected = (condition: string, description: string): Typed =>
  outcomes.rejected({ error: { condition, description } }).described();

export const timestamps = (values: readonly number[]): Typed => rhea.types.wrap_array(values, 0x83, undefined);
export const longs = (values: readonly number[]): Typed => rhea.types.wrap_array(values, 0x81, undefined);

/** The bytes of a lock token in .NET GUID order, as delivery tags carry them; the swap is its own inverse. */
export function swapGuid(bytes: Buffer): Buffer {
  const swapped = Buffer.from(bytes);
  swapped.subarray(0, 4).reverse();
  swapped.subarray(4, 6).reverse();
  swapped.subarray(6, 8).reverse();
  return swapped;
}
