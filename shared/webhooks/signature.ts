import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { AppError } from "../errors.js";

/** How far a caller's clock may be from this one's, ms of wall time. */
export const SIGNATURE_WINDOW_MS = 5 * 60_000;

export interface SignedRequest {
  /** Header `x-ringmaster-timestamp`: seconds since the epoch. */
  readonly timestamp: string | null;
  /** Header `x-ringmaster-signature`: `sha256=<64 hex digits>`. */
  readonly signature: string | null;
  readonly body: Buffer;
}

/** A signature that holds, and until when it has to be remembered. */
export interface Genuine {
  /** Hex digits. */
  readonly signature: string;
  /** Wall time, ms: from then on its timestamp is too old. */
  readonly expiresAt: number;
}

/** What a caller sends: HMAC-SHA256 of `timestamp.body`, hex. */
export function signatureOf(secret: string, timestamp: string, body: Buffer | string): string {
  return createHmac("sha256", secret).update(`${timestamp}.`).update(body).digest("hex");
}

/**
 * Checks who sent a request. Throws `unauthenticated`, with the same words whatever is wrong, so that nothing is told to
 * those who guess.
 * @param secrets the current one and, while callers change over, the one before
 * @param now wall time, ms
 */
export function verifySignature(
  { timestamp, signature, body }: SignedRequest,
  secrets: readonly string[],
  now: number,
): Genuine {
  const at = /^\d{9,11}$/.test(timestamp ?? "") ? Number(timestamp) * 1000 : Number.NaN;
  const given = /^sha256=([0-9a-f]{64})$/i.exec(signature ?? "")?.[1]?.toLowerCase();
  if (timestamp === null || given === undefined || !(Math.abs(now - at) <= SIGNATURE_WINDOW_MS)) throw refusal();
  // Every secret is tried, so that the time taken says nothing.
  const holds = secrets.map((secret) => sameDigest(given, signatureOf(secret, timestamp, body)));
  if (!holds.includes(true)) throw refusal();
  return { signature: given, expiresAt: at + SIGNATURE_WINDOW_MS };
}

/** A text that stands for a secret or a body where it is kept. */
export function digestOf(text: string | Buffer): string {
  return createHash("sha256").update(text).digest("hex");
}

function sameDigest(left: string, right: string): boolean {
  return timingSafeEqual(Buffer.from(left, "hex"), Buffer.from(right, "hex"));
}

function refusal(): AppError {
  return new AppError(
    "unauthenticated",
    "The request is not signed as it has to be. Send x-ringmaster-timestamp (seconds since 1970, at most 5 minutes off) and x-ringmaster-signature: sha256=<hex HMAC-SHA256 of the timestamp, a dot and the body>.",
  );
}
