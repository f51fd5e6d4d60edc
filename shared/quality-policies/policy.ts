import { z } from "zod";
import { DAY_MS } from "../calendar/days.js";
import { categoriesSchema } from "./category.js";

/** Longest name and description of a policy (autopatch.md §5.10). */
export const MAX_NAME = 200;
export const MAX_DESCRIPTION = 1500;

/** Devices stay enrolled in a policy for a day after it was taken from them (§5.10). */
export const GRACE_MS = DAY_MS;

/** Whom a policy is for: a directory group, a whole Autopatch group, or one ring of it. */
export const targetSchema = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("directoryGroup"), id: z.guid().toLowerCase() }),
  z.strictObject({ type: z.literal("autopatchGroup"), groupId: z.string().min(1) }),
  z.strictObject({ type: z.literal("ring"), groupId: z.string().min(1), ring: z.string().min(1) }),
]);
export type Target = z.infer<typeof targetSchema>;

const personSchema = z.object({ id: z.string(), name: z.string() });
export type Person = z.infer<typeof personSchema>;

/** What people decided about an update: it is offered from an instant on, or no more. */
export const DecisionStatus = { approved: "approved", paused: "paused" } as const;
export type DecisionStatus = (typeof DecisionStatus)[keyof typeof DecisionStatus];

const decisionSchema = z.object({
  catalogEntryId: z.string(),
  /** `2026.05 B`, for people. */
  shortName: z.string(),
  status: z.enum(DecisionStatus),
  /** From when an approved update is offered, ms. */
  startsAt: z.number(),
  /** ms */
  at: z.number(),
  by: personSchema,
  justification: z.string().nullable(),
  /** What the tenant has been told of the update; null: nothing yet. */
  inTenant: z.enum(DecisionStatus).nullable(),
});
export type Decision = z.infer<typeof decisionSchema>;

/** A quality update policy with approvals (autopatch.md §5.10). Instants in ms. */
export const qualityPolicySchema = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  /** Whether devices that can take hotpatches get them. */
  hotpatch: z.boolean(),
  categories: categoriesSchema,
  assignments: z.array(z.object({ to: targetSchema, since: z.number() })),
  /** Targets that were taken off it, until their days of grace are over. */
  leaving: z.array(z.object({ to: targetSchema, until: z.number() })),
  /** One per update about which people have decided. */
  decisions: z.array(decisionSchema),
  createdAt: z.number(),
  createdBy: personSchema,
  changedAt: z.number(),
  /** When somebody deleted it; it goes once nobody is enrolled in it any more. */
  deletedAt: z.number().nullable(),
  /** Whether settings or assignments are still to be brought to the tenant; decisions say so themselves. */
  pending: z.boolean(),
  /** What keeps it from the tenant, for people. */
  problem: z.string().nullable(),
});
export type QualityPolicy = z.infer<typeof qualityPolicySchema>;

/** Whether two targets mean the same. */
export function sameTarget(left: Target, right: Target): boolean {
  return targetText(left) === targetText(right);
}

/** A target as a text that no other has. */
export function targetText(target: Target): string {
  if (target.type === "directoryGroup") return `directory group ${target.id}`;
  return target.type === "ring" ? `ring ${target.ring} of ${target.groupId}` : `Autopatch group ${target.groupId}`;
}

/** Targets whose devices are enrolled in the policy now: those it is assigned to, and those that left within a day. */
export function enrolledTargets({ assignments, leaving }: QualityPolicy, now: number): Target[] {
  const inGrace = leaving.filter(({ until }) => until > now);
  return [...assignments, ...inGrace].map(({ to }) => to);
}

/** Whether the tenant is to be told of a decision: an approval with a start date on that day. */
export function isUntold({ status, startsAt, inTenant }: Decision, now: number): boolean {
  return inTenant !== status && (status === DecisionStatus.paused || startsAt <= now);
}

/** The same policy assigned to exactly these targets; those that go keep their devices enrolled for a day. */
export function assignedTo(policy: QualityPolicy, targets: readonly Target[], now: number): QualityPolicy {
  const known = (to: Target) => policy.assignments.find((each) => sameTarget(each.to, to));
  const stays = ({ to }: { to: Target }) => targets.some((target) => sameTarget(target, to));
  const left = policy.assignments.filter((each) => !stays(each)).map(({ to }) => ({ to, until: now + GRACE_MS }));
  return {
    ...policy,
    assignments: targets.map((to) => known(to) ?? { to, since: now }),
    leaving: [...policy.leaving.filter((each) => each.until > now && !stays(each)), ...left],
  };
}
