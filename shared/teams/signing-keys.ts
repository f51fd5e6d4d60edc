import { type CryptoKey, importJWK, type JWK } from "jose";
import { z } from "zod";
import { AppError } from "../errors.js";
import type { Fetch } from "../graph/transport.js";
import { wall } from "../wall.js";

/** Keys are asked for anew after so long at the latest (graph.md §4.5). */
const MAX_AGE_MS = 24 * 3_600_000;
/** A flood of unknown keys must not become a flood of questions to the service that publishes them. */
const COOL_DOWN_MS = 30_000;
const TIMEOUT_MS = 10_000;

const metadataSchema = z.object({ jwks_uri: z.url() });
const keySetSchema = z.object({
  keys: z.array(z.looseObject({ kid: z.string(), kty: z.string(), endorsements: z.array(z.string()).default([]) })),
});

/** A published key, and the channels whose messages may be signed with it. */
export interface SigningKey {
  readonly key: CryptoKey | Uint8Array;
  readonly endorsements: readonly string[];
}

/** Finds a key by its id; undefined when none of that id is published. Throws `unavailable` when the keys cannot be had. */
export type SigningKeys = (kid: string) => Promise<SigningKey | undefined>;

/** The keys announced by a metadata document, kept for a day and asked for again when an unknown id comes. */
export function publishedKeys(metadataUrl: string, send: Fetch = fetch): SigningKeys {
  let held: ReadonlyMap<string, JWK & { readonly endorsements: readonly string[] }> = new Map();
  let readAt = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | undefined;

  async function read(): Promise<void> {
    const { jwks_uri } = await json(metadataUrl, metadataSchema, send);
    const { keys } = await json(jwks_uri, keySetSchema, send);
    held = new Map(keys.map((key) => [key.kid, key]));
    readAt = wall.now();
  }

  async function refresh(): Promise<void> {
    reading ??= read().finally(() => {
      reading = undefined;
    });
    await reading;
  }

  return async (kid) => {
    const age = wall.now() - readAt;
    if (age >= MAX_AGE_MS || (!held.has(kid) && age >= COOL_DOWN_MS)) await refresh();
    const found = held.get(kid);
    if (found === undefined) return undefined;
    const { endorsements, ...jwk } = found;
    return { key: await importJWK(jwk, "RS256"), endorsements };
  };
}

async function json<T>(url: string, schema: z.core.$ZodType<T>, send: Fetch): Promise<T> {
  try {
    const response = await send(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (response.ok) return z.parse(schema, await response.json());
    throw new Error(`status ${response.status}`);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const message = `The keys that prove what Teams sends could not be read from ${new URL(url).host} (${reason}). Check BOT_METADATA_URL and the network.`;
    throw new AppError("unavailable", message, { cause });
  }
}
