import { AppError } from "../errors.js";
import type { Graph } from "../graph/graph.js";
import { listSkus } from "../graph/licences.js";
import { probePermissions } from "../graph/preflight.js";
import { entitlementOf } from "./licences.js";
import { CriticalAction, type Reason } from "./schema.js";

/**
 * What makes the tenant Inactive: no licence, or no consent (autopatch.md §4.7). Empty when the service may act. An
 * outage says neither and is thrown: `throttled`, `unavailable`.
 * @param thorough also probes every permission, with some more calls; otherwise one call tells
 */
export async function accessProblems(graph: Graph, thorough: boolean): Promise<Reason[]> {
  try {
    const missing = licenceProblem(entitlementOf(await listSkus(graph)));
    // Without a licence Graph refuses calls too, whatever the consent (graph.md §6.1).
    if (!thorough || missing.length > 0) return missing;
    const refused = (await probePermissions(graph)).filter(({ status }) => status === "missing");
    return refused.length === 0 ? [] : [lost(refused.map(({ message }) => message).join(" "))];
  } catch (error) {
    if (error instanceof AppError && (error.code === "forbidden" || error.code === "unauthenticated")) {
      return [lost(error.message)];
    }
    throw error;
  }
}

function licenceProblem({ licensed, intune }: ReturnType<typeof entitlementOf>): Reason[] {
  if (licensed && intune) return [];
  const what = licensed ? "Microsoft Intune" : "the service";
  const message = `No active licence contains ${what}. Buy one or renew the one that has expired.`;
  return [{ action: CriticalAction.licences, message }];
}

function lost(found: string): Reason {
  const message = `The service has lost its access to the tenant. Give admin consent to its application again. ${found}`;
  return { action: CriticalAction.auth, message };
}
