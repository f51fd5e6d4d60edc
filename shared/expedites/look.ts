import { type Config, config } from "../config.js";
import { graphClient } from "../graph/client.js";
import { hash32 } from "../random.js";
import { expediteCandidates, recentUpdates } from "./candidates.js";
import { kevCatalogue, msrcDocuments, msrcVulnerabilities } from "./feeds.js";
import { serviceGroups } from "./request.js";
import { matchKev, matchMsrc, readWatch, requestUrgent, type Urgency, type WatchState, writeWatch } from "./watch.js";

/** So many of the newest documents of the MSRC are about updates that may be expedited. */
const DOCUMENTS = 3;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/**
 * Looks at the lists of vulnerabilities and requests the expedites that they make urgent. A list that cannot be read says
 * so by the error returned, and does not keep the other from being read. @param now ms
 */
export async function lookAtVulnerabilities(now: number): Promise<{ requested: string[]; failures: unknown[] }> {
  const { EXPEDITE_WATCH: watch, EXPEDITE_URGENT: rule } = config();
  const nothing = { requested: [], failures: [] };
  if (watch === "off" || (await serviceGroups()).length === 0) return nothing;
  const recent = await recentUpdates(graphClient(), now);
  const failures: unknown[] = [];
  let state = await readWatch();
  const urgent: Urgency[] = [];
  const lookAt = async (look: (before: WatchState) => Promise<[WatchState, Urgency[]]>) => {
    try {
      const [after, found] = await look(state);
      state = after;
      urgent.push(...found);
    } catch (error) {
      failures.push(error);
    }
  };
  if (watch !== "kev") await lookAt((before) => lookAtMsrc(before, recent, { rule, now }));
  if (watch !== "msrc") await lookAt((before) => lookAtKev(before, recent));
  const requested = await requestUrgent(urgent, now);
  // Last, so that a look that broke off is repeated.
  await writeWatch(state);
  return { requested, failures };
}

type Recent = Awaited<ReturnType<typeof recentUpdates>>;

/** Documents are fetched when their date has moved: several MB each, which say the same until then. */
async function lookAtMsrc(
  before: WatchState,
  recent: Recent,
  { rule, now }: { readonly rule: Config["EXPEDITE_URGENT"]; readonly now: number },
): Promise<[WatchState, Urgency[]]> {
  const wanted = recentDocuments(now);
  const listed = (await msrcDocuments())
    .filter(({ id }) => wanted.includes(id))
    .map(({ id, currentReleaseDate }) => ({ id, seen: seenAs(`${currentReleaseDate} ${rule}`, recent) }));
  const changed = listed.filter(({ id, seen }) => before.documents[id] !== seen);
  const urgent: Urgency[] = [];
  const fixes = { ...before.fixes };
  for (const { id } of changed) {
    const found = await msrcVulnerabilities(id);
    const articles = new Set(recent.flatMap(({ revisions }) => revisions.map(({ kb }) => kb)));
    for (const { cve, kbs } of found) {
      const own = kbs.filter((kb) => articles.has(kb));
      if (own.length > 0) fixes[cve] = [...new Set(own)];
    }
    urgent.push(...matchMsrc(recent, found, rule));
  }
  const seen = Object.fromEntries(listed.map(({ id, seen }) => [id, seen]));
  return [{ ...before, documents: seen, fixes: stillFixing(fixes, recent) }, urgent];
}

async function lookAtKev(before: WatchState, recent: Recent): Promise<[WatchState, Urgency[]]> {
  const { version, cves } = await kevCatalogue();
  const kev = seenAs(`${version} ${hash32("fixes", JSON.stringify(before.fixes))}`, recent);
  if (kev === before.kev) return [before, []];
  return [{ ...before, kev }, matchKev(recent, cves, before.fixes)];
}

/** A list is matched anew when it or what may be expedited has changed: the catalogue may be the later of the two. */
function seenAs(version: string, recent: Recent): string {
  return [version, ...expediteCandidates(recent).map(({ catalogEntryId }) => catalogEntryId)].join(" ");
}

/** What is about updates of the last months. */
function stillFixing(fixes: WatchState["fixes"], recent: Recent): WatchState["fixes"] {
  const articles = new Set(recent.flatMap(({ revisions }) => revisions.map(({ kb }) => kb)));
  return Object.fromEntries(Object.entries(fixes).filter(([, kbs]) => kbs.some((kb) => articles.has(kb))));
}

/** Ids of the documents of this month and those before it, e.g. `2024-Jun`. */
function recentDocuments(now: number): string[] {
  const at = new Date(now);
  return Array.from({ length: DOCUMENTS }, (_, back) => {
    const month = new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() - back, 1));
    return `${month.getUTCFullYear()}-${MONTHS[month.getUTCMonth()]}`;
  });
}
