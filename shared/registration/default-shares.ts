import type { Share } from "../groups/distribution.js";

/** Up to so many devices a tenant is small (autopatch.md §3.4). */
export const SMALL_TENANT_DEVICES = 200;

const SMALL = [5, 15, 80] as const;
const LARGE = [1, 9, 90] as const;

/**
 * Percentages of the first three rings between Test and Last, for a group that asks for the default distribution
 * (autopatch.md §3.4, row 29). Test and Last get nothing: their devices are chosen by hand.
 * @param devices devices that the service manages in the tenant
 */
export function defaultShares(devices: number): [Share, Share, Share] {
  const [first, second, third] = devices <= SMALL_TENANT_DEVICES ? SMALL : LARGE;
  return [
    { ring: "Ring1", percent: first },
    { ring: "Ring2", percent: second },
    { ring: "Ring3", percent: third },
  ];
}
