import { z } from "zod";
import { HOUR_MS } from "../calendar/days.js";
import { Act, REACTIVATION_HOURS, requestForm, type SupportRequest, SupportStatus, statusAt } from "./request.js";

const instant = z.iso.datetime();

export const requestViewSchema = z.object({
  ...requestForm.shape,
  id: z.string(),
  status: z.enum(SupportStatus),
  openedAt: instant,
  mitigatedAt: instant.nullable(),
  /** Until then a mitigated request may be reactivated; null when it cannot be. */
  reactivateUntil: instant.nullable(),
  history: z.array(
    z.object({
      at: instant,
      by: z.object({ id: z.string(), name: z.string() }),
      act: z.enum(Act),
      text: z.string().nullable(),
    }),
  ),
});

const iso = (at: number): string => new Date(at).toISOString();

/** A support request as the API shows it; instants are ISO 8601 in UTC. */
export function requestView(request: SupportRequest, now: number): z.infer<typeof requestViewSchema> {
  const { mitigatedAt, history, ...rest } = request;
  const status = statusAt(request, now);
  const isMitigated = status === SupportStatus.mitigated && mitigatedAt !== null;
  return {
    ...rest,
    status,
    openedAt: iso(history[0]?.at ?? 0),
    mitigatedAt: mitigatedAt === null ? null : iso(mitigatedAt),
    reactivateUntil: isMitigated ? iso(mitigatedAt + REACTIVATION_HOURS * HOUR_MS) : null,
    history: history.map((entry) => ({ ...entry, at: iso(entry.at) })),
  };
}
