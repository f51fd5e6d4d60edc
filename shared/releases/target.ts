import { z } from "zod";
import type { RingTarget } from "../graph/offering/types.js";
import type { StoredGroup } from "../groups/store.js";

export const ringTargetSchema: z.ZodType<RingTarget> = z.object({
  groupId: z.string().min(1),
  groupName: z.string(),
  ringName: z.string().min(1),
  entraGroupId: z.string().min(1),
  updateRingPolicyId: z.string(),
  hotpatch: z.boolean(),
});

/** What a ring's offers go to, as its group is now; undefined while the ring has no directory group. */
export function targetOf({ id, definition, bindings }: StoredGroup, ring: string): RingTarget | undefined {
  const binding = bindings[ring];
  if (binding === undefined) return undefined;
  return {
    groupId: id,
    groupName: definition.name,
    ringName: ring,
    entraGroupId: binding.entraGroupId,
    updateRingPolicyId: binding.updateRingPolicyId ?? "",
    hotpatch: definition.hotpatch,
  };
}

/** Whether offers have to follow from the one target to the other; a new name of the group is no reason. */
export function hasMoved(before: RingTarget, now: RingTarget): boolean {
  const content = ({ entraGroupId, updateRingPolicyId, hotpatch }: RingTarget) =>
    JSON.stringify([entraGroupId.toLowerCase(), updateRingPolicyId, hotpatch]);
  return content(before) !== content(now);
}

/** The groups of the opened waves after the ring's own group was made again. */
export function movedGroups(waveGroups: readonly string[], before: RingTarget, now: RingTarget): string[] {
  return waveGroups.map((id) => (id.toLowerCase() === before.entraGroupId.toLowerCase() ? now.entraGroupId : id));
}
