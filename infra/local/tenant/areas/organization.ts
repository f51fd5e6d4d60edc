import { badRequest, Service } from "../graph/errors.js";
import { needs } from "../graph/permissions.js";
import { type GraphRequest, type Json, ok, type Route } from "../graph/types.js";
import { answerList } from "../odata/listing.js";
import { guid } from "../state/ids.js";
import type { World } from "../world.js";

/** Service plans that updates need (graph.md §3.5). */
const PLANS: readonly (readonly [id: string, name: string])[] = [
  ["7bf960f6-2cd9-443a-8046-5dbff9558365", "WINDOWSUPDATEFORBUSINESS_DEPLOYMENTSERVICE"],
  ["9a6eeb79-0b4b-4bf0-9808-39d99a2cd5a3", "Windows_Autopatch"],
  ["c1ec4a95-1f05-45b3-a911-aa3fa01094f5", "INTUNE_A"],
];

/** The tenant itself and its licences. */
export function organizationRoutes(world: World): Route[] {
  const service = Service.directory;
  return [
    {
      method: "GET",
      path: "/organization",
      service,
      needs: needs.readOrganization,
      handle: (request) =>
        answerList(request, { rows: [organization(world)], project: (row) => row, context: "organization" }),
    },
    {
      method: "GET",
      path: "/subscribedSkus",
      service,
      needs: needs.readLicences,
      handle: (request) => skus(world, request),
    },
  ];
}

function organization(world: World): Json {
  return {
    id: world.tenantId,
    displayName: "Contoso",
    tenantType: "AAD",
    countryLetterCode: "DE",
    verifiedDomains: [{ name: "contoso.example", isDefault: true, isInitial: true, type: "Managed" }],
    assignedPlans: PLANS.map(([servicePlanId]) => ({
      servicePlanId,
      capabilityStatus: "Enabled",
      service: "WindowsUpdate",
    })),
  };
}

function skus(world: World, request: GraphRequest): ReturnType<Route["handle"]> {
  if (request.query.filter !== undefined) throw badRequest("$filter is not supported on subscribedSkus.");
  const enabled = Math.max(world.directory.devices.size, 25);
  const sku = {
    id: `${world.tenantId}_${guid(world.tenantId, "SPE_E3")}`,
    skuId: guid(world.tenantId, "SPE_E3"),
    skuPartNumber: "SPE_E3",
    appliesTo: "User",
    capabilityStatus: "Enabled",
    consumedUnits: world.directory.devices.size,
    prepaidUnits: { enabled, warning: 0, suspended: 0, lockedOut: 0 },
    servicePlans: PLANS.map(([servicePlanId, servicePlanName]) => ({
      servicePlanId,
      servicePlanName,
      provisioningStatus: "Success",
      appliesTo: "User",
    })),
  };
  return ok({ "@odata.context": `${request.root}/$metadata#subscribedSkus`, value: [sku] });
}
