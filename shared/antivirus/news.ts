import { z } from "zod";
import type { AuditEntry } from "../audit/audit.js";
import { AlertEnd } from "./alerts.js";

const evidenceSchema = z.object({
  groupName: z.string(),
  stale: z.int(),
  known: z.int(),
  staleAfterDays: z.int(),
  because: z.enum(AlertEnd).optional(),
});

const OVER = {
  fresh: "The definitions of all devices that check in and tell of them are fresh again.",
  withdrawn: "The group is gone.",
} as const;

/** What people are told of an alert: its title, what happened, and whether it is over. */
export function antivirusNews({ evidence }: Pick<AuditEntry, "evidence">) {
  const { groupName, stale, known, staleAfterDays, because } = evidenceSchema.parse(evidence);
  const share = `${stale} of ${known} devices in ${groupName} have antivirus definitions older than ${staleAfterDays} days`;
  return {
    title: `Stale antivirus definitions in ${groupName}`,
    text: because === undefined ? `${share}. GET /api/v1/antivirus-alerts names devices.` : OVER[because],
    isOver: because !== undefined,
  };
}
