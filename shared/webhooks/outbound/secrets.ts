import { createCipheriv, createDecipheriv, createHmac, randomBytes } from "node:crypto";
import { config } from "../../config.js";
import { AppError } from "../../errors.js";

/** Bytes of a signing secret; Standard Webhooks asks for 24 to 64. */
const SECRET_BYTES = 32;
const SECRET_PREFIX = "whsec_";
const CIPHER = "aes-256-gcm";
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** A new secret in the form of Standard Webhooks: `whsec_` and Base64. */
export function newSecret(): string {
  return `${SECRET_PREFIX}${randomBytes(SECRET_BYTES).toString("base64")}`;
}

/**
 * Seals a secret for storage with WEBHOOK_KEY (AES-256-GCM), bound to what owns it: moved to another it does not open.
 * @param owner id of the webhook, or whatever else it is a secret of
 * @throws AppError `unsupported` without the setting
 */
export function seal(secret: string, owner: string): string {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(CIPHER, key(), iv).setAAD(Buffer.from(owner));
  const sealed = Buffer.concat([cipher.update(secret, "utf8"), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString("base64");
}

/** The secret again. Throws `unsupported` without the setting, `internal` when it is another one or the text was changed. */
export function unseal(sealed: string, owner: string): string {
  const bytes = Buffer.from(sealed, "base64");
  const [iv, tag] = [bytes.subarray(0, IV_BYTES), bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES)];
  try {
    const decipher = createDecipheriv(CIPHER, key(), iv).setAAD(Buffer.from(owner)).setAuthTag(tag);
    return Buffer.concat([decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]).toString("utf8");
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError(
      "internal",
      `The secret of ${owner} cannot be opened: WEBHOOK_KEY is not the one it was sealed with. Set that one again, or rotate the secret.`,
    );
  }
}

/**
 * The headers that sign a delivery (Standard Webhooks 1.0): HMAC-SHA256 over `id.timestamp.body`, one signature for each
 * valid secret.
 * @param sentAt wall time, ms: receivers refuse what is older than a few minutes
 */
export function signed(id: string, sentAt: number, body: string, secrets: readonly string[]): Record<string, string> {
  const timestamp = String(Math.floor(sentAt / 1000));
  const signatures = secrets.map((secret) => {
    const bytes = Buffer.from(secret.slice(SECRET_PREFIX.length), "base64");
    return `v1,${createHmac("sha256", bytes).update(`${id}.${timestamp}.${body}`).digest("base64")}`;
  });
  return { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signatures.join(" ") };
}

function key(): Buffer {
  const { WEBHOOK_KEY: text } = config();
  if (text !== undefined) return Buffer.from(text, "base64");
  throw new AppError(
    "unsupported",
    "Outgoing webhooks are off: the app setting WEBHOOK_KEY, which seals their secrets, is missing. Set 32 bytes as Base64 (openssl rand -base64 32).",
    { field: "WEBHOOK_KEY" },
  );
}
