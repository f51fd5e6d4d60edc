import { listDriverInventory } from "../graph/driver-inventories.js";
import type { Graph } from "../graph/graph.js";
import { tagOf } from "../graph/names.js";
import { tagged } from "../graph/policies/ensure.js";
import { driverUpdateArea } from "../graph/policies/intune-areas.js";
import { PolicyKind } from "../graph/policies/types.js";
import { DriverApproval } from "../groups/ring.js";
import type { StoredGroup } from "../groups/store.js";
import { RING_PURPOSES } from "../policies/kinds/ring-context.js";
import type { RingInventory } from "./driver.js";

/** The driver policy of a ring as it is in the tenant. */
export interface DriverPolicy extends RingInventory {
  readonly policyId: string;
  readonly name: string;
  readonly approval: DriverApproval;
  /** Days between the day a driver is added to the policy and its offer; null in manual mode (autopatch.md §7). */
  readonly deferralDays: number | null;
}

/**
 * The driver policies of a group in the order of its rings, with their inventories. Rings whose policy is not in the
 * tenant yet are left out. One call of Graph and one for each ring.
 */
export async function readDriverPolicies(graph: Graph, { id, definition }: StoredGroup): Promise<DriverPolicy[]> {
  if (!definition.updateTypes.driver) return [];
  const all = await driverUpdateArea.list(graph);
  const found = definition.rings.flatMap(({ name }) => {
    const [policy] = tagged(all, tagOf({ groupId: id, ringName: name }, RING_PURPOSES[PolicyKind.driverUpdate]));
    return policy === undefined ? [] : [{ ring: name, policy }];
  });
  return Promise.all(
    found.map(async ({ ring, policy }) => {
      const { approvalType, deploymentDeferralInDays: days } = policy.values;
      const approval = approvalType === DriverApproval.manual ? DriverApproval.manual : DriverApproval.automatic;
      return {
        ring,
        policyId: policy.id,
        name: policy.displayName ?? policy.id,
        approval,
        deferralDays: approval === DriverApproval.automatic ? Number(days ?? 0) : null,
        drivers: await listDriverInventory(graph, policy.id),
      };
    }),
  );
}
