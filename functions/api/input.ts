import type { HttpRequest } from "@azure/functions";
import { z } from "zod";
import { AppError } from "../../shared/errors.js";

/** Largest body an API call may carry, bytes. */
export const MAX_BODY_BYTES = 256 * 1024;

/** The function key may come as this query parameter; it is none of an operation's. */
const KEY_PARAMETER = "code";

/** The text of a request's body; "" where reading needs none. Throws `too_large`. */
export async function textOf(request: HttpRequest): Promise<string> {
  if (request.method === "GET" || request.method === "HEAD") return "";
  const message = `The body is larger than ${MAX_BODY_BYTES} bytes. Send less in one call.`;
  const tooLarge = () => new AppError("too_large", message, { details: { limit: MAX_BODY_BYTES } });
  if (Number(request.headers.get("content-length") ?? 0) > MAX_BODY_BYTES) throw tooLarge();
  const text = await request.text();
  if (Buffer.byteLength(text) > MAX_BODY_BYTES) throw tooLarge();
  return text;
}

/** Reads a JSON body. Throws `unsupported_media_type`, or `invalid_input` naming the field that is wrong. */
export function bodyOf<B>(schema: z.core.$ZodType<B>, text: string, contentType: string | null): B {
  if (text === "") return validate(schema, {});
  if (!/^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i.test(contentType ?? "")) {
    const message = `The body is ${contentType ?? "of no known type"}. Send JSON with content-type application/json.`;
    throw new AppError("unsupported_media_type", message);
  }
  return validate(schema, parseJson(text));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new AppError("invalid_input", `The body is not JSON: ${error instanceof Error ? error.message : error}.`);
  }
}

/** The query parameters that are the operation's. */
export function withoutKey(query: URLSearchParams): URLSearchParams {
  return new URLSearchParams([...query].filter(([name]) => name !== KEY_PARAMETER));
}

/** Reads query parameters. Throws `invalid_input` naming one that is wrong or that the operation does not have. */
export function queryOf<Q>(schema: z.core.$ZodType<Q> & { readonly shape: object }, query: URLSearchParams): Q {
  const known = Object.keys(schema.shape);
  const unknown = [...query.keys()].find((name) => !known.includes(name));
  if (unknown === undefined) return validate(schema, Object.fromEntries(query), "The query");
  const choice = known.length === 0 ? "It takes none." : `It takes ${known.join(", ")}.`;
  throw new AppError("invalid_input", `${unknown}: this call does not know the query parameter. ${choice}`, {
    field: unknown,
  });
}

/** Validates API input. Throws `invalid_input` naming the first field that is wrong. */
export function validate<T>(schema: z.core.$ZodType<T>, value: unknown, whole = "The body"): T {
  const parsed = z.safeParse(schema, value);
  if (parsed.success) return parsed.data;
  const { field, problem } = explained(parsed.error.issues[0]);
  throw new AppError("invalid_input", `${field === "" ? whole : field}: ${problem}.`, { field });
}

function explained(issue: z.core.$ZodIssue | undefined): { field: string; problem: string } {
  const path = (issue?.path ?? []).map(String);
  if (issue?.code === "unrecognized_keys") {
    return { field: [...path, issue.keys[0] ?? ""].join("."), problem: "this call does not know the field" };
  }
  const missing = issue?.message.endsWith("received undefined") === true;
  return { field: path.join("."), problem: missing ? "the field is missing" : (issue?.message ?? "it is wrong") };
}

/** A path parameter that must be there. */
export function param(call: { readonly params: Readonly<Record<string, string>> }, name: string): string {
  const value = call.params[name];
  if (value === undefined || value === "")
    throw new AppError("invalid_input", `The path lacks ${name}.`, { field: name });
  return value;
}
