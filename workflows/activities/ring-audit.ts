import { SERVICE } from "../../shared/access/roles.js";
import { audit } from "../../shared/audit/audit.js";
import { graphClient } from "../../shared/graph/client.js";
import type { Offering } from "../../shared/graph/offering/types.js";
import { watched } from "../../shared/graph/watched.js";
import { RingPhase } from "../../shared/releases/ring-state.js";
import type { ReleaseRing } from "../../shared/releases/store.js";
import { releaseOffering } from "./release-offering.js";

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
    return await run(await releaseOffering(act.releaseId, graph));
  } finally {
    if (hasWritten()) await recordAct(act);
  }
}

/** A ring that has begun, or has come to its end. That it rolls back is recorded when it does (`ring.rollBack`). */
export async function recordPhase({ releaseId, ring, state }: ReleaseRing, at: number): Promise<void> {
  if (state.phase === RingPhase.active) await recordAct({ releaseId, ring, action: "ring.begin", at });
  if (state.phase !== RingPhase.ended) return;
  const { upToDate = 0, size = 0 } = state.counts ?? {};
  const evidence = { outcome: state.outcome, upToDate, size };
  await recordAct({ releaseId, ring, action: "ring.end", at, evidence });
}
