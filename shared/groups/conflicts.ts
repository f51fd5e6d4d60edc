import type { AutopatchGroup } from "./group.js";

/** Where a device belongs within its Autopatch group: in a ring of an assigned directory group, or in the pool. */
export type RingResolution = { readonly kind: "assigned"; readonly ring: string } | { readonly kind: "pool" };

/**
 * The one place of a device that was found in several directory groups of an Autopatch group. `found` names the ring of
 * every assigned group it is in, and null for the dynamic pool. An assigned ring, combined with dynamic or not, beats the
 * pool; of several assigned rings the later in ring order wins (autopatch.md §2.5, row 16).
 */
export function resolveRing(group: Pick<AutopatchGroup, "rings">, found: readonly (string | null)[]): RingResolution {
  const assigned = new Set(found);
  const ring = group.rings.findLast(
    ({ name, distribution }) => distribution.assignedGroupId !== undefined && assigned.has(name),
  );
  return ring === undefined ? { kind: "pool" } : { kind: "assigned", ring: ring.name };
}
