import { badRequest, Service } from "../graph/errors.js";
import { needs } from "../graph/permissions.js";
import { type GraphRequest, type Json, ok, type Route } from "../graph/types.js";
import { type Licence, UPDATE_PLANS } from "../licences.js";
import { answerList } from "../odata/listing.js";
import type { World } from "../world.js";

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
    assignedPlans: world.licences
      .all()
      .flatMap(({ servicePlans = UPDATE_PLANS, capabilityStatus = "Enabled" }) =>
        servicePlans.map(({ servicePlanId }) => ({ servicePlanId, capabilityStatus, service: "WindowsUpdate" })),
      ),
  };
}

function skus(world: World, request: GraphRequest): ReturnType<Route["handle"]> {
  if (request.query.filter !== undefined) throw badRequest("$filter is not supported on subscribedSkus.");
  const value = world.licences.all().map((licence) => skuJson(world, licence));
  return ok({ "@odata.context": `${request.root}/$metadata#subscribedSkus`, value });
}

function skuJson(world: World, licence: Licence): Json {
  const { skuId, skuPartNumber, capabilityStatus = "Enabled" } = licence;
  const devices = world.directory.devices.size;
  const none = { enabled: 0, warning: 0, suspended: 0, lockedOut: 0 };
  const units: Readonly<Record<string, string>> = { Enabled: "enabled", Warning: "warning", LockedOut: "lockedOut" };
  return {
    id: `${world.tenantId}_${skuId}`,
    skuId,
    skuPartNumber,
    appliesTo: "User",
    capabilityStatus,
    consumedUnits: devices,
    prepaidUnits: { ...none, [units[capabilityStatus] ?? "suspended"]: Math.max(devices, 25) },
    servicePlans: (licence.servicePlans ?? UPDATE_PLANS).map((plan) => ({
      provisioningStatus: "Success",
      appliesTo: "User",
      ...plan,
    })),
  };
}
