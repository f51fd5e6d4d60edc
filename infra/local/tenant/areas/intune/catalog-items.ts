import type { CatalogueEntry, Revision } from "../../catalogue/entry.js";
import { entryJson, releaseDateTime, revisionJson } from "../../catalogue/json.js";
import { Service } from "../../graph/errors.js";
import { needs } from "../../graph/permissions.js";
import type { Json, Route } from "../../graph/types.js";
import { answerList } from "../../odata/listing.js";
import type { World } from "../../world.js";

const TYPE = "microsoft.graph.windowsQualityUpdateCatalogItem";
const PATH = `/deviceManagement/windowsUpdateCatalogItems/${TYPE}`;

/** Intune's catalogue: the same updates under other member names (graph.md §2.3). */
export function catalogItemRoutes(world: World): Route[] {
  const context = `deviceManagement/windowsUpdateCatalogItems/${TYPE}`;
  return [
    {
      method: "GET",
      path: PATH,
      service: Service.intune,
      needs: needs.readConfiguration,
      only: "beta",
      handle: (request) =>
        answerList(request, { rows: world.catalogue.published(world.clock.now()), project: itemJson, context }),
    },
  ];
}

function itemJson(entry: CatalogueEntry): Json {
  const { severity } = entry;
  return {
    "@odata.type": `#${TYPE}`,
    id: entry.id,
    displayName: entryJson(entry).displayName,
    releaseDateTime: releaseDateTime(entry),
    endOfSupportDate: null,
    kbArticleId: entry.revisions[0]?.kb ?? null,
    classification: entry.classification,
    qualityUpdateCadence: entry.cadence,
    isExpeditable: entry.isExpeditable,
    cveSeverityInformation:
      severity === null
        ? null
        : {
            maxSeverityLevel: severity.maxSeverity,
            maxBaseScore: severity.maxBaseScore,
            exploitedCves: severity.exploitedCves,
          },
    productRevisions: entry.revisions.map((revision) => intuneRevision(entry, revision)),
  };
}

function intuneRevision(entry: CatalogueEntry, revision: Revision): Json {
  const { displayName, osBuild } = revisionJson(entry, revision);
  return {
    displayName,
    productName: revision.product,
    versionName: revision.version,
    osBuild,
    releaseDateTime: releaseDateTime(entry),
    knowledgeBaseArticle: {
      articleId: revision.kb,
      articleUrl: `https://support.microsoft.com/help/${revision.kb.slice(2)}`,
    },
  };
}
