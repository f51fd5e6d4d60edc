import { z } from "zod";
import { type Graph, INTUNE } from "./graph.js";
import { dateTime, text } from "./lenient.js";

/** A Windows version that can be deployed. Instants are ms. */
export interface FeatureVersion {
  /** `Windows 11, version 24H2`: the name that policies take. */
  readonly version: string;
  readonly releasedAt: number | null;
  readonly endOfSupport: number | null;
}

const instant = dateTime.transform((given) => (given === null ? null : Date.parse(given)));
const itemSchema = z.object({ version: text, releaseDateTime: instant, endOfSupportDate: instant });

/** Intune's catalogue of feature updates (graph.md §2.3). */
export async function listFeatureVersions(graph: Graph): Promise<FeatureVersion[]> {
  const path = `${INTUNE}/windowsUpdateCatalogItems/microsoft.graph.windowsFeatureUpdateCatalogItem`;
  const items = await graph.list(path, { schema: itemSchema });
  return items.flatMap(({ version, releaseDateTime, endOfSupportDate }) =>
    version === null ? [] : [{ version, releasedAt: releaseDateTime, endOfSupport: endOfSupportDate }],
  );
}
