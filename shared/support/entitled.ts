import { AppError } from "../errors.js";
import type { Graph } from "../graph/graph.js";
import { listSkus } from "../graph/licences.js";
import { entitlementOf } from "../tenant/licences.js";

/**
 * Passes for a tenant with E3 and above or F3, which may open support requests (autopatch.md §11, §4.3). When Graph does
 * not answer, or may not be asked, the tenant has the benefit of the doubt: that may be what the request is about.
 * @throws AppError `rule_violated` for another tenant
 */
export async function requireEntitled(graph: Graph): Promise<void> {
  if (await isEntitled(graph)) return;
  const message =
    "Support requests need a licence of Windows E3 or above, or F3. Use the normal support of the product instead.";
  throw new AppError("rule_violated", message, { details: { rule: "supportLicence" } });
}

async function isEntitled(graph: Graph): Promise<boolean> {
  try {
    const { licensed, supportRequests } = entitlementOf(await listSkus(graph));
    // A tenant without any licence is Inactive; how to become Active again is what it may have to ask.
    return supportRequests || !licensed;
  } catch (error) {
    if (error instanceof AppError) return true;
    throw error;
  }
}
