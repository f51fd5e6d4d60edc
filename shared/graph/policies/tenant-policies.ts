import { AppError } from "../../errors.js";
import type { Graph } from "../graph.js";
import { updateRingArea } from "../update-rings.js";
import { configurationArea } from "./configuration-area.js";
import { driverUpdateArea, featureUpdateArea } from "./intune-areas.js";
import { qualityArea } from "./quality-area.js";
import { type FoundPolicy, type PolicyArea, PolicyKind } from "./types.js";

/** Every policy of the kinds that the service keeps, whoever made it, as one pass of list calls found them. */
export interface TenantPolicies {
  areaOf(kind: PolicyKind): PolicyArea;
  /** All policies of the kind's collection. */
  found(kind: PolicyKind): readonly FoundPolicy[];
}

/**
 * One list call per collection, however many groups there are.
 * @param kinds of which policies are wanted; default: all
 */
export async function readTenantPolicies(
  graph: Graph,
  kinds: readonly PolicyKind[] = Object.values(PolicyKind),
): Promise<TenantPolicies> {
  const areas = [updateRingArea, await qualityArea(graph), featureUpdateArea, driverUpdateArea, configurationArea];
  const listed = new Map<PolicyArea, readonly FoundPolicy[]>();
  const wanted = areas.filter((area) => area.kinds.some((kind) => kinds.includes(kind)));
  for (const area of wanted) listed.set(area, await area.list(graph));
  const areaOf = (kind: PolicyKind) => {
    const area = areas.find(({ kinds }) => kinds.includes(kind));
    if (area === undefined) throw new AppError("internal", `No collection holds policies of the kind ${kind}.`);
    return area;
  };
  return { areaOf, found: (kind) => listed.get(areaOf(kind)) ?? [] };
}
