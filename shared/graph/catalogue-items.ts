import { z } from "zod";
import type { CatalogueUpdate } from "./catalogue.js";
import { osBuild } from "./catalogue-entries.js";
import { updatesFrom } from "./catalogue-parts.js";
import { type Graph, INTUNE } from "./graph.js";
import { bool, camelKeys, dateTime, text } from "./lenient.js";

const revisionSchema = z
  .object({
    displayName: text,
    productName: text,
    versionName: text,
    osBuild,
    knowledgeBaseArticle: z.object({ articleId: text }).nullish().catch(null),
  })
  .transform(({ displayName, productName, versionName, osBuild: build, knowledgeBaseArticle }) => ({
    product: productName,
    version: versionName,
    build: build ?? null,
    kb: knowledgeBaseArticle?.articleId ?? null,
    // Intune's catalogue has no flag for it; the name is all there is.
    isHotpatch: /hotpatch/i.test(displayName ?? ""),
  }));

const severitySchema = z
  .object({
    maxSeverityLevel: text,
    maxBaseScore: z.number().nullish(),
    exploitedCves: z.array(z.object({ number: text })).nullish(),
  })
  .transform(({ maxSeverityLevel, maxBaseScore, exploitedCves }) => ({
    maxSeverity: maxSeverityLevel,
    maxBaseScore: maxBaseScore ?? null,
    exploited: (exploitedCves ?? []).flatMap(({ number }) => number ?? []),
  }))
  .nullish()
  .catch(null);

const itemSchema = z.preprocess(
  camelKeys,
  z.object({
    id: text,
    displayName: text,
    releaseDateTime: dateTime,
    classification: text,
    qualityUpdateCadence: text,
    isExpeditable: bool,
    cveSeverityInformation: severitySchema,
    productRevisions: z.array(revisionSchema).nullish(),
  }),
);

const ITEMS = `${INTUNE}/windowsUpdateCatalogItems/microsoft.graph.windowsQualityUpdateCatalogItem`;

/** Ids of all items: they come in no order. */
export async function itemIds(graph: Graph): Promise<string[]> {
  return (await graph.list(ITEMS, { schema: z.object({ id: z.string() }) })).map(({ id }) => id);
}

/** Quality updates of Intune's catalogue, newest first (graph.md §2.3). It is small and not ordered: read as a whole. */
export async function* itemPages(graph: Graph): AsyncGenerator<CatalogueUpdate[]> {
  const items = await graph.list(ITEMS, { schema: itemSchema });
  const updates = items.flatMap((item) =>
    updatesFrom({
      ...item,
      shortName: null,
      cadence: item.qualityUpdateCadence,
      cveSeverity: item.cveSeverityInformation ?? null,
      revisions: item.productRevisions ?? [],
    }),
  );
  yield updates.sort((a, b) => b.releaseDate.localeCompare(a.releaseDate));
}
