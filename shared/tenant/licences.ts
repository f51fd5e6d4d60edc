import { hasPlan, ServicePlan, type Sku } from "../graph/licences.js";
import { LICENCES, type Licence } from "./licence-list.js";

/** What the tenant's licences entitle it to (autopatch.md §4.3, last column: since 04/2025). */
export interface Entitlement {
  /** A licence for the service was found, by its GUID or by its service plan. */
  readonly licensed: boolean;
  readonly intune: boolean;
  /** Support requests to the service team, E3 and above or F3 only. */
  readonly supportRequests: boolean;
  /** Licences of the list that the tenant has. */
  readonly recognised: readonly Licence[];
  /** Part numbers of other subscriptions that bring the service by their service plan. */
  readonly byServicePlan: readonly string[];
}

/** Variants of E3, E5 and F3 that the list does not hold, such as those without Teams in the EEA. */
const FAMILY = /(?:^|_)(?:E3|E5|F1|F3)(?:_|$)/;
const PLANS: readonly string[] = [ServicePlan.autopatch, ServicePlan.deploymentService];

/** @param skus the active subscriptions (`listSkus`) */
export function entitlementOf(skus: readonly Sku[]): Entitlement {
  const recognised = LICENCES.filter(({ skuId }) => skus.some((sku) => sku.skuId === skuId));
  const listed = new Set(recognised.map(({ skuId }) => skuId));
  const byServicePlan = skus
    .filter(({ skuId, plans }) => !listed.has(skuId) && plans.some((plan) => PLANS.includes(plan)))
    .map(({ partNumber }) => partNumber);
  return {
    licensed: recognised.length + byServicePlan.length > 0,
    intune: hasPlan(skus, ServicePlan.intune),
    supportRequests: recognised.length > 0 || byServicePlan.some((partNumber) => FAMILY.test(partNumber)),
    recognised,
    byServicePlan,
  };
}
