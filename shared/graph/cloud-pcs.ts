import { z } from "zod";
import { AppError } from "../errors.js";
import { type Graph, INTUNE } from "./graph.js";
import { guid, text } from "./lenient.js";

const ROOT = `${INTUNE}/virtualEndpoint`;

const policySchema = z.object({
  id: z.string().min(1),
  autopatch: z.object({ autopatchGroupId: text }).nullish(),
});
const cloudPcSchema = z.object({ aadDeviceId: guid, provisioningPolicyId: text, servicePlanName: text });

/** A PC of Windows 365. */
export interface CloudPc {
  /** Entra deviceId, lower-cased. */
  readonly deviceId: string;
  /** The Autopatch group that its provisioning policy registers it with, null when it names none. */
  readonly autopatchGroupId: string | null;
  /** Whether it is one of Windows 365 Business, which the service does not support (autopatch.md §3.6). */
  readonly isBusiness: boolean;
}

/** All Cloud PCs; none in a tenant without Windows 365, or when the app may not read them. */
export async function listCloudPcs(graph: Graph): Promise<CloudPc[]> {
  try {
    const pcs = await graph.list(`${ROOT}/cloudPCs`, {
      query: { $select: "id,aadDeviceId,provisioningPolicyId,servicePlanName" },
      schema: cloudPcSchema,
    });
    const groups = pcs.length === 0 ? new Map<string, string>() : await groupOfPolicy(graph);
    return pcs.flatMap(({ aadDeviceId, provisioningPolicyId, servicePlanName }) => {
      if (aadDeviceId === null) return [];
      const autopatchGroupId = groups.get(provisioningPolicyId ?? "") ?? null;
      return [{ deviceId: aadDeviceId, autopatchGroupId, isBusiness: isBusinessPlan(servicePlanName) }];
    });
  } catch (error) {
    const none = error instanceof AppError && ["forbidden", "not_found", "invalid_input"].includes(error.code);
    if (none) return [];
    throw error;
  }
}

/** `Cloud PC Business 2vCPU/8GB/128GB`, or the longer name of the product. */
function isBusinessPlan(name: string | null): boolean {
  return /^(?:cloud pc|windows 365) business\b/i.test(name ?? "");
}

/** Autopatch groups by the id of the provisioning policy that names them. */
async function groupOfPolicy(graph: Graph): Promise<Map<string, string>> {
  const query = { $select: "id,autopatch" };
  const policies = await graph.list(`${ROOT}/provisioningPolicies`, { query, schema: policySchema });
  return new Map(
    policies.flatMap(({ id, autopatch }) => {
      const group = autopatch?.autopatchGroupId ?? null;
      return group === null ? [] : [[id, group] as const];
    }),
  );
}
