import { createHash } from "node:crypto";
import { z } from "zod";
import { SERVICE } from "../access/roles.js";
import type { Config } from "../config.js";
import type { CatalogueUpdate } from "../graph/catalogue.js";
import { documents } from "../store/documents.js";
import { table } from "../store/tables.js";
import { expediteCandidates, isMeant } from "./candidates.js";
import { type Expedite, type ExpediteSource, ExpediteStatus, isOver } from "./expedite.js";
import type { Vulnerability } from "./msrc.js";
import { requestExpedite, serviceGroups } from "./request.js";
import { listExpedites } from "./store.js";

const watchSchema = z.object({
  /** What the documents that were read were like, and what they were matched with, by id. */
  documents: z.record(z.string(), z.string()).default({}),
  /** What the documents say of vulnerabilities: articles of their fixes by CVE. */
  fixes: z.record(z.string(), z.array(z.string())).default({}),
  /** The KEV catalogue that was matched last, and what it was matched with. */
  kev: z.string().default(""),
});
/** What the watchers know from before. */
export type WatchState = z.infer<typeof watchSchema>;

const [PARTITION, ID] = ["watch", "state"];

export async function readWatch(): Promise<WatchState> {
  return (await (await store()).get(PARTITION, ID))?.body ?? watchSchema.parse({});
}

export async function writeWatch(state: WatchState): Promise<void> {
  await (await store()).put(PARTITION, ID, state);
}

/** Why an update is urgent. */
export interface Urgency {
  readonly source: Extract<ExpediteSource, "msrc" | "kev">;
  readonly update: CatalogueUpdate;
  /** Otherwise its vulnerabilities are critical. */
  readonly exploited: boolean;
  readonly cves: readonly string[];
}

/**
 * Candidates that close exploited vulnerabilities, or where the rule says so critical ones, by the articles and builds of
 * their fixes (graph.md §5.1).
 */
export function matchMsrc(
  recent: readonly CatalogueUpdate[],
  found: readonly Vulnerability[],
  rule: Config["EXPEDITE_URGENT"],
): Urgency[] {
  const closes = (update: CatalogueUpdate, { kbs, builds, cve }: Vulnerability) => {
    const byFix = kbs.some((kb) => isMeant(update, { kb })) || builds.some((build) => isMeant(update, { build }));
    return byFix || isMeant(update, { cve });
  };
  const exploited = found.filter((vulnerability) => vulnerability.exploited);
  const critical = rule === "exploited" ? [] : found.filter((vulnerability) => vulnerability.critical);
  const worst = matched({ source: "msrc", exploited: true }, recent, exploited, closes);
  const others = matched({ source: "msrc", exploited: false }, recent, critical, closes);
  return [...worst, ...others.filter(({ update }) => !worst.some((each) => each.update === update))];
}

/** Candidates that close vulnerabilities of CISA's catalogue, by the update catalogue or by what the MSRC said of them. */
export function matchKev(
  recent: readonly CatalogueUpdate[],
  cves: readonly string[],
  fixes: WatchState["fixes"],
): Urgency[] {
  const items = cves.map((cve) => ({ cve }));
  return matched({ source: "kev", exploited: true }, recent, items, (update, { cve }) => {
    return isMeant(update, { cve }) || (fixes[cve] ?? []).some((kb) => isMeant(update, { kb }));
  });
}

function matched<T extends { readonly cve: string }>(
  why: Pick<Urgency, "source" | "exploited">,
  recent: readonly CatalogueUpdate[],
  items: readonly T[],
  closes: (update: CatalogueUpdate, item: T) => boolean,
): Urgency[] {
  return expediteCandidates(recent).flatMap((update) => {
    const cves = items.filter((item) => closes(update, item)).map(({ cve }) => cve);
    return cves.length === 0 ? [] : { ...why, update, cves };
  });
}

/** Most vulnerabilities that a request names. */
const NAMED = 20;

/**
 * Requests the expedites of what is urgent, and none of an update that somebody is expediting or for which no group lets
 * the service expedite. Nothing is requested twice; but what people were asked about as critical is asked about once more
 * when it is exploited. @param at ms @returns ids of new expedites
 */
export async function requestUrgent(urgent: readonly Urgency[], at: number): Promise<string[]> {
  const groupIds = urgent.length === 0 ? [] : await serviceGroups();
  if (groupIds.length === 0) return [];
  const made: string[] = [];
  for (const urgency of [...urgent].sort((a, b) => Number(b.exploited) - Number(a.exploited))) {
    const { source, update } = urgency;
    const [first] = update.revisions;
    const known = await listExpedites();
    if (first === undefined || known.some((each) => settles(each, urgency))) continue;
    const body = { kb: first.kb, justification: justificationOf(urgency) };
    const { isNew, stored } = await requestExpedite({
      ...{ id: watchId(update, urgency), source, actor: SERVICE, at, body, groupIds },
    });
    if (isNew) made.push(stored.id);
  }
  return made;
}

/** Whether an expedite leaves nothing to ask about: it is the same, knows of worse, or has the update under way. */
function settles(expedite: Expedite, { update, exploited }: Urgency): boolean {
  if (expedite.id === watchId(update, { exploited: true })) return true;
  const { id, status } = expedite;
  const isUnderWay = status === ExpediteStatus.running || status === ExpediteStatus.completed;
  if (id === watchId(update, { exploited: false })) return !exploited || isUnderWay;
  return expedite.update?.catalogEntryId === update.catalogEntryId && (isUnderWay || !isOver(expedite));
}

function justificationOf({ source, exploited, cves }: Urgency): string {
  const says = source === "kev" ? "CISA lists as exploited" : `The MSRC calls ${exploited ? "exploited" : "critical"}`;
  const more = cves.length > NAMED ? ` and ${cves.length - NAMED} more` : "";
  return `${says}: ${cves.slice(0, NAMED).join(", ")}${more}.`;
}

/** The same whichever list names the update, and whenever, as long as it calls it as bad. */
export function watchId(
  { catalogEntryId }: Pick<CatalogueUpdate, "catalogEntryId">,
  { exploited }: Pick<Urgency, "exploited">,
): string {
  const about = exploited ? catalogEntryId : `${catalogEntryId} critical`;
  return `watch-${createHash("sha256").update(about).digest("hex").slice(0, 24)}`;
}

async function store() {
  return documents(await table("Expedites"), watchSchema);
}
