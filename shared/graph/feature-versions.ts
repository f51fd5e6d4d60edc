import { z } from "zod";
import { type Graph, INTUNE, UPDATES } from "./graph.js";
import { camelKeys, dateTime, text } from "./lenient.js";

/** A Windows version that can be deployed. Instants are ms. */
export interface FeatureVersion {
  /** `Windows 11, version 24H2`: the name that policies take. */
  readonly version: string;
  /** 26100; null where the Windows updates catalogue does not say. */
  readonly build: number | null;
  readonly releasedAt: number | null;
  readonly endOfSupport: number | null;
}

const instant = dateTime.transform((given) => (given === null ? null : Date.parse(given)));
const itemSchema = z.object({ version: text, releaseDateTime: instant, endOfSupportDate: instant });
const ENTRY = "microsoft.graph.windowsUpdates.featureUpdateCatalogEntry";
const entrySchema = z.preprocess(camelKeys, z.object({ version: text, displayName: text, buildNumber: text }));

/** Intune's catalogue of feature updates (graph.md §2.3), with the builds of the Windows updates catalogue (§1.1). */
export async function listFeatureVersions(graph: Graph): Promise<FeatureVersion[]> {
  const path = `${INTUNE}/windowsUpdateCatalogItems/microsoft.graph.windowsFeatureUpdateCatalogItem`;
  const [items, builds] = [await graph.list(path, { schema: itemSchema }), await listBuilds(graph)];
  return items.flatMap(({ version, releaseDateTime, endOfSupportDate }) => {
    if (version === null) return [];
    const build = builds.get(version.toLowerCase()) ?? null;
    return [{ version, build, releasedAt: releaseDateTime, endOfSupport: endOfSupportDate }];
  });
}

/** Builds by the lower-cased names of their versions. */
async function listBuilds(graph: Graph): Promise<ReadonlyMap<string, number>> {
  const query = { $filter: `isof('${ENTRY}')` };
  const entries = await graph.list(`${UPDATES}/catalog/entries`, { query, schema: entrySchema });
  const known = entries.flatMap(({ version, displayName, buildNumber }): (readonly [string, number])[] => {
    const [name, build] = [version ?? displayName, Number(buildNumber)];
    return name === null || !Number.isInteger(build) || build <= 0 ? [] : [[name.toLowerCase(), build]];
  });
  return new Map(known);
}
