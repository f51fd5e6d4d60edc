import { audit } from "../audit/audit.js";
import type { AppError } from "../errors.js";

/** Who sends a webhook, as far as its signature tells. */
export const WEBHOOK_ACTOR = { id: "webhook", name: "Expedite webhook" } as const;

/** Refusals of one kind within so much domain time are one entry, so that a flood cannot fill the log. */
const SLOT_MS = 10 * 60_000;
/** Kinds of refusals that were noted in the latest slot. */
let noted: { readonly slot: number; readonly kinds: Set<string> } = { slot: -1, kinds: new Set() };

/** What a refused webhook was refused for: one of few kinds, and nothing that its sender chose. */
export const RefusalKind = {
  closed: "closed",
  size: "size",
  signature: "signature",
  replay: "replay",
  idempotencyKey: "idempotencyKey",
  json: "json",
  fields: "fields",
  group: "group",
  otherBody: "otherBody",
  tenant: "tenant",
} as const;
export type RefusalKind = (typeof RefusalKind)[keyof typeof RefusalKind];

/**
 * Notes a refusal in the audit log: the first of its kind in ten minutes, so that the log grows by at most ten entries in
 * that time whoever knocks. @param now domain time, ms
 */
export async function noteRefusal(kind: RefusalKind, { code }: Pick<AppError, "code">, now: number): Promise<void> {
  const slot = Math.floor(now / SLOT_MS);
  if (noted.slot !== slot) noted = { slot, kinds: new Set() };
  if (noted.kinds.has(kind)) return;
  await audit({
    ...{ at: slot * SLOT_MS, actor: WEBHOOK_ACTOR, action: "expedite.webhook.refused", target: "webhook/expedite" },
    ...{ key: kind, evidence: { kind, code, firstAt: new Date(now).toISOString() } },
  });
  noted.kinds.add(kind);
}
