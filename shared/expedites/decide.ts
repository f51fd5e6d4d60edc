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
  const { by, at, justification } = decision;
  if (cancelled.cancelled?.at === at) {
    const target = `expedite/${id}`;
    await audit({
      at,
      actor: by,
      action: "expedite.cancel",
      target,
      justification: justification ?? undefined,
      key: id,
    });
  }
  return cancelled;
}
