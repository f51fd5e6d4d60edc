import { z } from "zod";
import { candidateView } from "./candidates.js";
import type { Decision, Expedite } from "./expedite.js";
import { ExpediteSource, ExpediteStatus } from "./expedite.js";
import { ExpediteState, SUBSTATES } from "./progress.js";

const iso = (at: number): string => new Date(at).toISOString();

/** An update that may be expedited. */
export const candidateSchema = z.object({
  catalogEntryId: z.string(),
  name: z.string(),
  displayName: z.string(),
  releasedAt: z.string(),
  classification: z.enum(["security", "nonSecurity"]),
  kbs: z.array(z.string()),
  builds: z.array(z.string()),
  exploited: z.array(z.string()),
  maxSeverity: z.string().nullable(),
});

const decisionSchema = z.object({ by: z.string(), at: z.string(), justification: z.string().nullable() }).nullable();

/** An expedite as the API shows it; instants are ISO 8601 in UTC. */
export const expediteSchema = z.object({
  id: z.string(),
  source: z.enum(ExpediteSource),
  status: z.enum(ExpediteStatus),
  reason: z.string().nullable(),
  problem: z.string().nullable(),
  requestedBy: z.string(),
  requestedAt: z.string(),
  justification: z.string().nullable(),
  wanted: z.object({ kb: z.string().optional(), cve: z.string().optional(), build: z.string().optional() }),
  groups: z.array(z.string()),
  /** Null: the service expedites, with 0/1/1. */
  daysUntilForcedReboot: z.number().nullable(),
  update: candidateSchema.nullable(),
  readiness: z
    .object({
      at: z.string(),
      devices: z.number(),
      upToDate: z.number(),
      ready: z.number(),
      notReady: z.record(z.string(), z.number()),
    })
    .nullable(),
  approval: z.string().nullable(),
  approved: decisionSchema,
  cancelled: decisionSchema,
  releases: z.array(
    z.object({
      group: z.object({ id: z.string(), name: z.string() }),
      release: z.string().nullable(),
      skipped: z.string().nullable(),
    }),
  ),
  endedAt: z.string().nullable(),
});
export type ExpediteView = z.infer<typeof expediteSchema>;

const countsSchema = z.object({ devices: z.number(), substates: z.record(z.string(), z.number()) });

/** The same with its devices by state and substate. */
export const expediteDetailSchema = expediteSchema.extend({ devices: z.record(z.string(), countsSchema) });

const substates = Object.values(SUBSTATES).flat();

/** A device of an expedite. */
export const expediteDeviceSchema = z.object({
  deviceId: z.string(),
  groupId: z.string(),
  ring: z.string(),
  state: z.enum(ExpediteState),
  substate: z.enum(substates),
  /** Why it cannot take the update; null when nothing stands against it. */
  notReady: z.string().nullable(),
  offeredAt: z.string().nullable(),
  lastSeenAt: z.string().nullable(),
  errorCode: z.string().nullable(),
});
export type ExpediteDevice = z.infer<typeof expediteDeviceSchema>;

export function expediteView(expedite: Expedite): ExpediteView {
  const { id, source, status, reason, problem, requestedBy, requestedAt, justification, wanted } = expedite;
  const { groupIds, rebootDays, update, readiness, approvalId, approved, cancelled, deployments, endedAt } = expedite;
  return {
    ...{ id, source, status, reason, problem, requestedBy: requestedBy.name, requestedAt: iso(requestedAt) },
    ...{ justification, wanted, groups: [...groupIds], daysUntilForcedReboot: rebootDays },
    update: update === null ? null : candidateView(update),
    readiness: readiness === null ? null : { ...readiness, at: iso(readiness.at), notReady: { ...readiness.notReady } },
    ...{ approval: approvalId, approved: decisionView(approved), cancelled: decisionView(cancelled) },
    releases: (deployments ?? []).map(({ groupId, groupName, releaseId, skipped }) => ({
      ...{ group: { id: groupId, name: groupName }, release: releaseId, skipped },
    })),
    endedAt: endedAt === null ? null : iso(endedAt),
  };
}

function decisionView(decision: Decision | null) {
  return decision && { by: decision.by.name, at: iso(decision.at), justification: decision.justification };
}
