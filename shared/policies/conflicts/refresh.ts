import { z } from "zod";
import type { Graph } from "../../graph/graph.js";
import { listManagedDevices } from "../../graph/inventory.js";
import { guid } from "../../graph/lenient.js";
import { segment } from "../../graph/odata.js";
import { findServiceGroup } from "../../graph/policies/service-groups.js";
import { readTenantPolicies } from "../../graph/policies/tenant-policies.js";
import { absentWhenMissing } from "../../graph/settle.js";
import { listDevices } from "../../registration/store.js";
import { knownBaselines } from "../baseline.js";
import { expectationOf } from "../expectation.js";
import { affectedBy, type ReachedGroup, type RingMember } from "./affected.js";
import { CONFLICTING_KINDS, differences } from "./differing.js";
import { keepConflicts } from "./store.js";

/**
 * Finds the conflicts anew and keeps them: one call while nobody's policies say otherwise, else the members of
 * the groups that such policies name and the sync dates of devices as well. Returns whether anything changed.
 */
export async function refreshConflicts(graph: Graph, now: number): Promise<boolean> {
  const { policies } = expectationOf(await knownBaselines(now), "all");
  if (policies.length === 0) return keepConflicts(NONE, now);
  const found = differences(policies, await readTenantPolicies(graph, CONFLICTING_KINDS));
  if (found.length === 0) return keepConflicts(NONE, now);
  const named = found.flatMap(({ other }) => [...other.included, ...other.excluded]);
  const groups = await reachedGroups(graph, [...new Set(named)]);
  return keepConflicts(affectedBy(found, await ringMembers(graph), groups, now), now);
}

const NONE = { conflicts: [], devices: [] } as const;

/** Registered devices with the dates that Intune has now: those of the register may be a day old. */
async function ringMembers(graph: Graph): Promise<RingMember[]> {
  const managed = await listManagedDevices(graph);
  return (await listDevices()).flatMap(({ deviceId, objectId, name, groupId, ring }) => {
    if (groupId === null || ring === null) return [];
    const lastSyncAt = managed.get(deviceId)?.lastSyncAt ?? null;
    return [{ deviceId, objectId, name, groupId, ring, lastSyncAt }];
  });
}

const memberSchema = z.object({ id: guid });

async function reachedGroups(graph: Graph, groupIds: readonly string[]): Promise<Map<string, ReachedGroup>> {
  const groups = new Map<string, ReachedGroup>();
  for (const groupId of groupIds) {
    const group = await findServiceGroup(graph, groupId);
    const reading = graph.list(`/groups/${segment(groupId)}/transitiveMembers/microsoft.graph.device`, {
      version: "v1.0",
      // A cast on a directory collection is an advanced query and needs both (graph.md §3.1).
      headers: { ConsistencyLevel: "eventual" },
      query: { $select: "id", $count: true, $top: 999 },
      schema: memberSchema,
    });
    const members = group === undefined ? [] : ((await absentWhenMissing(reading)) ?? []);
    const ids = members.flatMap(({ id }) => id ?? []);
    groups.set(groupId, { name: group?.displayName ?? groupId, members: new Set(ids) });
  }
  return groups;
}
