import { SERVICE } from "../../shared/access/roles.js";
import { audit } from "../../shared/audit/audit.js";
import { graphClient } from "../../shared/graph/client.js";
import { offering } from "../../shared/graph/offering/offering.js";
import type { Offering } from "../../shared/graph/offering/types.js";
import { watched } from "../../shared/graph/watched.js";

/** What the service does in the tenant for a ring of a release. */
export interface RingAct {
  readonly releaseId: string;
  readonly ring: string;
  /** `ring.offer`, `ring.finish` … */
  readonly action: string;
  /** When the activity was called first, ms: a repeated run adds no second entry. */
  readonly at: number;
  /** The same whenever the act is repeated. */
  readonly evidence?: Readonly<Record<string, unknown>>;
}

/** Row 106: an act of the service in the audit log. */
export async function recordAct({ releaseId, ring, action, at, evidence }: RingAct): Promise<void> {
  const target = `release/${releaseId}/ring/${ring}`;
  await audit({ at, actor: SERVICE, action, target, evidence, key: target });
}

/**
 * Acts in the tenant and leaves one audit entry if anything was written there, also when it broke off half-way: the next
 * run may find everything in order.
 */
export async function actInTenant<T>(act: RingAct, run: (tenant: Offering) => Promise<T>): Promise<T> {
  const { graph, hasWritten } = watched(graphClient());
  try {
    return await run(await offering(graphClient(), graph));
  } finally {
    if (hasWritten()) await recordAct(act);
  }
}
