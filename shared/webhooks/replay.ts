import { z } from "zod";
import { AppError } from "../errors.js";
import { type Documents, documents } from "../store/documents.js";
import { table } from "../store/tables.js";
import type { Genuine } from "./signature.js";

const PARTITION = "signature";
const schema = z.object({ expiresAt: z.number() });

/** Takes a signature, once. Throws `conflict` when it was taken before: somebody sends the same request again. */
export async function takeSignature({ signature, expiresAt }: Genuine): Promise<void> {
  try {
    await (await store()).insert(PARTITION, signature, { expiresAt });
  } catch (error) {
    if (!(error instanceof AppError && error.code === "conflict")) throw error;
    throw new AppError(
      "conflict",
      "This signed request was received before. To repeat it, sign it again with a new timestamp and keep its idempotency-key.",
    );
  }
}

/** Forgets signatures whose timestamps are too old to be taken anyway. @param now wall time, ms */
export async function forgetSignatures(now: number): Promise<void> {
  const signatures = await store();
  for await (const { id, body, etag } of signatures.all(PARTITION)) {
    if (body.expiresAt < now) await signatures.delete(PARTITION, id, etag);
  }
}

async function store(): Promise<Documents<z.infer<typeof schema>>> {
  return documents(await table("WebhookSignatures"), schema);
}
