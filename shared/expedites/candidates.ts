import { addDays, utcDate } from "../calendar/days.js";
import { publishedAt } from "../calendar/publication.js";
import { AppError } from "../errors.js";
import { type CatalogueUpdate, listQualityUpdates } from "../graph/catalogue.js";
import type { Graph } from "../graph/graph.js";
import { buildText, parseBuild } from "../updates/build.js";
import type { Wanted } from "./expedite.js";

/** So many of the latest security releases may be expedited (autopatch.md §5.7). */
const SECURITY_RELEASES = 2;
/** Two security releases lie within it, whatever the calendar. */
const LOOK_BACK_DAYS = 100;
const NON_SECURITY_PRODUCT = "Windows 11";

/** What has been published lately, newest first; undated previews of the next month are not there yet. */
export async function recentUpdates(graph: Graph, now: number): Promise<CatalogueUpdate[]> {
  const updates = await listQualityUpdates(graph, { since: utcDate(addDays(now, -LOOK_BACK_DAYS)) });
  return updates
    .filter((update) => publishedAt(update) <= now && update.revisions.length > 0)
    .sort((a, b) => publishedAt(b) - publishedAt(a) || (a.catalogEntryId < b.catalogEntryId ? -1 : 1));
}

/**
 * What may be expedited (autopatch.md §5.7, row 64): the two latest security releases, out-of-band ones among them, and a
 * non-security release only while no newer security release is there; that one for Windows 11 alone.
 * @param recent newest first
 */
export function expediteCandidates(recent: readonly CatalogueUpdate[]): CatalogueUpdate[] {
  const security = recent.filter(isSecurity);
  const newestSecurity = security[0] === undefined ? Number.NEGATIVE_INFINITY : publishedAt(security[0]);
  const others = recent
    .filter((update) => !isSecurity(update) && publishedAt(update) > newestSecurity)
    .map((update) => ({ ...update, revisions: update.revisions.filter(forWindows11) }))
    .filter(({ revisions }) => revisions.length > 0);
  return [...others, ...security.slice(0, SECURITY_RELEASES)].filter(({ isExpeditable }) => isExpeditable);
}

/**
 * The one update that was asked for. Throws `rule_violated` naming the rule it breaks and the candidates there are.
 * @param recent newest first
 */
export function resolveCandidate(recent: readonly CatalogueUpdate[], wanted: Wanted): CatalogueUpdate {
  const candidates = expediteCandidates(recent);
  const found = candidates.find((update) => isMeant(update, wanted));
  if (found !== undefined) return found;
  const known = recent.find((update) => isMeant(update, wanted));
  const allowed = candidates.map(candidateView);
  const { field, value } = named(wanted);
  const names = allowed.map(({ name, kbs }) => `${name} (${kbs.join(", ")})`).join("; ");
  const message = `${field}: ${value} ${whyNot(known, recent)} Choose one of: ${names === "" ? "none at present" : names}.`;
  throw new AppError("rule_violated", message, { field, details: { rule: RULE, candidates: allowed } });
}

const RULE =
  "one of the two latest security releases, or a non-security release for Windows 11 if no security release is newer";

/** A candidate as people choose it. */
export function candidateView({ catalogEntryId, displayName, shortName, ...update }: CatalogueUpdate) {
  const { classification, revisions, cveSeverity } = update;
  return {
    catalogEntryId,
    name: shortName,
    displayName,
    releasedAt: new Date(publishedAt(update)).toISOString(),
    classification,
    kbs: [...new Set(revisions.map(({ kb }) => kb))],
    builds: revisions.map(({ build }) => build),
    exploited: [...(cveSeverity?.exploited ?? [])],
    maxSeverity: cveSeverity?.maxSeverity ?? null,
  };
}

/** Whether the catalogue entry carries the article or build, or closes the exploited vulnerability. */
export function isMeant({ revisions, cveSeverity }: CatalogueUpdate, { kb, build, cve }: Wanted): boolean {
  if (kb !== undefined) return revisions.some((revision) => revision.kb.toUpperCase() === kb.toUpperCase());
  if (cve !== undefined) return (cveSeverity?.exploited ?? []).some((each) => each.toUpperCase() === cve.toUpperCase());
  const parsed = build === undefined ? undefined : parseBuild(build);
  return parsed !== undefined && revisions.some((revision) => revision.build === buildText(parsed));
}

function whyNot(known: CatalogueUpdate | undefined, recent: readonly CatalogueUpdate[]): string {
  if (known === undefined) {
    return "is not in an update of the last months that the catalogue knows; of vulnerabilities it names the exploited ones.";
  }
  const name = `is in ${known.shortName}, which cannot be expedited:`;
  if (!known.isExpeditable) return `${name} the catalogue says so.`;
  if (isSecurity(known)) return `${name} it is not one of the ${SECURITY_RELEASES} latest security releases.`;
  const newer = recent.find((update) => isSecurity(update) && publishedAt(update) >= publishedAt(known));
  return newer === undefined
    ? `${name} a non-security release is for ${NON_SECURITY_PRODUCT} only.`
    : `${name} it is no security release, and the security release ${newer.shortName} is newer.`;
}

function named({ kb, cve, build }: Wanted): { field: string; value: string } {
  if (kb !== undefined) return { field: "kb", value: kb };
  return cve !== undefined ? { field: "cve", value: cve } : { field: "build", value: build ?? "" };
}

function isSecurity({ classification }: CatalogueUpdate): boolean {
  return classification === "security";
}

function forWindows11({ product }: CatalogueUpdate["revisions"][number]): boolean {
  return product.startsWith(NON_SECURITY_PRODUCT);
}
