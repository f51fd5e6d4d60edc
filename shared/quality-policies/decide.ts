import { z } from "zod";
import { utcDate } from "../calendar/days.js";
import { AppError } from "../errors.js";
import type { QualityUpdate } from "../updates/quality-update.js";
import { Supersedence, supersedence } from "../updates/supersedence.js";
import { type Decision, DecisionStatus, type Person, type QualityPolicy } from "./policy.js";
import { approvesItself, ReleaseState, standingOf } from "./release-state.js";

/** What people do about an update in a policy; to resume is to approve again (autopatch.md §5.10). */
export const DecisionAction = { approve: "approve", pause: "pause", resume: "resume" } as const;
export type DecisionAction = (typeof DecisionAction)[keyof typeof DecisionAction];

export const decisionForm = z
  .strictObject({
    action: z.enum(DecisionAction),
    update: z.string().trim().min(1).describe("Id in the catalogue, or short name: 2026.05 B."),
    startDate: z.iso.date().optional().describe("UTC day from which it is offered; default: at once."),
    justification: z.string().trim().min(1).max(1000).optional(),
  })
  .refine(({ action, startDate }) => action !== "pause" || startDate === undefined, {
    path: ["startDate"],
    message: "a pause begins at once",
  });
export type DecisionForm = z.infer<typeof decisionForm>;

/** States that an act leads on from. */
const FROM: Readonly<Record<DecisionAction, readonly ReleaseState[]>> = {
  approve: [ReleaseState.needsReview, ReleaseState.paused],
  pause: [ReleaseState.approved],
  resume: [ReleaseState.paused],
};

export interface Deciding {
  readonly form: DecisionForm;
  readonly update: QualityUpdate;
  /** What has been published. */
  readonly updates: readonly QualityUpdate[];
  readonly by: Person;
  /** ms */
  readonly now: number;
}

/**
 * The policy with a decision about an update. Nothing is ever taken off a device by it.
 * @throws AppError `rule_violated` naming the rule: `transition`, `startDate`, `newestApproved` or `deleted`
 */
export function decided(policy: QualityPolicy, deciding: Deciding): QualityPolicy {
  const { form, update, by, now } = deciding;
  const why = refusalOf(policy, deciding);
  if (why !== undefined) throw why;
  const before = policy.decisions.find(({ catalogEntryId }) => catalogEntryId === update.catalogEntryId);
  const decision: Decision = {
    ...{ catalogEntryId: update.catalogEntryId, shortName: update.shortName },
    status: form.action === "pause" ? DecisionStatus.paused : DecisionStatus.approved,
    startsAt: startOf(policy, deciding),
    ...{ at: now, by: { id: by.id, name: by.name }, justification: form.justification ?? null },
    inTenant: before?.inTenant ?? null,
  };
  const others = policy.decisions.filter((each) => each !== before);
  return { ...policy, decisions: [...others, decision], changedAt: now };
}

/** Resuming within the deferral of an automatic approval does not shorten it. */
function startOf(policy: QualityPolicy, { form, update, now }: Deciding): number {
  const chosen = form.startDate === undefined ? now : Date.parse(form.startDate);
  return Math.max(now, chosen, approvesItself(policy, update) ?? 0);
}

/** Why a policy does not take the decision; undefined: it does. */
export function refusalOf(policy: QualityPolicy, deciding: Deciding): AppError | undefined {
  const { form, update, now } = deciding;
  const { action, startDate } = form;
  const refused = (field: string, rule: string, text: string, limit?: unknown) =>
    new AppError("rule_violated", `${field}: ${text} Nothing was changed.`, {
      field,
      details: { rule, policyId: policy.id, ...(limit === undefined ? {} : { limit }) },
    });
  if (policy.deletedAt !== null) {
    return refused("policyId", "deleted", `policy "${policy.name}" is being deleted. Choose another one.`);
  }
  if (startDate !== undefined && startDate < utcDate(now)) {
    return refused("startDate", "startDate", `${startDate} is over. Choose today or a later day.`, utcDate(now));
  }
  const { state } = standingOf(policy, update);
  if (!FROM[action].includes(state)) {
    const from = FROM[action].join(" or ");
    const text = `${update.shortName} is ${state} in policy "${policy.name}", and only what is ${from} there can be ${PAST[action]}.`;
    return refused("action", "transition", text, FROM[action]);
  }
  const newer = action === "pause" ? undefined : newerApproved(policy, deciding);
  if (newer === undefined) return undefined;
  const text = `policy "${policy.name}" has approved ${newer.shortName}, which replaces ${update.shortName}: the newest approved update wins, and the older one would reach nobody. Pause ${newer.shortName} first.`;
  return refused("update", "newestApproved", text, newer.shortName);
}

const PAST: Readonly<Record<DecisionAction, string>> = { approve: "approved", pause: "paused", resume: "resumed" };

/** An approved update that replaces this one for every Windows version, and is offered when this one would be. */
function newerApproved(policy: QualityPolicy, deciding: Deciding): QualityUpdate | undefined {
  const { update, updates } = deciding;
  return updates.find((other) => {
    const { offeredFrom } = standingOf(policy, other);
    const isOffered = offeredFrom !== null && offeredFrom <= startOf(policy, deciding);
    return isOffered && supersedence(other, update) === Supersedence.full;
  });
}
