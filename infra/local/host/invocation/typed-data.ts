import type { TypedData } from "../app/model.js";

/**
 * The value that RpcTypedData carries: JSON is parsed, bytes become a Buffer, text stays text
 * (functions-host.md §1.6). Undefined when there is none.
 */
export function decode(data: TypedData | null | undefined): unknown {
  if (data === null || data === undefined) return undefined;
  if (present(data.string)) return data.string;
  if (present(data.json)) return JSON.parse(data.json);
  if (present(data.bytes)) return Buffer.from(data.bytes);
  if (present(data.stream)) return Buffer.from(data.stream);
  if (present(data.int)) return Number(data.int);
  if (present(data.double)) return data.double;
  if (present(data.collectionString)) return [...data.collectionString.string];
  if (present(data.collectionBytes)) return data.collectionBytes.bytes.map((bytes) => Buffer.from(bytes));
  return undefined;
}

/** RpcTypedData of a value; undefined and null are "no value". */
export function encode(value: unknown): TypedData {
  if (value === undefined || value === null) return {};
  if (typeof value === "string") return { string: value };
  if (value instanceof Uint8Array) return { bytes: value };
  if (typeof value === "number") return Number.isInteger(value) ? { int: value } : { double: value };
  return { json: JSON.stringify(value) };
}

/** What a Service Bus handler gets: text as text, so that the model parses JSON; anything else as bytes. */
export function encodeBody(body: unknown): TypedData {
  if (typeof body === "string") return { string: body };
  return body instanceof Uint8Array ? { bytes: body } : { string: JSON.stringify(body ?? null) };
}

/** A batch of bodies: text as a collection of strings, or of bytes as soon as one body is not text. */
export function encodeBodies(bodies: readonly unknown[]): TypedData {
  const data = bodies.map(encodeBody);
  if (data.every((item) => present(item.string)))
    return { collectionString: { string: data.map((d) => d.string ?? "") } };
  const bytes = data.map((item) => (present(item.bytes) ? item.bytes : Buffer.from(item.string ?? "", "utf8")));
  return { collectionBytes: { bytes } };
}

function present<T>(value: T | null | undefined): value is T {
  return value !== null && value !== undefined;
}
