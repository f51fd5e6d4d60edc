import type { Actor } from "../access/roles.js";
import { inScope } from "../access/scope.js";
import { AppError } from "../errors.js";
import { listGroups } from "../groups/store.js";
import type { QualityPolicy, Target } from "./policy.js";

/**
 * The policies that an actor may see: for a scoped admin those all of whose targets are Autopatch groups of his scope tags
 * (autopatch.md §4.8). A policy of directory groups may reach anybody, and is for admins without scope tags alone.
 */
export async function visiblePolicies(actor: Actor, policies: readonly QualityPolicy[]): Promise<QualityPolicy[]> {
  if (actor.scopeTagIds === "all") return [...policies];
  const mine = await groupIdsOf(actor);
  return policies.filter(({ assignments, leaving }) => {
    const targets = [...assignments, ...leaving].map(({ to }) => to);
    return targets.length > 0 && targets.every((target) => isWithin(target, mine));
  });
}

/** Refuses targets outside the scope tags of an actor, and a policy of his without any. @throws AppError `rule_violated` */
export async function refuseForeignTargets(actor: Actor, targets: readonly Target[]): Promise<void> {
  if (actor.scopeTagIds === "all") return;
  const mine = await groupIdsOf(actor);
  const foreign = targets.findIndex((target) => !isWithin(target, mine));
  if (targets.length > 0 && foreign === -1) return;
  const field = foreign === -1 ? "assignments" : `assignments.${foreign}`;
  const message = `${field}: with scope tags a policy is for Autopatch groups that carry one of yours, and for nobody else. Nothing was changed. GET /api/v1/groups lists those groups.`;
  throw new AppError("rule_violated", message, { field, details: { rule: "scopeTags" } });
}

function isWithin(target: Target, groupIds: ReadonlySet<string>): boolean {
  return target.type !== "directoryGroup" && groupIds.has(target.groupId);
}

async function groupIdsOf(actor: Actor): Promise<ReadonlySet<string>> {
  const groups = (await listGroups()).filter(({ definition }) => inScope(actor, definition.scopeTagIds));
  return new Set(groups.map(({ id }) => id));
}
