import { z } from "zod";
import { Category } from "../graph/deployments/content.js";

/** How far a deployment or update policy is on its way through the tenant. */
export const Phase = {
  /** Written down; its audience and all else are made. */
  creating: "creating",
  active: "active",
  /** What it made in the tenant is taken away. */
  ending: "ending",
  ended: "ended",
} as const;
export type Phase = (typeof Phase)[keyof typeof Phase];

/** Why a deployment is in its state, by Graph's names (autopatch.md §5.12). */
export const Reason = {
  scheduledByOfferWindow: "scheduledByOfferWindow",
  offeringByRequest: "offeringByRequest",
  pausedByRequest: "pausedByRequest",
  pausedByMonitoring: "pausedByMonitoring",
  faultedByContentOutdated: "faultedByContentOutdated",
} as const;
export type Reason = (typeof Reason)[keyof typeof Reason];

const instant = z.number();
const by = z.object({ id: z.string(), name: z.string() });

/** What is being offered. Instants are ms. */
const contentSchema = z.object({
  catalogEntryId: z.string(),
  name: z.string(),
  releasedAt: instant.nullable(),
  deployableUntil: instant.nullable(),
  /** Builds that it brings; see `Content.builds`. */
  builds: z.array(z.string()),
});

export const MONITORING_SIGNALS = ["rollback", "ineligible"] as const;
export const MONITORING_ACTIONS = ["alertError", "pauseDeployment", "offerFallback"] as const;

const ruleSchema = z.object({
  signal: z.enum(MONITORING_SIGNALS),
  /** Percent of the devices offered; null for a signal that needs none. */
  threshold: z.number().nullable(),
  action: z.enum(MONITORING_ACTIONS),
});
export type MonitoringRule = z.infer<typeof ruleSchema>;

const settingsSchema = z.object({
  startAt: instant.nullable(),
  rollout: z
    .discriminatedUnion("kind", [
      z.object({ kind: z.literal("rate"), daysBetweenOffers: z.number(), devicesPerOffer: z.number() }),
      z.object({ kind: z.literal("date"), daysBetweenOffers: z.number(), endAt: instant }),
    ])
    .nullable(),
  rule: ruleSchema.nullable(),
  expedite: z.object({ isReadinessTest: z.boolean(), daysUntilForcedReboot: z.number() }).nullable(),
  offerAsOptional: z.boolean(),
  ignoresLikelyIssues: z.boolean(),
});
export type Settings = z.infer<typeof settingsSchema>;

/** What both deployments and update policies are carried by. */
const carriedShape = {
  id: z.string().min(1),
  name: z.string(),
  phase: z.enum(Phase),
  /** Whether the tenant is still to be brought to what is written here. */
  pending: z.boolean(),
  /** What keeps it from there, for people. */
  problem: z.string().nullable(),
  /** Counts the decisions about it, so that what was carried out meanwhile is told from what is still to be. */
  revision: z.number(),
  /** How many devices it reaches, those that are excluded left out. */
  devices: z.number(),
  /** Those of them that are in deployment rings, whose own policies go on. */
  rings: z.array(z.object({ groupId: z.string(), ring: z.string(), devices: z.number() })),
  audience: z.object({
    /** When a new audience was asked for, and which ones the tenant had before: should its answer be lost. */
    askedAt: instant.nullable(),
    before: z.array(z.string()),
    id: z.string().nullable(),
  }),
  /** Devices that Windows Update could not register, by its reasons. */
  unregistered: z.array(z.object({ deviceId: z.string(), reason: z.string() })),
  createdAt: instant,
  createdBy: by,
};

export const deploymentSchema = z.object({
  ...carriedShape,
  kind: z.literal("deployment"),
  category: z.enum(Category),
  content: contentSchema,
  settings: settingsSchema,
  paused: z
    .object({
      reason: z.enum([Reason.pausedByRequest, Reason.pausedByMonitoring]),
      at: instant,
      by,
      justification: z.string().nullable(),
    })
    .nullable(),
  /** How long pauses that are over have held its offers back, ms. */
  pausedMs: z.number().default(0),
  /** Id in the tenant, of the update policy for drivers. */
  graphId: z.string().nullable(),
  /** What Windows Update said last. */
  observed: z.object({ at: instant, effectiveValue: z.string(), reasons: z.array(z.string()) }).nullable(),
  /** What the rollback rule measured last. */
  measured: z.object({ at: instant, offered: z.number(), rolledBack: z.number() }).nullable(),
  /** Alerts of its rule, and of its content's expiry, the newest first. */
  alerts: z.array(z.object({ at: instant, alert: z.string(), message: z.string() })),
});
export type Deployment = z.infer<typeof deploymentSchema>;

/** A policy that approves updates for its own devices, by itself or by people (graph.md §1.8). */
export const updatePolicySchema = z.object({
  ...carriedShape,
  kind: z.literal("policy"),
  category: z.enum([Category.driver, Category.quality]),
  rule: z
    .object({
      deferralDays: z.number(),
      classification: z.enum(["all", "security", "nonSecurity"]).optional(),
      cadence: z.enum(["monthly", "outOfBand"]).optional(),
    })
    .nullable(),
  hotpatch: z.boolean(),
  approvals: z.array(
    z.object({ content: contentSchema, startAt: instant.nullable(), approvedAt: instant, approvedBy: by }),
  ),
  graphId: z.string().nullable(),
});
export type UpdatePolicy = z.infer<typeof updatePolicySchema>;

export type Carried = Deployment | UpdatePolicy;

/** What a new record begins with. */
export function newCarried(given: Pick<Carried, "id" | "name" | "rings" | "devices" | "createdAt" | "createdBy">) {
  return {
    ...given,
    ...{ phase: Phase.creating, pending: true, revision: 1, problem: null, unregistered: [], graphId: null },
    audience: { askedAt: null, before: [], id: null },
  };
}

/** The same with something decided about it, which is to be carried out. */
export function decided<T extends Carried>(record: T, change: Partial<T>): T {
  return { ...record, ...change, pending: true, revision: record.revision + 1 };
}

/** Whether it has, or will have, anything in the tenant. */
export function isLive({ phase }: Pick<Carried, "phase">): boolean {
  return phase === Phase.creating || phase === Phase.active;
}
