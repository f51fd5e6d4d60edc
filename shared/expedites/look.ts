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
 * Looks at the lists of vulnerabilities and requests the expedites that they make urgent. What cannot be read says so by
 * the error returned, and does not keep the rest from being read. @param now ms
 */
export async function lookAtVulnerabilities(now: number): Promise<{ requested: string[]; failures: unknown[] }> {
  const { EXPEDITE_WATCH: watch, EXPEDITE_URGENT: rule } = config();
  const nothing = { requested: [], failures: [] };
  if (watch === "off" || (await serviceGroups()).length === 0) return nothing;
  const recent = await recentUpdates(graphClient(), now);
  const failures: unknown[] = [];
  let state = await readWatch();
  const urgent: Urgency[] = [];
  const lookAt = async (look: (before: WatchState) => Promise<Seen>) => {
    try {
      const seen = await look(state);
      state = seen.after;
      urgent.push(...seen.urgent);
      failures.push(...(seen.failures ?? []));
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

/** What a list says, and what is known after it was read. */
interface Seen {
  readonly after: WatchState;
  readonly urgent: readonly Urgency[];
  /** Why parts of it could not be read. */
  readonly failures?: readonly unknown[];
}

type Recent = Awaited<ReturnType<typeof recentUpdates>>;

/** Documents are fetched when their date has moved: several MB each, which say the same until then. */
async function lookAtMsrc(
  before: WatchState,
  recent: Recent,
  { rule, now }: { readonly rule: Config["EXPEDITE_URGENT"]; readonly now: number },
): Promise<Seen> {
  const wanted = recentDocuments(now);
  const listed = (await msrcDocuments())
    .filter(({ id }) => wanted.includes(id))
    .map(({ id, currentReleaseDate }) => ({ id, seen: seenAs(`${currentReleaseDate} ${rule}`, recent) }));
  const articles = new Set(recent.flatMap(({ revisions }) => revisions.map(({ kb }) => kb)));
  const [documents, fixes] = [new Map<string, string>(), { ...before.fixes }];
  const [urgent, failures]: [Urgency[], unknown[]] = [[], []];
  for (const { id, seen } of listed) {
    try {
      const found = before.documents[id] === seen ? [] : await msrcVulnerabilities(id);
      for (const { cve, kbs } of found) {
        const own = kbs.filter((kb) => articles.has(kb));
        if (own.length > 0) fixes[cve] = [...new Set(own)];
      }
      urgent.push(...matchMsrc(recent, found, rule));
      documents.set(id, seen);
    } catch (error) {
      failures.push(error);
    }
  }
  const after = { ...before, documents: Object.fromEntries(documents), fixes: stillFixing(fixes, recent) };
  return { after, urgent, failures };
}

async function lookAtKev(before: WatchState, recent: Recent): Promise<Seen> {
  const { version, cves } = await kevCatalogue();
  const kev = seenAs(`${version} ${hash32("fixes", JSON.stringify(before.fixes))}`, recent);
  if (kev === before.kev) return { after: before, urgent: [] };
  return { after: { ...before, kev }, urgent: matchKev(recent, cves, before.fixes) };
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
