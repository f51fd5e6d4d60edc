import { DriverOutcome, decideDrivers, listDriverInventory } from "../graph/driver-inventories.js";
import type { Graph } from "../graph/graph.js";
import type { StandingPolicy } from "../graph/offering/standing.js";
import { ensurePolicy } from "../graph/policies/ensure.js";
import { driverUpdateArea } from "../graph/policies/intune-areas.js";
import { PolicyKind } from "../graph/policies/types.js";
import { notYet } from "../graph/settle.js";
import { desiredPolicies } from "../policies/desired.js";
import { noteLeftOut } from "../policies/leave-out.js";
import { ringPolicyId } from "../policies/ring-policy-id.js";
import { catalogueId } from "./driver.js";

/** The driver policy of a ring offers what is approved in it; a release suspends the approval of its driver there. */
export function driverOffers(graph: Graph): StandingPolicy {
  return {
    find: (ring) => ringPolicyId(graph, driverUpdateArea, ring, PolicyKind.driverUpdate),
    async set({ policyId, catalogEntryId }, status) {
      const inventory = await listDriverInventory(graph, policyId);
      // Once no device needs the driver any more there is nothing to suspend.
      const ids = inventory.filter(({ id }) => catalogueId(id) === catalogEntryId).map(({ id }) => id);
      if (ids.length === 0) return;
      const action = status === "suspended" ? "suspend" : "approve";
      const outcomes = await decideDrivers(graph, policyId, { action, ids, deployAt: null });
      const isDone = (id: string) => DONE.has(outcomes.get(id) ?? DriverOutcome.gone);
      if (!ids.every(isDone)) throw notYet(`The approval "${status}" of driver ${catalogEntryId}`);
    },
    async leaveOut({ ring: { groupId, ringName: ring } }, entraGroupIds) {
      const group = await noteLeftOut({ groupId, ring, kind: PolicyKind.driverUpdate, entraGroupIds });
      const wanted = desiredPolicies(group).find(
        (desired) => desired.ring === ring && desired.policy.kind === PolicyKind.driverUpdate,
      );
      if (wanted !== undefined) await ensurePolicy(graph, driverUpdateArea, wanted.policy);
    },
  };
}

const DONE: ReadonlySet<DriverOutcome> = new Set([DriverOutcome.changed, DriverOutcome.unchanged, DriverOutcome.gone]);
