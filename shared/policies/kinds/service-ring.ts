import { FIRST_RING, LAST_RING } from "../../groups/defaults.js";
import type { AutopatchGroup } from "../../groups/group.js";

/** The four rings of the service, to which base values go (autopatch.md §2.6). */
export const ServiceRing = { test: "Test", first: "First", fast: "Fast", broad: "Broad" } as const;
export type ServiceRing = (typeof ServiceRing)[keyof typeof ServiceRing];

/** Test → Test, the second ring → First, the third → Fast, every further one and Last → Broad (autopatch.md §2.6). */
export function serviceRingOf(group: Pick<AutopatchGroup, "rings">, ringName: string): ServiceRing {
  if (ringName === FIRST_RING) return ServiceRing.test;
  if (ringName === LAST_RING) return ServiceRing.broad;
  const place = group.rings.findIndex(({ name }) => name === ringName);
  return place === 1 ? ServiceRing.first : place === 2 ? ServiceRing.fast : ServiceRing.broad;
}
