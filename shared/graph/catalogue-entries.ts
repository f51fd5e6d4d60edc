import { z } from "zod";
import type { CatalogueUpdate } from "./catalogue.js";
import { updatesFrom } from "./catalogue-parts.js";
import { type Graph, UPDATES } from "./graph.js";
import { bool, camelKeys, dateTime, text } from "./lenient.js";

const TYPE = "microsoft.graph.windowsUpdates.qualityUpdateCatalogEntry";

/** `{ buildNumber: 26200, updateBuildRevision: 7171 }` as `10.0.26200.7171`. */
export const osBuild = z
  .object({ buildNumber: z.coerce.number(), updateBuildRevision: z.coerce.number() })
  .transform((build) => `10.0.${build.buildNumber}.${build.updateBuildRevision}`)
  .nullish()
  .catch(null);

const revisionSchema = z
  .object({
    id: text,
    version: text,
    product: text,
    isHotpatchUpdate: bool,
    osBuild,
    knowledgeBaseArticle: z.object({ id: text }).nullish().catch(null),
  })
  .transform(({ id, version, product, isHotpatchUpdate, osBuild: build, knowledgeBaseArticle }) => ({
    product,
    version,
    build: build ?? id,
    kb: knowledgeBaseArticle?.id ?? null,
    isHotpatch: isHotpatchUpdate,
  }));

const severitySchema = z
  .object({
    maxSeverity: text,
    maxBaseScore: z.number().nullish(),
    exploitedCves: z.array(z.object({ number: text })).nullish(),
  })
  .transform(({ maxSeverity, maxBaseScore, exploitedCves }) => ({
    maxSeverity,
    maxBaseScore: maxBaseScore ?? null,
    exploited: (exploitedCves ?? []).flatMap(({ number }) => number ?? []),
  }))
  .nullish()
  .catch(null);

const entrySchema = z.preprocess(
  camelKeys,
  z.object({
    id: text,
    displayName: text,
    shortName: text,
    releaseDateTime: dateTime,
    isExpeditable: bool,
    qualityUpdateClassification: text,
    qualityUpdateCadence: text,
    cveSeverityInformation: severitySchema,
    productRevisions: z.array(revisionSchema).nullish(),
  }),
);

const ENTRIES = `${UPDATES}/catalog/entries`;
const NEWEST_FIRST = { $filter: `isof('${TYPE}')`, $orderby: "releaseDateTime desc" };

/** Ids of the ten newest entries, without their revisions. */
export async function newestEntryIds(graph: Graph): Promise<string[]> {
  const query = { ...NEWEST_FIRST, $top: 10 };
  for await (const page of graph.pages(ENTRIES, { query, schema: z.object({ id: z.string() }) })) {
    return page.map(({ id }) => id);
  }
  return [];
}

/** Quality updates of the Windows updates catalogue, newest first (graph.md §1.1). */
export async function* entryPages(graph: Graph): AsyncGenerator<CatalogueUpdate[]> {
  const query = { ...NEWEST_FIRST, $expand: `${TYPE}/productRevisions` };
  for await (const page of graph.pages(ENTRIES, { query, schema: entrySchema })) {
    yield page.flatMap((entry) =>
      updatesFrom({
        ...entry,
        classification: entry.qualityUpdateClassification,
        cadence: entry.qualityUpdateCadence,
        cveSeverity: entry.cveSeverityInformation ?? null,
        revisions: entry.productRevisions ?? [],
      }),
    );
  }
}
