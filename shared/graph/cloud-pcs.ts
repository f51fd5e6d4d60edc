import { z } from "zod";
import { AppError } from "../errors.js";
import { type Graph, INTUNE } from "./graph.js";
import { guid, text } from "./lenient.js";

const ROOT = `${INTUNE}/virtualEndpoint`;

const policySchema = z.object({
  id: z.string().min(1),
  autopatch: z.object({ autopatchGroupId: text }).nullish(),
});
const cloudPcSchema = z.object({ aadDeviceId: guid, provisioningPolicyId: text });

/** A Cloud PC whose provisioning policy names an Autopatch group. */
export interface CloudPc {
  /** Entra deviceId, lower-cased. */
  readonly deviceId: string;
  readonly autopatchGroupId: string;
}

/**
 * Cloud PCs that their provisioning policy registers with an Autopatch group (autopatch.md §3.6): one call when no policy
 * does. None in a tenant without Windows 365.
 */
export async function listRegisteredCloudPcs(graph: Graph): Promise<CloudPc[]> {
  const groups = await groupOfPolicy(graph);
  if (groups.size === 0) return [];
  const query = { $select: "id,aadDeviceId,provisioningPolicyId" };
  const pcs = await graph.list(`${ROOT}/cloudPCs`, { query, schema: cloudPcSchema });
  return pcs.flatMap(({ aadDeviceId, provisioningPolicyId }) => {
    const autopatchGroupId = groups.get(provisioningPolicyId ?? "");
    return aadDeviceId === null || autopatchGroupId === undefined ? [] : [{ deviceId: aadDeviceId, autopatchGroupId }];
  });
}

/** Autopatch groups by the id of the provisioning policy that names them. */
async function groupOfPolicy(graph: Graph): Promise<Map<string, string>> {
  const query = { $select: "id,autopatch" };
  try {
    const policies = await graph.list(`${ROOT}/provisioningPolicies`, { query, schema: policySchema });
    return new Map(
      policies.flatMap(({ id, autopatch }) => {
        const group = autopatch?.autopatchGroupId ?? null;
        return group === null ? [] : [[id, group] as const];
      }),
    );
  } catch (error) {
    // Tenants without Windows 365, and apps without CloudPC.Read.All, have no Cloud PCs to register.
    const none = error instanceof AppError && ["forbidden", "not_found", "invalid_input"].includes(error.code);
    if (none) return new Map();
    throw error;
  }
}
