import { audit } from "../audit/audit.js";
import type { Decision, Expedite } from "./expedite.js";
import { ExpediteStatus, isOver } from "./expedite.js";
import { changeExpedite, findExpedite } from "./store.js";

/** Whether people are being asked about the expedite. */
export async function isExpediteAsked(expediteId: string): Promise<boolean> {
  const expedite = await findExpedite(expediteId);
  return expedite?.status === ExpediteStatus.awaitingApproval && expedite.cancelled === null;
}

/** What people, or the time-out in their place, decided; what was decided before stays. */
export async function decideExpedite(id: string, approved: boolean, decision: Decision): Promise<Expedite> {
  const { by, at, justification } = decision;
  const decided: Decision = { by: { id: by.id, name: by.name }, at, justification };
  const why = justification === null ? "" : ` Reason: ${justification}`;
  return changeExpedite(id, (expedite) => {
    if (expedite.status !== ExpediteStatus.awaitingApproval || expedite.cancelled !== null) return undefined;
    if (approved) return { ...expedite, status: ExpediteStatus.running, approved: decided };
    return { ...expedite, status: ExpediteStatus.rejected, reason: `${by.name} rejected it.${why}`, endedAt: at };
  });
}

/**
 * Has an expedite end: what it made is taken back by its orchestration. Throws nothing for one that is over; look at
 * `status` of what is returned.
 */
export async function cancelExpedite(id: string, decision: Decision): Promise<Expedite> {
  const cancelled = await changeExpedite(id, (expedite) =>
    isOver(expedite) || expedite.cancelled !== null ? undefined : { ...expedite, cancelled: decision },
  );
  await noteCancellation(cancelled);
  return cancelled;
}

/** One entry of the audit log whoever writes it, for whoever cancelled may have ended between record and log. */
export async function noteCancellation({ id, cancelled }: Pick<Expedite, "id" | "cancelled">): Promise<void> {
  if (cancelled === null) return;
  const { at, by, justification } = cancelled;
  const entry = { at, actor: by, action: "expedite.cancel", target: `expedite/${id}`, key: id };
  await audit({ ...entry, justification: justification ?? undefined });
}
