import type { Sku } from "../graph/licences.js";
import { LICENCES } from "../tenant/licence-list.js";

const LISTED: ReadonlySet<string> = new Set(LICENCES.map(({ skuId }) => skuId));

/**
 * Part numbers of the licences of autopatch.md §5.9 that the service's own list does not hold: Business Premium (SPB),
 * Windows 365 Enterprise (CPC_E_…), A3 and A5 of education, and variants of E3, E5 and F3 such as those without Teams.
 * Windows 365 Business (CPC_B_…) is none of them.
 */
const PART_NUMBERS = /^SPB(?:_|$)|^CPC_E_|(?:^|_)(?:A3|A5|E3|E5|F1|F3)(?:_|$)/;

/** Part numbers of the tenant's licences that entitle to hotpatches. @param skus the active subscriptions */
export function hotpatchLicences(skus: readonly Sku[]): string[] {
  return skus
    .filter(({ skuId, partNumber }) => LISTED.has(skuId) || (PART_NUMBERS.test(partNumber) && isWindows(partNumber)))
    .map(({ partNumber }) => partNumber);
}

/** Licences of Windows itself: Office and mobility suites have E3, A3 and so on in their names as well. */
function isWindows(partNumber: string): boolean {
  return /^(?:SPB|SPE_|CPC_E_|WIN|M365EDU_|Microsoft_365_|E3_VDA)/i.test(partNumber);
}
