import { z } from "zod";
import type { Graph } from "./graph.js";
import { guid, text } from "./lenient.js";

/** Service plans that the service looks for (graph.md §3.5). */
export const ServicePlan = {
  deploymentService: "7bf960f6-2cd9-443a-8046-5dbff9558365",
  autopatch: "9a6eeb79-0b4b-4bf0-9808-39d99a2cd5a3",
  intune: "c1ec4a95-1f05-45b3-a911-aa3fa01094f5",
} as const;
export type ServicePlan = (typeof ServicePlan)[keyof typeof ServicePlan];

/** A subscription of the tenant that counts: enabled or in its grace period. */
export interface Sku {
  /** Lower-cased. */
  readonly skuId: string;
  readonly partNumber: string;
  /** Ids of the service plans that are provisioned or about to be, lower-cased. */
  readonly plans: readonly string[];
}

const planSchema = z.object({ servicePlanId: guid, provisioningStatus: text });
const skuSchema = z.object({
  skuId: guid,
  skuPartNumber: text,
  capabilityStatus: text,
  servicePlans: z.array(planSchema).nullish(),
});

/** The active subscriptions of the tenant; needs LicenseAssignment.Read.All. */
export async function listSkus(graph: Graph): Promise<Sku[]> {
  const skus = await graph.list("/subscribedSkus", { version: "v1.0", schema: skuSchema });
  return skus
    .filter(({ capabilityStatus }) => capabilityStatus === "Enabled" || capabilityStatus === "Warning")
    .map(({ skuId, skuPartNumber, servicePlans }) => ({
      skuId: skuId ?? "",
      partNumber: skuPartNumber ?? "",
      plans: (servicePlans ?? []).filter(isProvisioned).flatMap(({ servicePlanId }) => servicePlanId ?? []),
    }));
}

export function hasPlan(skus: readonly Sku[], plan: ServicePlan): boolean {
  return skus.some(({ plans }) => plans.includes(plan));
}

function isProvisioned({ provisioningStatus }: z.infer<typeof planSchema>): boolean {
  return provisioningStatus === "Success" || provisioningStatus === "PendingActivation";
}
