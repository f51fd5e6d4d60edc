/** A text as an OData literal: quoted, inner quotes doubled. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** An id as a path segment. */
export function segment(id: string): string {
  return encodeURIComponent(id);
}

/** A path with its query, values percent-encoded but for the characters that Graph expects plain. */
export function withQuery(path: string, query: Readonly<Record<string, string | number | boolean>> = {}): string {
  const pairs = Object.entries(query).map(([name, value]) => `${name}=${encodeValue(String(value))}`);
  return pairs.length === 0 ? path : `${path}?${pairs.join("&")}`;
}

function encodeValue(value: string): string {
  return encodeURIComponent(value).replace(/%(?:24|2F|2C|3A)/g, (code) => decodeURIComponent(code));
}
