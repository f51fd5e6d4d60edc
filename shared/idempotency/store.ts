import { z } from "zod";
import { AppError } from "../errors.js";
import { type Document, type Documents, documents } from "../store/documents.js";
import { table } from "../store/tables.js";

/** How long a first answer is kept, ms of wall time: callers repeat by their own clocks. */
const KEPT_MS = 24 * 3_600_000;
/** A call that has not come to its end by then was cut off: no invocation runs longer (host.json). ms */
const ABANDONED_MS = 11 * 60_000;
/** Seconds until a call that still runs is worth asking for again. */
const RETRY_SECONDS = 2;

const keptSchema = z.object({
  /** Fingerprint of what was asked for under the key. */
  asked: z.string(),
  /** Wall time, ms. */
  at: z.number(),
  answer: z
    .object({
      status: z.int(),
      headers: z.record(z.string(), z.string()),
      body: z.string().nullable(),
      /** The body holds a secret, and is sealed. */
      sealed: z.boolean().optional(),
    })
    .nullable(),
});
export type KeptAnswer = NonNullable<z.infer<typeof keptSchema>["answer"]>;

/** A caller's key, and what he asks for under it. */
export interface Keyed {
  readonly caller: string;
  readonly key: string;
  readonly asked: string;
}

/** What to do with a call: repeat the answer, or run it and then say how it ended. */
export type Claim =
  | { readonly kept: KeptAnswer }
  | { readonly keep: (answer: KeptAnswer) => Promise<void>; readonly release: () => Promise<void> };

const PARTITION = "key";

/**
 * Claims a key for a call. Throws `conflict` where the key stands for another call, or where that call still runs (with
 * the time to wait).
 * @param now wall time, ms
 */
export async function claim({ caller, key, asked }: Keyed, now: number): Promise<Claim> {
  const keys = await store();
  const id = `${caller} ${key}`;
  const found = await keys.get(PARTITION, id);
  const open = found === undefined || isOver(found.body, now);
  if (!open) return known(found, asked);
  const claimed = { asked, at: now, answer: null };
  const etag = await taken(() =>
    found === undefined ? keys.insert(PARTITION, id, claimed) : keys.put(PARTITION, id, claimed, found.etag),
  );
  return {
    keep: async (answer) => {
      await keys.put(PARTITION, id, { ...claimed, answer }, etag);
    },
    release: () => keys.delete(PARTITION, id, etag),
  };
}

/** Deletes keys whose time is over. @param now wall time, ms */
export async function forgetKeys(now: number): Promise<void> {
  const keys = await store();
  for await (const { id, etag, body } of keys.all(PARTITION)) {
    if (isOver(body, now)) await keys.delete(PARTITION, id, etag).catch(ignoreConflict);
  }
}

function known({ body }: Document<z.infer<typeof keptSchema>>, asked: string): Claim {
  if (body.asked !== asked) {
    const message =
      "Idempotency-Key: this key was used for another call within a day. Take a new key for a new call. Nothing was done.";
    throw new AppError("conflict", message, { field: "Idempotency-Key" });
  }
  if (body.answer !== null) return { kept: body.answer };
  throw running();
}

function running(): AppError {
  const message = "Idempotency-Key: the call with this key still runs. Ask again soon for its answer.";
  return new AppError("conflict", message, { field: "Idempotency-Key", retryAfterSeconds: RETRY_SECONDS });
}

/** Whoever is second finds the key taken by a call that runs. */
async function taken(write: () => Promise<string>): Promise<string> {
  try {
    return await write();
  } catch (error) {
    if (error instanceof AppError && (error.code === "conflict" || error.code === "not_found")) throw running();
    throw error;
  }
}

function isOver({ at, answer }: z.infer<typeof keptSchema>, now: number): boolean {
  return now - at > (answer === null ? ABANDONED_MS : KEPT_MS);
}

function ignoreConflict(error: unknown): void {
  if (!(error instanceof AppError && error.code === "conflict")) throw error;
}

async function store(): Promise<Documents<z.infer<typeof keptSchema>>> {
  return documents(await table("IdempotencyKeys"), keptSchema);
}
