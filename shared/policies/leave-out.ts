import type { PolicyKind } from "../graph/policies/types.js";
import { sameMembers } from "../graph/settle.js";
import { changeGroup, type StoredGroup } from "../groups/store.js";

export interface LeftOut {
  readonly groupId: string;
  readonly ring: string;
  readonly kind: PolicyKind;
  /** Directory groups of held cohorts; none ends it. */
  readonly entraGroupIds: readonly string[];
}

/**
 * Notes whom a ring's policies of a kind leave out, so that every later look at them keeps it. Returns the group as it is
 * then; may be repeated. The policies themselves follow when they are next ensured.
 */
export function noteLeftOut({ groupId, ring, kind, entraGroupIds }: LeftOut): Promise<StoredGroup> {
  return changeGroup(groupId, (group) => {
    const binding = group.bindings[ring];
    if (binding === undefined || sameMembers(binding.leftOut?.[kind] ?? [], entraGroupIds)) return group;
    const leftOut = { ...binding.leftOut, [kind]: [...entraGroupIds] };
    return { ...group, bindings: { ...group.bindings, [ring]: { ...binding, leftOut } } };
  });
}
