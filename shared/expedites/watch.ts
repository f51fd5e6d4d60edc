import { createHash } from "node:crypto";
import { z } from "zod";
import { SERVICE } from "../access/roles.js";
import type { CatalogueUpdate } from "../graph/catalogue.js";
import { documents } from "../store/documents.js";
import { table } from "../store/tables.js";
import { expediteCandidates, isMeant } from "./candidates.js";
import { type ExpediteSource, isOver } from "./expedite.js";
import type { Vulnerability } from "./msrc.js";
import { requestExpedite, serviceGroups } from "./request.js";
import { listExpedites } from "./store.js";

const watchSchema = z.object({
  /** `CurrentReleaseDate` of the documents that were read, by id. */
  documents: z.record(z.string(), z.string()).default({}),
  /** What the documents say of vulnerabilities: articles of their fixes by CVE. */
  fixes: z.record(z.string(), z.array(z.string())).default({}),
  /** The KEV catalogue that was matched last, and the candidates it was matched with. */
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
  readonly cves: readonly string[];
}

/** Whether the MSRC says that a vulnerability is exploited or critical (graph.md §5.1). */
export function isUrgent({ exploited, critical }: Vulnerability): boolean {
  return exploited || critical;
}

/** Candidates that close urgent vulnerabilities, by the articles and builds of their fixes. */
export function matchMsrc(recent: readonly CatalogueUpdate[], found: readonly Vulnerability[]): Urgency[] {
  return matched("msrc", recent, found.filter(isUrgent), (update, { kbs, builds, cve }) => {
    const byFix = kbs.some((kb) => isMeant(update, { kb })) || builds.some((build) => isMeant(update, { build }));
    return byFix || isMeant(update, { cve });
  });
}

/** Candidates that close vulnerabilities of CISA's catalogue, by the update catalogue or by what the MSRC said of them. */
export function matchKev(
  recent: readonly CatalogueUpdate[],
  cves: readonly string[],
  fixes: WatchState["fixes"],
): Urgency[] {
  const items = cves.map((cve) => ({ cve }));
  return matched("kev", recent, items, (update, { cve }) => {
    return isMeant(update, { cve }) || (fixes[cve] ?? []).some((kb) => isMeant(update, { kb }));
  });
}

function matched<T extends { readonly cve: string }>(
  source: Urgency["source"],
  recent: readonly CatalogueUpdate[],
  items: readonly T[],
  closes: (update: CatalogueUpdate, item: T) => boolean,
): Urgency[] {
  return expediteCandidates(recent).flatMap((update) => {
    const cves = items.filter((item) => closes(update, item)).map(({ cve }) => cve);
    return cves.length === 0 ? [] : { source, update, cves };
  });
}

/** Most vulnerabilities that a request names. */
const NAMED = 20;

/**
 * Requests the expedites of what is urgent: one per update, never twice, and none of an update that somebody is expediting
 * or for which no group lets the service expedite. @param at ms @returns ids of new expedites
 */
export async function requestUrgent(urgent: readonly Urgency[], at: number): Promise<string[]> {
  const groupIds = urgent.length === 0 ? [] : await serviceGroups();
  if (groupIds.length === 0) return [];
  const made: string[] = [];
  for (const { source, update, cves } of urgent) {
    const id = watchId(update);
    const others = (await listExpedites()).filter((each) => !isOver(each) || each.status === "completed");
    if (others.some((each) => each.update?.catalogEntryId === update.catalogEntryId)) continue;
    const [first] = update.revisions;
    if (first === undefined) continue;
    const named = cves.slice(0, NAMED).join(", ");
    const more = cves.length > NAMED ? ` and ${cves.length - NAMED} more` : "";
    const says = source === "kev" ? "CISA lists as exploited" : "The MSRC calls exploited or critical";
    const body = { kb: first.kb, justification: `${says}: ${named}${more}.` };
    const { isNew } = await requestExpedite({ id, source, actor: SERVICE, at, body, groupIds });
    if (isNew) made.push(id);
  }
  return made;
}

/** The same whichever list names the update, and whenever. */
export function watchId({ catalogEntryId }: Pick<CatalogueUpdate, "catalogEntryId">): string {
  return `watch-${createHash("sha256").update(catalogEntryId).digest("hex").slice(0, 24)}`;
}

async function store() {
  return documents(await table("Expedites"), watchSchema);
}
