import { createHash } from "node:crypto";
import { z } from "zod";

export const DispatchStatus = {
  queued: "queued",
  /** Somebody has begun to send it; found again in this state, nobody knows how far he came. */
  sending: "sending",
  sent: "sent",
  /** It may have been sent or not: the answer was lost. Sending it again is for a person to decide. */
  uncertain: "uncertain",
  failed: "failed",
  /** Nobody is to have it any more: the contact is gone, or mail is switched off. */
  dropped: "dropped",
} as const;
export type DispatchStatus = (typeof DispatchStatus)[keyof typeof DispatchStatus];

export const Channel = { mail: "mail", teams: "teams" } as const;
export type Channel = (typeof Channel)[keyof typeof Channel];

export const dispatchSchema = z.object({
  id: z.string(),
  messageId: z.string(),
  updateKey: z.string(),
  channel: z.enum(Channel),
  /** The admin contact; null where a channel has nobody in particular. */
  contactId: z.string().nullable(),
  status: z.enum(DispatchStatus),
  /** Times that sending began. */
  attempts: z.int(),
  /** When the status was set last, ms of domain time. */
  at: z.number(),
  /** Why it was not sent. */
  reason: z.string().nullable(),
});
/** One update of a message on its way to one contact, or to a channel. */
export type Dispatch = z.infer<typeof dispatchSchema>;

type Addressed = Pick<Dispatch, "messageId" | "updateKey" | "channel" | "contactId">;

/** A new dispatch; the same update to the same place has the same id. */
export function dispatchTo(to: Addressed, now: number): Dispatch {
  const text = JSON.stringify([to.messageId, to.updateKey, to.channel, to.contactId]);
  const id = createHash("sha256").update(text).digest("hex").slice(0, 32);
  return { id, ...to, status: DispatchStatus.queued, attempts: 0, at: now, reason: null };
}

/** Statuses that a person may send again; what is queued may have lost its place in the queue. */
export const RESENDABLE: readonly DispatchStatus[] = [
  DispatchStatus.uncertain,
  DispatchStatus.failed,
  DispatchStatus.queued,
];
