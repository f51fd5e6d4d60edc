import type { AutopatchGroup } from "../groups/group.js";
import { ServiceRing, serviceRings } from "../groups/service-rings.js";

/** Days by which downloading and installing is delayed (autopatch.md §8.1). */
const DEFERRAL_DAYS: Readonly<Record<ServiceRing, number>> = { Test: 0, First: 0, Fast: 3, Broad: 7 };
/** Days until open apps are closed for the update, in every ring (§8.1). */
export const DEADLINE_DAYS = 7;

/** Days by which a ring of the group delays new versions of Office. */
export function deferralDaysOf(group: Pick<AutopatchGroup, "rings">, ring: string): number {
  return DEFERRAL_DAYS[serviceRings(group)[ring] ?? ServiceRing.broad];
}
