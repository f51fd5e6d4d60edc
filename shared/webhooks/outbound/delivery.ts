import { createHash } from "node:crypto";
import { z } from "zod";
import { hash32 } from "../../random.js";
import { timeKey } from "../../store/table.js";
import type { CloudEvent } from "./events.js";

export const DeliveryState = { pending: "pending", delivered: "delivered", failed: "failed" } as const;
export type DeliveryState = (typeof DeliveryState)[keyof typeof DeliveryState];

const attemptSchema = z.object({
  /** ms of domain time. */
  at: z.number(),
  /** HTTP status; null when there was no answer. */
  status: z.int().nullable(),
  /** What went wrong; null when the receiver took it. */
  problem: z.string().nullable(),
});
export type Attempt = z.infer<typeof attemptSchema>;

export const deliverySchema = z.object({
  id: z.string(),
  webhookId: z.string(),
  type: z.string(),
  state: z.enum(DeliveryState),
  createdAt: z.number(),
  attempts: z.array(attemptSchema),
  /** When the next attempt is made, ms; null: there is none, or the first is about to be made. */
  nextAt: z.number().nullable(),
  /** Attempts of before it was replayed last: its patience begins anew. */
  former: z.int(),
  /** The event as it is sent, to the letter: signatures are over it. */
  body: z.string(),
});
/** An event on its way to a webhook. */
export type Delivery = z.infer<typeof deliverySchema>;

/** Waits between attempts: 20 s, three times as long each time, at most 6 h; eleven attempts take a day. */
const FIRST_WAIT_MS = 20_000;
const LONGEST_WAIT_MS = 6 * 3_600_000;
export const MOST_ATTEMPTS = 11;
/** A receiver may ask for more patience, but for no more than a day. */
const MOST_PATIENCE_MS = 24 * 3_600_000;

/**
 * How long to wait after the attempt of that number (from 1), ms; null: it was the last. Spread by up to a tenth, so that
 * a receiver that comes back is not met by everything at once.
 */
export function waitAfter(attempt: number, deliveryId: string, retryAfterMs = 0): number | null {
  if (attempt >= MOST_ATTEMPTS) return null;
  const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 3 ** (attempt - 1));
  const spread = 1 + hash32(deliveryId, attempt) / 2 ** 32 / 10;
  return Math.round(Math.max(wait * spread, Math.min(retryAfterMs, MOST_PATIENCE_MS)));
}

/** A new delivery; that of the same event to the same webhook has the same id, and ids sort by time. */
export function deliveryOf(webhookId: string, event: CloudEvent): Delivery {
  const createdAt = Date.parse(event.time);
  const digest = createHash("sha256").update(`${webhookId} ${event.id}`).digest("hex").slice(0, 24);
  return {
    ...{ id: `${timeKey(createdAt)}-${digest}`, webhookId, type: event.type, state: DeliveryState.pending, createdAt },
    ...{ attempts: [], nextAt: null, former: 0, body: JSON.stringify(event) },
  };
}

/** The delivery after an attempt; `nextAt` says when the next one is made. */
export function afterAttempt(
  delivery: Delivery,
  attempt: Attempt,
  { final = false, retryAfterMs = 0 }: { readonly final?: boolean; readonly retryAfterMs?: number } = {},
): Delivery {
  const attempts = [...delivery.attempts, attempt];
  if (attempt.problem === null) return { ...delivery, attempts, nextAt: null, state: DeliveryState.delivered };
  const waitMs = final ? null : waitAfter(attempts.length - delivery.former, delivery.id, retryAfterMs);
  if (waitMs === null) return { ...delivery, attempts, nextAt: null, state: DeliveryState.failed };
  return { ...delivery, attempts, nextAt: attempt.at + waitMs };
}
