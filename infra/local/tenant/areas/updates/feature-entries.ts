import type { Json } from "../../graph/types.js";
import { guid } from "../../state/ids.js";
import { buildNumber, WINDOWS_VERSIONS, type WindowsVersion } from "../../windows-update/windows-versions.js";

/** Feature updates published by `now`, as the catalogue of Windows updates has them. */
export function publishedFeatures(now: number): readonly WindowsVersion[] {
  return WINDOWS_VERSIONS.filter(({ released }) => Date.parse(released) <= now);
}

/** The published feature update of that id. */
export function featureEntry(id: string, now: number): WindowsVersion | undefined {
  return publishedFeatures(now).find((each) => featureEntryId(each) === id.toLowerCase());
}

/** Ids of feature updates are GUIDs (graph.md §1.1). */
export function featureEntryId({ name }: Pick<WindowsVersion, "name">): string {
  return guid("feature update", name);
}

export function featureJson(entry: WindowsVersion): Json {
  return {
    "@odata.type": "#microsoft.graph.windowsUpdates.featureUpdateCatalogEntry",
    id: featureEntryId(entry),
    displayName: entry.name,
    releaseDateTime: `${entry.released}T00:00:00Z`,
    deployableUntilDateTime: entry.endOfSupport,
    version: entry.name,
    buildNumber: String(buildNumber(entry.firstBuild)),
  };
}
