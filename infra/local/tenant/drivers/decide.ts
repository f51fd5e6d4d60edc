import type { World } from "../world.js";
import { driverCatalogue, inventoryOf } from "./inventory.js";
import { ApprovalStatus, type DriverDecision, type DriverProfileRow } from "./rows.js";

export type DriverAction = "approve" | "decline" | "suspend";

export interface BulkResult {
  readonly successfulDriverIds: readonly string[];
  readonly failedDriverIds: readonly string[];
  readonly notFoundDriverIds: readonly string[];
}

/** From which status each action leads on; approved never becomes declined (autopatch.md §7). */
const PERMITTED: Readonly<Record<DriverAction, readonly ApprovalStatus[]>> = {
  approve: Object.values(ApprovalStatus),
  decline: [ApprovalStatus.needsReview, ApprovalStatus.declined],
  suspend: [ApprovalStatus.approved, ApprovalStatus.suspended],
};
const LEADS_TO: Readonly<Record<DriverAction, ApprovalStatus>> = {
  approve: ApprovalStatus.approved,
  decline: ApprovalStatus.declined,
  suspend: ApprovalStatus.suspended,
};

/** Id of a driver in the inventory of a policy (graph.md §2.4). */
export function inventoryId(policyId: string, driverId: string): string {
  return `${driverId}_${policyId}`;
}

/**
 * Decides about drivers of one policy; each of them for itself. One that cannot be deployed any more, or whose status
 * does not permit it, fails; one that the policy never had is not found.
 * @param deployAt from when approved drivers are offered, ms
 */
export function decide(
  world: World,
  row: DriverProfileRow,
  { action, ids, deployAt }: { action: DriverAction; ids: readonly string[]; deployAt: number },
): { readonly row: DriverProfileRow; readonly result: BulkResult } {
  const items = new Map(inventoryOf(world, row).map((item) => [inventoryId(row.id, item.entry.id), item]));
  const decided: Record<string, DriverDecision> = {};
  const result = {
    successfulDriverIds: [] as string[],
    failedDriverIds: [] as string[],
    notFoundDriverIds: [] as string[],
  };
  for (const id of ids) {
    const item = items.get(id);
    if (item === undefined) {
      const isKnown =
        id.endsWith(`_${row.id}`) && driverCatalogue(world).get(id.split("_")[0] ?? "", world.clock.now());
      (isKnown ? result.failedDriverIds : result.notFoundDriverIds).push(id);
    } else if (PERMITTED[action].includes(item.decision.status)) {
      decided[item.entry.id] = { status: LEADS_TO[action], deployAt: action === "approve" ? deployAt : null };
      result.successfulDriverIds.push(id);
    } else result.failedDriverIds.push(id);
  }
  return { row: { ...row, decisions: { ...row.decisions, ...decided } }, result };
}
