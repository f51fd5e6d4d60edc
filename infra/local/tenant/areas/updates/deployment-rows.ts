import { z } from "zod";
import type { Json } from "../../graph/types.js";
import { dateText, type World } from "../../world.js";
import { findContent } from "./content.js";

/** `P1D` to `P30D`; longer ones and weeks are refused (graph.md §1.6). */
export const duration = z.string().regex(/^P([1-9]|[12]\d|30)D$/);
const instant = z.iso.datetime({ offset: true });

const rollout = z.object({
  "@odata.type": z.string(),
  durationBetweenOffers: duration.default("P1D"),
  devicesPerOffer: z.int().min(0).default(0),
  endDateTime: instant.optional(),
  durationUntilDeploymentEnd: z
    .string()
    .regex(/^P\d+D$/)
    .optional(),
});

const rule = z
  .object({
    signal: z.enum(["rollback", "ineligible"]),
    threshold: z.int().min(1).max(100).nullish(),
    action: z.enum(["alertError", "pauseDeployment", "offerFallback"]),
  })
  .refine(({ signal, action }) => (signal === "ineligible") === (action === "offerFallback"), {
    error: "ineligible and offerFallback belong together",
  })
  .refine(({ signal, threshold }) => signal === "ineligible" || typeof threshold === "number", {
    path: ["threshold"],
    error: "a rollback rule needs a threshold of 1 to 100 percent",
  });

/** Settings of a deployment (graph.md §1.6); a misspelt one is dropped without a word. */
export const settingsSchema = z.object({
  schedule: z.object({ startDateTime: instant.nullish(), gradualRollout: rollout.nullish() }).nullish(),
  monitoring: z.object({ monitoringRules: z.array(rule).default([]) }).nullish(),
  expedite: z
    .object({ isExpedited: z.boolean().default(false), isReadinessTest: z.boolean().default(false) })
    .refine((expedite) => expedite.isExpedited || !expedite.isReadinessTest, {
      path: ["isReadinessTest"],
      error: "a readiness test needs isExpedited",
    })
    .nullish(),
  userExperience: z
    .object({
      daysUntilForcedReboot: z.int().min(0).max(30).nullish(),
      offerAsOptional: z.boolean().nullish(),
      isHotpatchEnabled: z.boolean().nullish(),
    })
    .nullish(),
  contentApplicability: z.looseObject({}).nullish(),
});
export type DeploymentSettings = z.infer<typeof settingsSchema>;

export const deploymentSchema = z.object({
  content: z.object({ catalogEntry: z.object({ id: z.string() }) }),
  audience: z.object({ id: z.string() }).nullish(),
  settings: settingsSchema.nullish(),
});
export const deploymentPatch = z.object({
  state: z.object({ requestedValue: z.enum(["none", "paused", "archived"]) }).optional(),
  settings: settingsSchema.nullish(),
});

/** A deployment of one update to one audience. Instants are ms. */
export interface DeploymentRow {
  readonly id: string;
  readonly catalogEntryId: string;
  readonly audienceId: string;
  readonly settings: DeploymentSettings;
  readonly requestedValue: "none" | "paused" | "archived";
  /** Devices that rolled back, in percent of those offered, as the service measured them; absent: none. */
  readonly rollbackPercent?: number;
  /** Since when it is paused, and how long pauses have held its offers back. */
  readonly pausedAt?: number;
  readonly pausedMs?: number;
  /** Approval that made this deployment by itself. */
  readonly approvalId?: string;
  readonly createdAt: number;
  readonly modifiedAt: number;
}

interface DeploymentState {
  readonly value: "archived" | "faulted" | "paused" | "scheduled" | "offering";
  readonly reason?: "faultedByContentOutdated" | "pausedByRequest" | "pausedByMonitoring";
}

/**
 * What the service is doing, and why: archived is final, content that cannot be deployed any more comes before a pause,
 * and a pause before the schedule (graph.md §1.7). `reasons` is often empty.
 */
export function stateOf(world: World, row: DeploymentRow): DeploymentState {
  const now = world.clock.now();
  if (row.requestedValue === "archived") return { value: "archived" };
  const until = findContent(world, row.catalogEntryId)?.deployableUntil ?? Number.POSITIVE_INFINITY;
  if (until <= now) return { value: "faulted", reason: "faultedByContentOutdated" };
  if (row.requestedValue === "paused") return { value: "paused", reason: "pausedByRequest" };
  if (isPausedByMonitoring(row)) return { value: "paused", reason: "pausedByMonitoring" };
  return { value: firstOfferAt(row) > now ? "scheduled" : "offering" };
}

/** When its first devices are offered it, pauses left aside, ms. */
export function firstOfferAt({ settings, createdAt }: DeploymentRow): number {
  const start = settings.schedule?.startDateTime;
  return typeof start === "string" ? Date.parse(start) : createdAt;
}

/** The row with the pause noted that begins or ends now, whoever paused it. A new start forgets those that were. */
export function withPause(world: World, row: DeploymentRow, before = row): DeploymentRow {
  const now = world.clock.now();
  const first = firstOfferAt(row);
  const { pausedAt, pausedMs: known = 0, ...others } = row;
  const pausedMs = first === firstOfferAt(before) ? known : 0;
  if (stateOf(world, row).value === "paused") return { ...others, pausedMs, pausedAt: pausedAt ?? now };
  const held = pausedAt === undefined ? 0 : Math.max(0, now - Math.max(pausedAt, first));
  return { ...others, pausedMs: pausedMs + held };
}

/** Raising the threshold, or taking the rule away, resumes by itself. */
function isPausedByMonitoring({ settings, rollbackPercent = 0 }: DeploymentRow): boolean {
  const rules = settings.monitoring?.monitoringRules ?? [];
  return rules.some(({ action, threshold }) => action === "pauseDeployment" && rollbackPercent >= (threshold ?? 101));
}

export function deploymentJson(world: World, row: DeploymentRow): Json {
  const content = findContent(world, row.catalogEntryId);
  const { value, reason } = stateOf(world, row);
  const { settings } = row;
  return {
    "@odata.type": "#microsoft.graph.windowsUpdates.deployment",
    id: row.id,
    createdDateTime: dateText(row.createdAt),
    lastModifiedDateTime: dateText(row.modifiedAt),
    state: {
      effectiveValue: value,
      requestedValue: row.requestedValue,
      reasons: reason === undefined ? [] : [{ value: reason }],
    },
    content: {
      "@odata.type": "#microsoft.graph.windowsUpdates.catalogContent",
      catalogEntry: content?.hollow ?? { id: row.catalogEntryId },
    },
    settings: {
      schedule: settings.schedule ?? null,
      monitoring: settings.monitoring ?? null,
      contentApplicability: settings.contentApplicability ?? null,
      userExperience: settings.userExperience ?? null,
      expedite: settings.expedite ?? null,
    },
    audience: { id: row.audienceId, applicableContent: [] },
  };
}
