import { createHash, randomUUID } from "node:crypto";
import type { HttpRequest, HttpResponseInit } from "@azure/functions";
import type { Actor } from "../../shared/access/roles.js";
import { AppError } from "../../shared/errors.js";
import { claim, type KeptAnswer } from "../../shared/idempotency/store.js";
import { wall } from "../../shared/wall.js";
import { seal, unseal } from "../../shared/webhooks/outbound/secrets.js";
import { headersOf } from "./reply.js";

export interface Asking {
  readonly actor: Actor;
  /** The body as it came. */
  readonly text: string;
  /** The answer tells a secret, so what is kept of it is sealed. */
  readonly secret?: true | undefined;
}

/** Longer answers are not kept; such a call may be made again. */
const MOST_KEPT_CHARS = 400_000;

/**
 * Runs a POST once per Idempotency-Key of its caller: the same call again within a day gives the first answer again.
 * A call that was refused or failed is not kept; its key is free for another try. Throws `conflict` where the key stands
 * for another call or for one that still runs, `invalid_input` for a key that is none.
 */
export async function oncePerKey(
  request: Pick<HttpRequest, "method" | "url" | "headers">,
  { actor, text, secret }: Asking,
  run: () => Promise<HttpResponseInit>,
): Promise<HttpResponseInit> {
  const key = request.headers.get("idempotency-key");
  if (key === null || request.method !== "POST") return run();
  if (!/^[\x21-\x7e]{1,255}$/.test(key)) {
    const message = "Idempotency-Key: send 1 to 255 printable ASCII characters without blanks, such as a UUID.";
    throw new AppError("invalid_input", message, { field: "Idempotency-Key" });
  }
  const claimed = await claim({ caller: actor.id, key, asked: fingerprint(request, text) }, wall.now());
  const owner = `${actor.id} ${key}`;
  if ("kept" in claimed) return repeated(claimed.kept, owner);
  const reply = await run().catch(async (error: unknown) => {
    // Why the call failed is what its caller has to know; a key that stays taken is free again in some minutes.
    await claimed.release().catch(() => undefined);
    throw error;
  });
  const kept = keptOf(reply, secret === true ? owner : undefined);
  // What was done is done, whether or not its answer can be kept: then the key only stays taken for some minutes.
  await (kept === undefined ? claimed.release() : claimed.keep(kept)).catch(() => undefined);
  return reply;
}

/**
 * The id of what a call creates: with an Idempotency-Key the same whenever the call is made again, so that a call that
 * was cut off between what it did and its answer does nothing twice.
 */
export function newId(request: Pick<HttpRequest, "method" | "url" | "headers">, { actor, text }: Asking): string {
  const key = request.headers.get("idempotency-key");
  if (key === null) return randomUUID();
  const digest = createHash("sha256")
    .update(`${actor.id} ${key} ${fingerprint(request, text)}`)
    .digest("hex");
  // The marks of version 8 and of the variant (RFC 9562), as in a random one.
  return digest.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, "$1-$2-8$3-a$4-$5");
}

/** What is asked for under a key. */
function fingerprint({ method, url }: Pick<HttpRequest, "method" | "url">, text: string): string {
  return createHash("sha256")
    .update(`${method} ${new URL(url).pathname}\n${text}`)
    .digest("hex");
}

/** @param sealedFor whom the body is sealed for; undefined: it is kept as it is */
function keptOf({ status = 200, headers, body }: HttpResponseInit, sealedFor: string | undefined) {
  const text = body === undefined || body === null ? null : body;
  if (status >= 300 || (text !== null && typeof text !== "string")) return undefined;
  if ((text?.length ?? 0) > MOST_KEPT_CHARS) return undefined;
  const kept: KeptAnswer = { status, headers: headersOf(headers), body: text };
  return text === null || sealedFor === undefined ? kept : { ...kept, body: seal(text, sealedFor), sealed: true };
}

function repeated({ status, headers, body, sealed }: KeptAnswer, owner: string): HttpResponseInit {
  const text = body !== null && sealed === true ? unseal(body, owner) : body;
  return { status, headers: { ...headers, "idempotency-replayed": "true" }, ...(text === null ? {} : { body: text }) };
}
