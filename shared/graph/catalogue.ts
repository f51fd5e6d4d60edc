import { z } from "zod";
import type { QualityUpdate, UpdateRevision } from "../updates/quality-update.js";
import { type Graph, UPDATES } from "./graph.js";
import { bool, camelKeys, dateTime, lowerFirst, text } from "./lenient.js";

/** A quality update with what MSRC says about the vulnerabilities it closes. */
export interface CatalogueUpdate extends QualityUpdate {
  /** Null for non-security updates. */
  readonly cveSeverity: {
    readonly maxSeverity: string | null;
    readonly maxBaseScore: number | null;
    /** Numbers of vulnerabilities known to be exploited, e.g. `CVE-2026-41001`, `ADV260001`. */
    readonly exploited: readonly string[];
  } | null;
}

const QUALITY = "microsoft.graph.windowsUpdates.qualityUpdateCatalogEntry";

const revisionSchema = z.object({
  id: text,
  version: text,
  product: text,
  isHotpatchUpdate: bool,
  osBuild: z.object({ buildNumber: z.coerce.number(), updateBuildRevision: z.coerce.number() }).nullish().catch(null),
  knowledgeBaseArticle: z.object({ id: text }).nullish().catch(null),
});

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
    cveSeverityInformation: z
      .object({
        maxSeverity: text,
        maxBaseScore: z.number().nullish(),
        exploitedCves: z.array(z.object({ number: text })).nullish(),
      })
      .nullish()
      .catch(null),
    productRevisions: z.array(revisionSchema).nullish(),
  }),
);
type Entry = z.infer<typeof entrySchema>;

/**
 * Quality updates released on or after a day, newest first (graph.md §1.1). Hollow entries, and revisions without build
 * or KB, are left out.
 * @param options.since ISO date or date-time; entries of earlier days are not returned.
 */
export async function listQualityUpdates(graph: Graph, options: { since: string }): Promise<CatalogueUpdate[]> {
  const since = options.since.slice(0, 10);
  const query = {
    $filter: `isof('${QUALITY}')`,
    $orderby: "releaseDateTime desc",
    $expand: `${QUALITY}/productRevisions`,
  };
  const updates: CatalogueUpdate[] = [];
  for await (const page of graph.pages(`${UPDATES}/catalog/entries`, { query, schema: entrySchema })) {
    const read = page.flatMap(updateOf);
    updates.push(...read.filter(({ releaseDate }) => releaseDate.slice(0, 10) >= since));
    if (read.length > 0 && read.every(({ releaseDate }) => releaseDate.slice(0, 10) < since)) break;
  }
  return updates;
}

function updateOf(entry: Entry): CatalogueUpdate[] {
  const shortName = entry.shortName ?? /\d{4}\.\d{2} [A-Z]+/.exec(entry.displayName ?? "")?.[0];
  if (entry.id === null || entry.releaseDateTime === null || shortName === undefined) return [];
  const classification = lowerFirst(entry.qualityUpdateClassification ?? "");
  return [
    {
      catalogEntryId: entry.id,
      shortName,
      displayName: entry.displayName ?? shortName,
      releaseDate: entry.releaseDateTime.slice(0, 10),
      classification: classification === "security" ? "security" : "nonSecurity",
      cadence: lowerFirst(entry.qualityUpdateCadence ?? "") === "outOfBand" ? "outOfBand" : "monthly",
      isExpeditable: entry.isExpeditable,
      cveSeverity: severityOf(entry),
      revisions: (entry.productRevisions ?? []).flatMap(revisionOf),
    },
  ];
}

function severityOf({ cveSeverityInformation: known }: Entry): CatalogueUpdate["cveSeverity"] {
  if (known === null || known === undefined) return null;
  return {
    maxSeverity: known.maxSeverity === null ? null : lowerFirst(known.maxSeverity),
    maxBaseScore: known.maxBaseScore ?? null,
    exploited: (known.exploitedCves ?? []).flatMap(({ number }) => number ?? []),
  };
}

function revisionOf(revision: z.infer<typeof revisionSchema>): UpdateRevision[] {
  const { osBuild, product, version } = revision;
  const build = osBuild ? `10.0.${osBuild.buildNumber}.${osBuild.updateBuildRevision}` : revision.id;
  const digits = /\d{6,8}/.exec(revision.knowledgeBaseArticle?.id ?? "")?.[0];
  if (build === null || !/^10\.0\.\d{5}\.\d{1,6}$/.test(build) || digits === undefined) return [];
  return [
    { product: product ?? "", version: version ?? "", build, kb: `KB${digits}`, isHotpatch: revision.isHotpatchUpdate },
  ];
}
