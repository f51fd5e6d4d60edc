import { AppError } from "../errors.js";
import type { Graph } from "../graph/graph.js";
import { groupsWhere } from "../graph/group-facts.js";
import { GroupStatus, type StoredGroup } from "../groups/store.js";
import type { Target } from "./policy.js";

/** The Entra groups that stand for targets in the tenant, lower-cased; rings without a group yet have none. */
export function entraGroupsOf(targets: readonly Target[], groups: readonly StoredGroup[]): string[] {
  const ids = targets.flatMap((target) => {
    if (target.type === "directoryGroup") return [target.id];
    const group = groups.find(({ id }) => id === target.groupId);
    const rings = group?.definition.rings ?? [];
    const meant = target.type === "ring" ? rings.filter(({ name }) => name === target.ring) : rings;
    return meant.flatMap(({ name }) => group?.bindings[name]?.entraGroupId.toLowerCase() ?? []);
  });
  return [...new Set(ids)];
}

/**
 * Refuses targets that there are not: Autopatch groups, their rings, and security groups of the directory.
 * @throws AppError `rule_violated` naming the target
 */
export async function checkTargets(
  graph: Graph,
  targets: readonly Target[],
  groups: readonly StoredGroup[],
): Promise<void> {
  const asked = targets.flatMap((target) => (target.type === "directoryGroup" ? [target.id] : []));
  const known = asked.length === 0 ? [] : await groupsWhere(graph, "id", asked);
  const secure = new Set(known.filter(({ securityEnabled }) => securityEnabled).map(({ id }) => id));
  targets.forEach((target, index) => {
    const why = problemOf(target, groups, secure);
    if (why === undefined) return;
    const field = `assignments.${index}`;
    const message = `${field}: ${why} Nothing was changed.`;
    throw new AppError("rule_violated", message, { field, details: { rule: "knownTarget" } });
  });
}

function problemOf(target: Target, groups: readonly StoredGroup[], secure: ReadonlySet<string>): string | undefined {
  if (target.type === "directoryGroup") {
    return secure.has(target.id) ? undefined : `the directory has no security group ${target.id}.`;
  }
  const group = groups.find(({ id, status }) => id === target.groupId && status !== GroupStatus.deleting);
  if (group === undefined) return `there is no Autopatch group ${target.groupId}. GET /api/v1/groups lists them.`;
  const rings = group.definition.rings.map(({ name }) => name);
  if (target.type !== "ring" || rings.includes(target.ring)) return undefined;
  return `${target.groupId} has no ring ${target.ring}. It has ${rings.join(", ")}.`;
}
