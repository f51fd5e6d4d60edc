import type { Graph } from "../graph/graph.js";
import { listGroups } from "../groups/store.js";
import { listDevices } from "../registration/store.js";
import type { QualityUpdate } from "../updates/quality-update.js";
import { coverage } from "./coverage.js";
import type { QualityPolicy } from "./policy.js";
import { ReleaseState, standingOf } from "./release-state.js";
import { ringOf } from "./releases.js";
import { listQualityPolicies } from "./store.js";

/** The policies in which people have paused an update. */
export async function policiesPausing(update: QualityUpdate): Promise<QualityPolicy[]> {
  const living = (await listQualityPolicies()).filter(({ deletedAt }) => deletedAt === null);
  return living.filter((policy) => standingOf(policy, update).state === ReleaseState.paused);
}

/**
 * Autopatch groups with devices for which a policy has paused an update, and the names of these policies: what people
 * have stopped there is not expedited, unless the expedite says so. A policy assigned to a group or a ring concerns the
 * group, whether it has devices yet or not. @param now ms
 */
export async function groupsPausing(
  graph: Graph,
  update: QualityUpdate,
  now: number,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = new Map<string, string[]>();
  const policies = await policiesPausing(update);
  if (policies.length === 0) return found;
  const [covered, groups, devices] = [await coverage(graph, now, policies), await listGroups(), await listDevices()];
  for (const policy of policies) {
    const assigned = policy.assignments.flatMap(({ to }) => (to.type === "directoryGroup" ? [] : [to.groupId]));
    const reached = devices.filter((device) => covered.covers(policy, device));
    const concerned = reached.flatMap((device) => ringOf(device, groups)?.group.id ?? []);
    for (const id of new Set([...assigned, ...concerned])) found.set(id, [...(found.get(id) ?? []), policy.name]);
  }
  return found;
}
