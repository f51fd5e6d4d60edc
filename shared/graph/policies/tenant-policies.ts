import { AppError } from "../../errors.js";
import type { Graph } from "../graph.js";
import { updateRingArea } from "../update-rings.js";
import { configurationArea } from "./configuration-area.js";
import { driverUpdateArea, featureUpdateArea } from "./intune-areas.js";
import { qualityArea } from "./quality-area.js";
import type { FoundPolicy, PolicyArea, PolicyKind } from "./types.js";

/** Every policy of the kinds that the service keeps, whoever made it, as one pass of list calls found them. */
export interface TenantPolicies {
  areaOf(kind: PolicyKind): PolicyArea;
  /** All policies of the kind's collection. */
  found(kind: PolicyKind): readonly FoundPolicy[];
}

/** One list call per collection, however many groups there are. */
export async function readTenantPolicies(graph: Graph): Promise<TenantPolicies> {
  const areas = [updateRingArea, await qualityArea(graph), featureUpdateArea, driverUpdateArea, configurationArea];
  const listed = new Map<PolicyArea, readonly FoundPolicy[]>();
  for (const area of areas) listed.set(area, await area.list(graph));
  const areaOf = (kind: PolicyKind) => {
    const area = areas.find(({ kinds }) => kinds.includes(kind));
    if (area === undefined) throw new AppError("internal", `No collection holds policies of the kind ${kind}.`);
    return area;
  };
  return { areaOf, found: (kind) => listed.get(areaOf(kind)) ?? [] };
}
