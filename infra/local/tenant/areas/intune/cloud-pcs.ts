import { notFound, Service } from "../../graph/errors.js";
import { needs } from "../../graph/permissions.js";
import type { GraphRequest, Json, Route } from "../../graph/types.js";
import { answerItem, answerList } from "../../odata/listing.js";
import type { CloudPc, ProvisioningPolicy } from "../../types.js";
import type { World } from "../../world.js";

const service = Service.intune;
const ROOT = "/deviceManagement/virtualEndpoint";

export type CloudPcRow = CloudPc & { readonly id: string };
export type ProvisioningPolicyRow = ProvisioningPolicy & { readonly id: string };

/** Windows 365: Cloud PCs, and the policies that provision and register them. Tables are filled by the tenant's owner. */
export function cloudPcRoutes(world: World): Route[] {
  return [
    ...readRoutes(`${ROOT}/cloudPCs`, () => world.store.table<CloudPcRow>("cloudPcs").all(), cloudPcJson),
    ...readRoutes(
      `${ROOT}/provisioningPolicies`,
      () => world.store.table<ProvisioningPolicyRow>("provisioningPolicies").all(),
      policyJson,
    ),
  ];
}

function readRoutes<T extends { readonly id: string }>(
  path: string,
  rows: () => readonly T[],
  project: (row: T) => Json,
): Route[] {
  const read = { service, needs: needs.readCloudPcs, only: "beta", method: "GET" } as const;
  const shape = { project, context: path.slice(1) };
  const one = ({ params }: GraphRequest): T => {
    const found = rows().find(({ id }) => id === params.id);
    if (found === undefined) throw notFound(service, params.id ?? "");
    return found;
  };
  return [
    { ...read, path, handle: (request) => answerList(request, { ...shape, rows: rows() }) },
    { ...read, path: `${path}/{id}`, handle: (request) => answerItem(request, one(request), shape) },
  ];
}

function cloudPcJson(row: CloudPcRow): Json {
  return {
    id: row.id,
    aadDeviceId: row.aadDeviceId,
    managedDeviceId: row.managedDeviceId,
    displayName: row.displayName,
    provisioningPolicyId: row.provisioningPolicyId,
    servicePlanName: row.servicePlanName,
    provisioningType: "dedicated",
    status: "provisioned",
  };
}

function policyJson(row: ProvisioningPolicyRow): Json {
  const { autopatchGroupId = null } = row;
  return {
    id: row.id,
    displayName: row.displayName,
    description: null,
    provisioningType: "dedicated",
    autopatch: autopatchGroupId === null ? null : { autopatchGroupId },
  };
}
