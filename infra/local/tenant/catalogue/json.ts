import { catalogName, displayName, shortName } from "../../../../shared/calendar/names.js";
import type { Json } from "../graph/types.js";
import type { CatalogueEntry, Revision } from "./entry.js";

const QUALITY_ENTRY_TYPE = "#microsoft.graph.windowsUpdates.qualityUpdateCatalogEntry";

/** The release date as the catalogue writes it: midnight UTC, whatever the hour of publication. */
export function releaseDateTime(entry: CatalogueEntry): string {
  return `${entry.date}T00:00:00Z`;
}

/** An entry of the Windows updates catalogue (graph.md §1.1). */
export function entryJson(entry: CatalogueEntry): Json {
  return {
    "@odata.type": QUALITY_ENTRY_TYPE,
    id: entry.id,
    displayName: displayName(entry.date, entry.kind),
    releaseDateTime: releaseDateTime(entry),
    deployableUntilDateTime: null,
    isExpeditable: entry.isExpeditable,
    qualityUpdateClassification: entry.classification,
    qualityUpdateCadence: entry.cadence,
    catalogName: catalogName(entry.date),
    shortName: shortName(entry.date, entry.kind),
    cveSeverityInformation: entry.severity,
  };
}

/** The hollow form in which other objects embed an entry: only its id is to be trusted (graph.md §1.5). */
export function hollowEntryJson(entry: CatalogueEntry): Json {
  return {
    ...entryJson(entry),
    displayName: null,
    isExpeditable: false,
    catalogName: null,
    shortName: null,
    cveSeverityInformation: null,
  };
}

export function revisionJson(entry: CatalogueEntry, revision: Revision): Json {
  const [major = 0, minor = 0, buildNumber = 0, updateBuildRevision = 0] = revision.build.split(".").map(Number);
  const build = revision.build.split(".").slice(2).join(".");
  const hotpatch = revision.hotpatchOf !== undefined;
  return {
    id: revision.build,
    displayName: `${revision.product}, version ${revision.version}, ${hotpatch ? "hotpatch " : ""}build ${build}`,
    releaseDateTime: releaseDateTime(entry),
    version: revision.version,
    product: revision.product,
    isHotpatchUpdate: hotpatch,
    osBuild: { majorVersion: major, minorVersion: minor, buildNumber, updateBuildRevision },
    knowledgeBaseArticle: knowledgeBaseJson(revision),
  };
}

export function knowledgeBaseJson({ kb }: Revision): Json {
  return { id: kb, url: `https://support.microsoft.com/help/${kb.slice(2)}` };
}
