import { createHash } from "node:crypto";
import type { HttpRequest, HttpResponseInit } from "@azure/functions";
import type { Actor } from "../../shared/access/roles.js";
import { AppError } from "../../shared/errors.js";
import { claim, type KeptAnswer } from "../../shared/idempotency/store.js";
import { wall } from "../../shared/wall.js";
import { seal, unseal } from "../../shared/webhooks/outbound/secrets.js";
import { headersOf } from "./reply.js";

/** Longer answers are not kept; such a call may be made again. */
const MOST_KEPT_CHARS = 400_000;

interface Asked {
  readonly actor: Actor;
  /** The body as it came. */
  readonly text: string;
  /** The answer's body tells a secret, which is not to lie open in storage. Default: false. */
  readonly secret?: boolean;
}

/**
 * Runs a POST once per Idempotency-Key of its caller: the same call again within a day gives the first answer again.
 * A call that was refused or failed is not kept; its key is free for another try. Throws `conflict` where the key stands
 * for another call or for one that still runs, `invalid_input` for a key that is none.
 */
export async function oncePerKey(
  request: Pick<HttpRequest, "method" | "url" | "headers">,
  { actor, text, secret = false }: Asked,
  run: () => Promise<HttpResponseInit>,
): Promise<HttpResponseInit> {
  const key = request.headers.get("idempotency-key");
  if (key === null || request.method !== "POST") return run();
  if (!/^[\x21-\x7e]{1,255}$/.test(key)) {
    const message = "Idempotency-Key: send 1 to 255 printable ASCII characters without blanks, such as a UUID.";
    throw new AppError("invalid_input", message, { field: "Idempotency-Key" });
  }
  const { pathname } = new URL(request.url);
  const asked = createHash("sha256").update(`${request.method} ${pathname}\n${text}`).digest("hex");
  const claimed = await claim({ caller: actor.id, key, asked }, wall.now());
  const owner = `${actor.id} ${key}`;
  if ("kept" in claimed) return repeated(secret ? withBody(claimed.kept, (body) => unseal(body, owner)) : claimed.kept);
  const reply = await run().catch(async (error: unknown) => {
    await claimed.release();
    throw error;
  });
  const kept = keptOf(reply);
  // What was done is done, whether or not its answer can be kept: then the key only stays taken for some minutes.
  const stored = kept && secret ? withBody(kept, (body) => seal(body, owner)) : kept;
  await (stored === undefined ? claimed.release() : claimed.keep(stored)).catch(() => undefined);
  return reply;
}

function keptOf({ status = 200, headers, body }: HttpResponseInit): KeptAnswer | undefined {
  const text = body === undefined || body === null ? null : body;
  if (status >= 300 || (text !== null && typeof text !== "string")) return undefined;
  if ((text?.length ?? 0) > MOST_KEPT_CHARS) return undefined;
  return { status, headers: headersOf(headers), body: text };
}

function withBody(answer: KeptAnswer, change: (body: string) => string): KeptAnswer {
  return { ...answer, body: answer.body === null ? null : change(answer.body) };
}

function repeated({ status, headers, body }: KeptAnswer): HttpResponseInit {
  return { status, headers: { ...headers, "idempotency-replayed": "true" }, ...(body === null ? {} : { body }) };
}
