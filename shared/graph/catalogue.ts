import type { QualityUpdate } from "../updates/quality-update.js";
import { entryPages, newestEntryIds } from "./catalogue-entries.js";
import { itemIds, itemPages } from "./catalogue-items.js";
import type { Graph } from "./graph.js";
import { modelOf } from "./offering/offering.js";

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

/**
 * Quality updates released on or after a day, newest first. They come from the catalogue whose ids the tenant's offering
 * model approves by: that of Windows updates (graph.md §1.1) or that of Intune (§2.3). Hollow entries, and revisions
 * without build or KB, are left out.
 * @param options.since ISO date or date-time; entries of earlier days are not returned.
 */
export async function listQualityUpdates(graph: Graph, options: { since: string }): Promise<CatalogueUpdate[]> {
  const since = options.since.slice(0, 10);
  const pages = (await modelOf(graph)) === "policies" ? entryPages(graph) : itemPages(graph);
  const updates: CatalogueUpdate[] = [];
  for await (const page of pages) {
    const wanted = page.filter(({ releaseDate }) => releaseDate >= since);
    updates.push(...wanted);
    if (page.length > 0 && wanted.length === 0) break;
  }
  return updates;
}

/**
 * Ids of the newest quality updates in the catalogue: one small answer that tells whether anything new has come. An
 * update that was added late, under a date before theirs, does not show in it.
 */
export async function newestUpdateIds(graph: Graph): Promise<string[]> {
  return (await modelOf(graph)) === "policies" ? newestEntryIds(graph) : itemIds(graph);
}
