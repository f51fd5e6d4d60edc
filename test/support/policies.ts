import type { ItemOf } from "../../functions/api/client.js";
import { clientOf } from "./api.js";
import { definitionOf } from "./definitions.js";
import { addDevices, autopatchGroup } from "./devices.js";
import { directoryGroup } from "./directory.js";
import { GraphReader } from "./graph.js";
import { startWorld, type World } from "./world.js";

const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;

export type AlertAnswer = ItemOf<"policyAlertsList">;

/** Intune's collections by the word that stands in the names of policies. */
export const COLLECTIONS = {
  "update ring": "beta/deviceManagement/deviceConfigurations",
  standing: "beta/admin/windows/updates/policies",
  "feature update": "beta/deviceManagement/windowsFeatureUpdateProfiles",
  "driver updates": "beta/deviceManagement/windowsDriverUpdateProfiles",
  "Microsoft 365 Apps": "beta/deviceManagement/configurationPolicies",
  Edge: "beta/deviceManagement/configurationPolicies",
} as const;
export type Purpose = keyof typeof COLLECTIONS;

export interface TenantPolicy {
  readonly id: string;
  readonly [property: string]: unknown;
}

/** A world at midnight with an Autopatch group `Sales` of its own devices, every update type on, brought to the tenant. */
export async function worldWithSales(
  devices = 12,
  appSettings: Readonly<Record<string, string>> = {},
): Promise<{ world: World; graph: GraphReader }> {
  const world = await startWorld({ from: "2024-06-03T00:00Z", devices: 8, appSettings });
  const graph = new GraphReader(world);
  const ids = addDevices(world, 1, devices).map(({ objectId }) => objectId);
  const sources = {
    test: await directoryGroup(graph, "Sales test PCs", ids.slice(0, 1)),
    last: await directoryGroup(graph, "Sales desks", ids.slice(1, 2)),
    pool: await directoryGroup(graph, "Sales PCs", ids.slice(2)),
  };
  const definition = {
    ...definitionOf("Sales", sources),
    updateTypes: { microsoft365Apps: true, edge: true },
    deploymentSettings: { targetFeatureVersion: "Windows 11, version 23H2" },
  };
  await autopatchGroup(world, definition);
  return { world, graph };
}

/** Lets domain time pass, and what happens then come to rest. */
export async function passTime(world: World, ms: number): Promise<void> {
  await world.run(world.now() + ms);
  await world.settle();
}

/** The policy of a ring of `Sales` with its assignments, undefined when it is not there. */
export async function policyOf(graph: GraphReader, ring: string, purpose: Purpose): Promise<TenantPolicy | undefined> {
  const expand = purpose === "standing" ? "rings" : "assignments";
  const settings = COLLECTIONS[purpose].endsWith("configurationPolicies") ? ",settings" : "";
  const all = await graph.list<TenantPolicy>(`${COLLECTIONS[purpose]}?$expand=${expand}${settings}`);
  const name = `Ringmaster Sales - ${ring} ${purpose} [`;
  return all.find((policy) => String(policy.displayName ?? policy.name).startsWith(name));
}

/** The same; throws when it is not there. */
export async function presentPolicy(graph: GraphReader, ring: string, purpose: Purpose): Promise<TenantPolicy> {
  const found = await policyOf(graph, ring, purpose);
  if (found === undefined) throw new Error(`Ring ${ring} has no ${purpose}.`);
  return found;
}

/** Changes an update ring in Intune by hand. */
export async function driftRing(graph: GraphReader, ring: string, change: object): Promise<void> {
  const { id } = await presentPolicy(graph, ring, "update ring");
  const type = "#microsoft.graph.windowsUpdateForBusinessConfiguration";
  await graph.patch(`${COLLECTIONS["update ring"]}/${id}`, { "@odata.type": type, ...change });
}

export async function deletePolicy(graph: GraphReader, ring: string, purpose: Purpose): Promise<void> {
  const { id } = await presentPolicy(graph, ring, purpose);
  await graph.delete(`${COLLECTIONS[purpose]}/${id}`);
}

export async function alerts(
  world: World,
  status: "open" | "closed" | "all" = "open",
): Promise<readonly AlertAnswer[]> {
  return clientOf(world).all("policyAlertsList", { query: { status } });
}

/** Has the service look at once. */
export async function check(world: World): Promise<void> {
  await clientOf(world).call("policyHealthCheck");
  await world.settle();
}
