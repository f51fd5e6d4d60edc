import { z } from "zod";
import { iso } from "../calendar/days.js";
import { publishedAt } from "../calendar/publication.js";
import { instant } from "../schema.js";
import type { QualityUpdate } from "../updates/quality-update.js";
import { Category, categoriesSchema, categoryOf } from "./category.js";
import { isUntold, type QualityPolicy, targetSchema } from "./policy.js";
import { ReleaseState, standingOf } from "./release-state.js";

/** A policy as the API shows it. */
export const policyViewSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    description: z.string(),
    hotpatch: z.boolean(),
    categories: categoriesSchema,
    assignments: z.array(targetSchema),
    leaving: z
      .array(z.object({ to: targetSchema, until: instant }))
      .describe("Taken from it; their devices stay enrolled until then."),
    createdAt: instant,
    createdBy: z.string(),
    changedAt: instant,
    deletedAt: instant.nullable().describe("It is being deleted, and goes a day later."),
    inTenant: z.boolean().describe("Whether the tenant has been told of it as it is; devices follow within 8 hours."),
    problem: z.string().nullable().describe("What keeps it from the tenant."),
    notice: z.string().nullable().describe("What its devices go without; null: it has none."),
  })
  .meta({ id: "QualityPolicy" });
export type PolicyView = z.infer<typeof policyViewSchema>;

export function policyView(policy: QualityPolicy, now: number): PolicyView {
  const { id, name, description, hotpatch, categories, assignments, leaving, problem, pending } = policy;
  return {
    ...{ id, name, description, hotpatch, categories },
    assignments: assignments.map(({ to }) => to),
    leaving: leaving.filter(({ until }) => until > now).map(({ to, until }) => ({ to, until: iso(until) })),
    createdAt: iso(policy.createdAt),
    createdBy: policy.createdBy.name,
    changedAt: iso(policy.changedAt),
    deletedAt: dated(policy.deletedAt),
    inTenant: !pending && !policy.decisions.some((decision) => isUntold(decision, now)),
    problem,
    notice: assignments.length === 0 ? null : UNWATCHED,
  };
}

/** People approve here, and nobody else watches: releases leave these devices out (autopatch.md §5.10). */
const UNWATCHED =
  "Its devices are offered what it approves all at once. They are part of no release, so that neither waves nor the health gate protect them and no objective counts them; the report shows how far they are.";

/** An update as policies see it. */
export const policyUpdateSchema = z.object({
  catalogEntryId: z.string(),
  name: z.string().describe("2026.05 B"),
  displayName: z.string(),
  releasedAt: instant,
  category: z.enum(Category),
});

export function policyUpdate(update: QualityUpdate): z.infer<typeof policyUpdateSchema> {
  const { catalogEntryId, shortName: name, displayName } = update;
  return { catalogEntryId, name, displayName, releasedAt: iso(publishedAt(update)), category: categoryOf(update) };
}

/** Where an update stands in a policy. */
export const standingSchema = z.object({
  state: z.enum(ReleaseState),
  offeredFrom: instant.nullable().describe("From when devices are offered it; null: they are not."),
  decidedBy: z.string().nullable().describe("Who approved or paused it; null: the policy itself, or nobody yet."),
});

export function standingView(policy: QualityPolicy, update: QualityUpdate): z.infer<typeof standingSchema> {
  const { state, offeredFrom, decidedBy } = standingOf(policy, update);
  return { state, offeredFrom: dated(offeredFrom), decidedBy };
}

/** An update over all policies. */
export const overviewSchema = policyUpdateSchema
  .extend({
    policies: z.int().describe("How many policies there are."),
    approved: z.int(),
    paused: z.int(),
    needsReview: z.int(),
    summary: z.string().describe("X of Y policies approved"),
  })
  .meta({ id: "QualityPolicyRelease" });

/** In how many policies an update is approved (autopatch.md §5.10). */
export function overviewOf(policies: readonly QualityPolicy[], update: QualityUpdate): z.infer<typeof overviewSchema> {
  const states = policies.map((policy) => standingOf(policy, update).state);
  const count = (state: ReleaseState) => states.filter((each) => each === state).length;
  const approved = count(ReleaseState.approved);
  return {
    ...policyUpdate(update),
    ...{ policies: policies.length, approved, paused: count(ReleaseState.paused) },
    needsReview: count(ReleaseState.needsReview),
    summary: `${approved} of ${policies.length} policies approved`,
  };
}

/** An instant as the API shows it; null stays. */
export function dated(at: number | null): string | null {
  return at === null ? null : iso(at);
}
