import { createHash } from "node:crypto";
import type { HttpRequest, HttpResponseInit } from "@azure/functions";
import { AppError } from "../../shared/errors.js";
import { headerOf, type Reply } from "./reply.js";

/**
 * The ETag of a resource. Where much of it moves by itself, such as the counts of a release, `version` is what changes
 * by decisions alone: If-Match asks whether that is as it was, If-None-Match whether everything is.
 * @param content the body
 */
export function etagOf(content: string, version?: unknown): string {
  return version === undefined ? `"${digest(content)}"` : `"${digest(JSON.stringify(version))}.${digest(content)}"`;
}

/** The reply with an ETag whose `version` is what changes by decisions alone. */
export function versioned<T>(reply: Reply<T>, version: unknown): Reply<T> {
  return { ...reply, headers: { ...reply.headers, etag: etagOf(String(reply.body), version) } };
}

/** The reply with an ETag, unless the operation gave one; without its body where the caller has it (If-None-Match). */
export function conditional(request: Pick<HttpRequest, "headers">, reply: HttpResponseInit): HttpResponseInit {
  if ((reply.status ?? 200) !== 200 || typeof reply.body !== "string") return reply;
  const etag = headerOf(reply, "etag") ?? etagOf(reply.body);
  if (names(request.headers.get("if-none-match"), etag, same)) return { status: 304, headers: { etag } };
  return { ...reply, headers: { ...reply.headers, etag } };
}

/** A call that may say which version its sender saw. */
interface Conditional {
  readonly headers: Pick<HttpRequest["headers"], "get">;
}

/**
 * Passes when the call has no If-Match or names what there is. Throws `stale` otherwise, before anything is changed.
 * @param current ETag as reading would give it now
 */
export async function refuseStale(call: Conditional, current: () => string | Promise<string>): Promise<void> {
  const seen = call.headers.get("if-match");
  if (seen !== null) refuseOther(seen, await current());
}

/** The same for what has a version. */
export function refuseOtherVersion({ headers }: Conditional, version: unknown): void {
  refuseOther(headers.get("if-match"), etagOf("", version));
}

/**
 * The same for what is at hand as reading would show it.
 * @param shown undefined: there is nothing yet
 */
export function refuseOtherBody({ headers }: Conditional, shown: object | undefined): void {
  refuseOther(headers.get("if-match"), shown && etagOf(JSON.stringify(shown)));
}

/** The same where both ETags are at hand. @param current undefined: there is nothing yet, which even `*` does not name */
export function refuseOther(seen: string | null, current: string | undefined): void {
  if (seen === null || (current !== undefined && names(seen, current, sameVersion))) return;
  throw new AppError(
    "stale",
    "It is not as it was when you read it, and nothing was changed. Read it again and repeat your change if it still holds.",
    { field: "If-Match" },
  );
}

function names(header: string | null, etag: string, equal: (a: string, b: string) => boolean): boolean {
  if (header === null) return false;
  return header.trim() === "*" || (header.match(/(?:W\/)?"[^"]*"/g) ?? []).some((each) => equal(each, etag));
}

/** Weak comparison: proxies that compress make an ETag weak. */
function same(a: string, b: string): boolean {
  return opaque(a) === opaque(b);
}

function sameVersion(a: string, b: string): boolean {
  return opaque(a).split(".")[0] === opaque(b).split(".")[0];
}

const opaque = (etag: string): string => etag.replace(/^W\//, "").replaceAll('"', "");

function digest(text: string): string {
  return createHash("sha256").update(text).digest("base64url").slice(0, 22);
}
