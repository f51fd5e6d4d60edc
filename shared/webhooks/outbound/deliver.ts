import { z } from "zod";
import { SERVICE } from "../../access/roles.js";
import { audit } from "../../audit/audit.js";
import { AppError } from "../../errors.js";
import { wall } from "../../wall.js";
import { deliveryStore, queueAttempt } from "./deliveries.js";
import { type Attempt, afterAttempt, type Delivery, DeliveryState } from "./delivery.js";
import { postEvent } from "./post.js";
import { signed } from "./secrets.js";
import { changeWebhook, findWebhook, validSecrets, type Webhook } from "./webhook.js";

export const attemptRef = z.object({ webhookId: z.string(), id: z.string(), attempt: z.int().min(1) });

/** Attempts at one receiver at a time in this instance: one that hangs must not take all places from the others. */
const MOST_AT_ONCE = 2;
/** Pause before a delivery is taken up again that found no place, ms of domain time. */
const PUT_OFF_MS = 15_000;
const underWay = new Map<string, number>();

/**
 * Makes one attempt at a delivery and has the next one made if it fails (delivery.ts). The receiver may get an event
 * twice, always under the same `webhook-id`. What never succeeds ends as `failed`, with an audit entry, and can be
 * replayed.
 * @param now domain time, ms
 * @throws AppError retryable when storage or the queue stays away: the same attempt comes again
 */
export async function attemptDelivery({ webhookId, id, attempt }: z.infer<typeof attemptRef>, now: number) {
  const [webhook, found] = await Promise.all([findWebhook(webhookId), (await deliveryStore()).get(webhookId, id)]);
  if (webhook === undefined || found === undefined || found.body.state !== DeliveryState.pending) return;
  const made = found.body.attempts.length;
  // It was made and written down, but perhaps the next one was never queued.
  if (made >= attempt) return queueAttempt(found.body, found.body.nextAt ?? now);
  const busy = underWay.get(webhookId) ?? 0;
  if (busy >= MOST_AT_ONCE) return queueAttempt(found.body, now + PUT_OFF_MS, ` ${now}`);
  underWay.set(webhookId, busy + 1);
  try {
    await attemptAt(webhook, found.body, now);
  } finally {
    underWay.set(webhookId, (underWay.get(webhookId) ?? 1) - 1);
  }
}

async function attemptAt(webhook: Webhook, delivery: Delivery, now: number): Promise<void> {
  const { attempt, ...verdict } = webhook.enabled ? await send(webhook, delivery, now) : switchedOff(now);
  const after = afterAttempt(delivery, attempt, verdict);
  if (after.state === DeliveryState.failed) await noteFailure(webhook, after, now);
  if (attempt.status === 410) await switchOff(webhook, now);
  await (await deliveryStore()).put(webhook.id, delivery.id, after);
  if (after.nextAt !== null) await queueAttempt(after, after.nextAt);
}

interface Made {
  readonly attempt: Attempt;
  /** No other attempt would end differently. */
  readonly final?: boolean;
  readonly retryAfterMs?: number;
}

function switchedOff(at: number): Made {
  return { attempt: { at, status: null, problem: "The webhook is switched off." }, final: true };
}

async function send(webhook: Webhook, { id, body }: Delivery, at: number): Promise<Made> {
  try {
    const headers = signed(`msg_${id}`, wall.now(), body, validSecrets(webhook, at));
    const { status, retryAfterMs } = await postEvent(webhook.url, body, headers);
    const problem = status >= 200 && status < 300 ? null : `The receiver answered ${status}.`;
    return { attempt: { at, status, problem }, final: status === 410, retryAfterMs };
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    return { attempt: { at, status: null, problem }, final: error instanceof AppError && !error.retryable };
  }
}

async function noteFailure({ id }: Webhook, delivery: Delivery, at: number): Promise<void> {
  const evidence = { delivery: delivery.id, type: delivery.type, attempts: delivery.attempts.length };
  const reason = delivery.attempts.at(-1)?.problem ?? "";
  const key = `${delivery.id} ${delivery.attempts.length}`;
  const entry = { at, actor: SERVICE, action: "webhook.fail", target: `webhook/${id}`, key };
  await audit({ ...entry, evidence: { ...evidence, reason } });
}

/** 410 Gone: the receiver wants nothing any more (Standard Webhooks). */
async function switchOff({ id }: Webhook, at: number): Promise<void> {
  const reason = "The receiver answered 410 Gone.";
  await audit({
    at,
    actor: SERVICE,
    action: "webhook.disable",
    target: `webhook/${id}`,
    key: id,
    evidence: { reason },
  });
  await changeWebhook(id, (webhook) => ({ ...webhook, enabled: false, disabledBecause: reason }));
}
