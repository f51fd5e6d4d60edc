import type { HttpResponseInit } from "@azure/functions";

/** Data that nobody changes: what a view gives where a schema allows changing it. */
export type Shown<T> = T extends readonly (infer E)[]
  ? readonly Shown<E>[]
  : T extends object
    ? { readonly [K in keyof T]: Shown<T[K]> }
    : T;

declare const shows: unique symbol;

/** A reply that shows a T, so that the compiler holds what an operation sends against the schema that describes it. */
export type Reply<T> = HttpResponseInit & { readonly [shows]?: T };

/** A reply with a JSON body. */
export function json<T>(value: T, status = 200): Reply<T> {
  return { status, headers: { "content-type": "application/json" }, body: JSON.stringify(value) };
}

/** The headers of a reply by their names in lower case. */
export function headersOf(headers: HttpResponseInit["headers"]): Record<string, string> {
  if (headers === undefined) return {};
  const pairs = Symbol.iterator in headers ? [...headers] : Object.entries(headers);
  return Object.fromEntries(pairs.map(([name, value]) => [String(name).toLowerCase(), String(value)]));
}

/** A header of a reply, by its name in lower case. */
export function headerOf({ headers }: HttpResponseInit, name: string): string | undefined {
  return headersOf(headers)[name];
}
