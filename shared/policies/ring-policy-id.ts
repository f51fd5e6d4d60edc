import type { Graph } from "../graph/graph.js";
import { type NamedRing, tagOf } from "../graph/names.js";
import { tagged } from "../graph/policies/ensure.js";
import type { PolicyArea } from "../graph/policies/types.js";
import { notYet } from "../graph/settle.js";
import { RING_PURPOSES, type RingPolicyKind } from "./kinds/ring-context.js";

/** Id of a ring's policy of a kind in the tenant. Throws `not_yet_consistent` while there is none. */
export async function ringPolicyId(
  graph: Graph,
  area: PolicyArea,
  ring: NamedRing,
  kind: RingPolicyKind,
): Promise<string> {
  const purpose = RING_PURPOSES[kind];
  const [policy] = tagged(await area.list(graph), tagOf(ring, purpose));
  if (policy === undefined) throw notYet(`The policy "${purpose}" of ring ${ring.ringName}`);
  return policy.id;
}
