import { z } from "zod";
import type { Actor } from "../access/roles.js";
import { audit } from "../audit/audit.js";
import { AppError } from "../errors.js";
import { GroupStatus, listGroups } from "../groups/store.js";
import { parseBuild } from "../updates/build.js";
import { type Expedite, type ExpediteSource, newExpedite } from "./expedite.js";
import { insertExpedite } from "./store.js";

/** Days until the forced restart where nobody says how many (autopatch.md §5.7 allows 0, 1 and 2). */
const DEFAULT_REBOOT_DAYS = 1;

/** What callers send: the update by exactly one of kb, cve and build. */
export const expediteBody = z
  .strictObject({
    kb: z
      .string()
      .regex(/^KB\d{6,8}$/i, "write it as KB5039212")
      .optional(),
    cve: z
      .string()
      .regex(/^(?:CVE-\d{4}-\d{4,7}|ADV\d{6})$/i, "write it as CVE-2024-30080")
      .optional(),
    build: z
      .string()
      .refine((text) => parseBuild(text) !== undefined, "write it as 10.0.22631.3737")
      .optional(),
    /** Autopatch groups by id. */
    groups: z.array(z.string().min(1).max(64)).min(1).max(300).optional(),
    daysUntilForcedReboot: z.int().min(0).max(2).optional(),
    justification: z.string().trim().min(1).max(1000).optional(),
    /** Whether the update is expedited also where a quality update policy has paused it. */
    despitePause: z.boolean().optional(),
  })
  .refine(({ kb, cve, build }) => [kb, cve, build].filter((each) => each !== undefined).length === 1, {
    message: "name the update by exactly one of kb, cve and build",
  });

/** The same from a webhook, which has the service expedite where it names no groups. */
export const webhookBody = expediteBody.refine(
  ({ groups, daysUntilForcedReboot }) => groups !== undefined || daysUntilForcedReboot === undefined,
  {
    path: ["daysUntilForcedReboot"],
    message: "days are chosen together with groups; without groups the service expedites, with 0/1/1",
  },
);
export type ExpediteBody = z.infer<typeof expediteBody>;

export interface ExpediteRequest {
  readonly id: string;
  readonly source: ExpediteSource;
  readonly actor: Pick<Actor, "id" | "name">;
  /** ms */
  readonly at: number;
  readonly body: ExpediteBody;
  /** Groups that a caller without a choice of its own means. */
  readonly groupIds: readonly string[];
  readonly bodyHash?: string;
}

/**
 * Writes down that an update is to be expedited; the same id twice is one expedite. Chosen groups get an expedite profile
 * with days until the forced restart (row 64); without a choice the service expedites (row 63).
 * @returns what is stored under the id, and whether it is new
 */
export async function requestExpedite(request: ExpediteRequest) {
  const { id, source, actor, at, body, bodyHash } = request;
  const { groups, daysUntilForcedReboot, justification = null, despitePause = false, ...wanted } = body;
  const expedite = newExpedite({
    ...{ id, source, requestedBy: { id: actor.id, name: actor.name }, requestedAt: at, justification, wanted },
    groupIds: [...new Set(groups ?? request.groupIds)],
    rebootDays: groups === undefined ? null : (daysUntilForcedReboot ?? DEFAULT_REBOOT_DAYS),
    ...(bodyHash === undefined ? {} : { bodyHash }),
    ...(despitePause ? { despitePause } : {}),
  });
  const written = await insertExpedite(expedite);
  await noteRequest(written.stored);
  return written;
}

/** One entry of the audit log however often it is written, for whoever asked may have ended between record and log. */
export async function noteRequest({
  id,
  source,
  requestedBy,
  requestedAt,
  justification,
  wanted,
  ...expedite
}: Expedite) {
  const { groupIds, rebootDays, despitePause } = expedite;
  await audit({
    ...{ at: requestedAt, actor: requestedBy, action: "expedite.request", target: `expedite/${id}`, key: id },
    ...{
      justification: justification ?? undefined,
      evidence: { source, ...wanted, groups: groupIds, rebootDays, despitePause },
    },
  });
}

/** Groups in which the service may expedite: active ones with the toggle on (autopatch.md §5.7, row 63). */
export async function serviceGroups(): Promise<string[]> {
  return (await listGroups())
    .filter(({ status, definition }) => status === GroupStatus.active && definition.expeditedQualityUpdates)
    .map(({ id }) => id);
}

/** Throws `rule_violated` for a group that there is not. */
export async function refuseUnknownGroups(groups: readonly string[] | undefined): Promise<void> {
  if (groups === undefined) return;
  const known = (await listGroups()).map(({ id }) => id);
  const unknown = groups.filter((id) => !known.includes(id));
  if (unknown.length === 0) return;
  const message = `groups: there is no Autopatch group ${unknown.join(", ")}. GET /api/v1/groups lists them by id.`;
  throw new AppError("rule_violated", message, { field: "groups" });
}
