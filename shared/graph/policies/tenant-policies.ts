import { AppError } from "../../errors.js";
import { itemsOf, listBatch } from "../batch-read.js";
import type { Graph } from "../graph.js";
import { updateRingArea } from "../update-rings.js";
import { configurationArea } from "./configuration-area.js";
import { driverUpdateArea, featureUpdateArea } from "./intune-areas.js";
import { qualityArea } from "./quality-area.js";
import { type HealthGroup, SERVICE_GROUPS } from "./service-groups.js";
import { type FoundPolicy, type PolicyArea, PolicyKind } from "./types.js";

/** Every policy of the kinds that the service keeps, whoever made it, as one call found them. */
export interface TenantPolicies {
  areaOf(kind: PolicyKind): PolicyArea;
  /** All policies of the kind's collection. */
  found(kind: PolicyKind): readonly FoundPolicy[];
}

/**
 * One call for all collections, however many groups there are; each that is longer than a page takes some more.
 * @param kinds of which policies are wanted; default: all
 */
export async function readTenantPolicies(
  graph: Graph,
  kinds: readonly PolicyKind[] = Object.values(PolicyKind),
): Promise<TenantPolicies> {
  const areas = await policyAreas(graph);
  const wanted = areas.filter((area) => area.kinds.some((kind) => kinds.includes(kind)));
  const lists = await listBatch(
    graph,
    wanted.map(({ collection }) => collection),
  );
  return policiesIn(areas, wanted, lists);
}

export interface TenantObjects {
  readonly policies: TenantPolicies;
  /** Directory groups of the service, by id. */
  readonly groups: Map<string, HealthGroup>;
}

/** Policies of all kinds and the directory groups of the service with their owners, still in one call. */
export async function readTenantObjects(graph: Graph): Promise<TenantObjects> {
  const areas = await policyAreas(graph);
  const collections = areas.map(({ collection }) => collection);
  const [groups, ...lists] = await listBatch(graph, [SERVICE_GROUPS, ...collections]);
  const byId = new Map(itemsOf(SERVICE_GROUPS, groups).map((group) => [group.id, group]));
  return { policies: policiesIn(areas, areas, lists), groups: byId };
}

async function policyAreas(graph: Graph): Promise<PolicyArea[]> {
  return [updateRingArea, await qualityArea(graph), featureUpdateArea, driverUpdateArea, configurationArea];
}

function policiesIn(
  areas: readonly PolicyArea[],
  read: readonly PolicyArea[],
  lists: readonly (readonly unknown[])[],
): TenantPolicies {
  const listed = new Map(read.map((area, index) => [area, itemsOf(area.collection, lists[index])]));
  const areaOf = (kind: PolicyKind) => {
    const area = areas.find(({ kinds }) => kinds.includes(kind));
    if (area === undefined) throw new AppError("internal", `No collection holds policies of the kind ${kind}.`);
    return area;
  };
  return { areaOf, found: (kind) => listed.get(areaOf(kind)) ?? [] };
}
