import type * as df from "durable-functions";
import { z } from "zod";
import { SERVICE } from "../../shared/access/roles.js";
import { audit } from "../../shared/audit/audit.js";
import { addDays, HOUR_MS, utcDate } from "../../shared/calendar/days.js";
import { publishedAt } from "../../shared/calendar/publication.js";
import { clock } from "../../shared/clock.js";
import { config } from "../../shared/config.js";
import { baselineOf } from "../../shared/gate/baseline-store.js";
import { listQualityUpdates, newestUpdateIds } from "../../shared/graph/catalogue.js";
import { graphClient } from "../../shared/graph/client.js";
import { GroupStatus, listGroups, type StoredGroup } from "../../shared/groups/store.js";
import { commandsOf } from "../../shared/releases/commands.js";
import { newRelease, newRings } from "../../shared/releases/create.js";
import { releaseIdOf } from "../../shared/releases/identity.js";
import { findRelease, insertRelease, insertRings, listReleases, type Release } from "../../shared/releases/store.js";
import { becomesRelease, type QualityUpdate } from "../../shared/updates/quality-update.js";
import { Supersedence, supersedence } from "../../shared/updates/supersedence.js";
import { releaseKind, type Update } from "../../shared/updates/update.js";
import { startOnce } from "../client.js";
import { activity } from "../durable.js";
import { RELEASE } from "../names.js";

/** The uninstall window of a group is at most this long; after it an ended release takes no command. */
const LONGEST_UNINSTALL_DAYS = 60;

interface NewUpdate {
  readonly group: StoredGroup;
  readonly update: QualityUpdate;
}

/** Hours after which everything is looked at though nothing new is in the catalogue: there may be a new group. */
const FULL_LOOK_HOURS = 6;

/** The newest ids of the catalogue for which every group had its releases, and until when (ms) that holds. */
let complete: { readonly newest: string; readonly until: number } | undefined;

/**
 * Published B and out-of-band updates of the last days that have no release yet in a group, oldest first. While the
 * catalogue does not change, a look costs one small call to Graph.
 */
export async function newUpdates(): Promise<NewUpdate[]> {
  const now = clock.now();
  const newest = (await newestUpdateIds(graphClient())).join(" ");
  if (complete?.newest === newest && now < complete.until) return [];
  const updates = await recentUpdates(now);
  const missing = await withoutRelease(updates.filter((update) => publishedAt(update) <= now));
  const upcoming = updates.map(publishedAt).filter((at) => at > now);
  const until = Math.min(now + FULL_LOOK_HOURS * HOUR_MS, ...upcoming);
  complete = missing.length === 0 ? { newest, until } : undefined;
  return missing;
}

/** Those that become releases, oldest first; the catalogue knows some before the instant of their publication. */
async function recentUpdates(now: number): Promise<QualityUpdate[]> {
  const since = utcDate(addDays(now, -config().RELEASE_MAX_AGE_DAYS));
  return (await listQualityUpdates(graphClient(), { since }))
    .filter((update) => becomesRelease(update) && update.revisions.length > 0)
    .sort((a, b) => publishedAt(a) - publishedAt(b));
}

async function withoutRelease(updates: readonly QualityUpdate[]): Promise<NewUpdate[]> {
  const missing: NewUpdate[] = [];
  for (const group of updates.length === 0 ? [] : await listGroups()) {
    if (group.status !== GroupStatus.active || !group.definition.updateTypes.quality) continue;
    for (const update of updates.filter((candidate) => isCurrent(candidate, updates))) {
      if (!(await exists(releaseIdOf(group.id, update)))) missing.push({ group, update });
    }
  }
  return missing;
}

/** Releases are never removed, so that one that was seen need not be looked for again every hour. */
const seen = new Set<string>();

async function exists(releaseId: string): Promise<boolean> {
  if (!seen.has(releaseId) && (await findRelease(releaseId)) !== undefined) seen.add(releaseId);
  return seen.has(releaseId);
}

/** An update that a newer one replaces for all its Windows versions is not offered any more, however late it was found. */
function isCurrent(update: QualityUpdate, published: readonly QualityUpdate[]): boolean {
  return !published.some((newer) => supersedence(newer, update) === Supersedence.full);
}

/**
 * Makes a release of every new update for every group, and starts all that run. Returns the names of the updates that
 * are in the catalogue.
 */
export const startNewReleases = activity({
  name: "startNewReleases",
  input: z.object({}),
  run: async (_input, { at, client }) => {
    const now = clock.now();
    const updates = (await recentUpdates(now)).filter((update) => publishedAt(update) <= now);
    const missing = await withoutRelease(updates);
    for (const { group, update } of missing) await writeRelease(group, update, at);
    await startUnfinished(client);
    return { started: missing.length, updates: updates.map(({ shortName }) => shortName) };
  },
});

/**
 * Starts every release whose orchestration should run and does not: it is new, it failed, or a command came while it was
 * ending.
 */
export async function startUnfinished(client: df.DurableClient): Promise<void> {
  for (const release of await listReleases()) {
    if (await isUnfinished(release)) await startOnce(client, RELEASE, release.id, { releaseId: release.id });
  }
}

async function isUnfinished({ id, closed, endedAt, handled }: Release): Promise<boolean> {
  if (!closed) return true;
  if (endedAt === null || clock.now() > addDays(endedAt, LONGEST_UNINSTALL_DAYS)) return false;
  return (await commandsOf(id)).some(({ key }) => !handled.includes(key));
}

/** Makes the release of an update in a group. It is written last, for it is what says that nothing is missing. */
export async function writeRelease(group: StoredGroup, update: Update, now: number): Promise<void> {
  const id = releaseIdOf(group.id, update);
  const history = await baselineOf(releaseKind(update), group.id);
  const release = newRelease({ id, group, update, others: await listReleases(), history, now });
  await insertRings(newRings(release, group));
  await audit({ at: now, actor: SERVICE, action: "release.start", target: `release/${id}`, key: id });
  await insertRelease(release);
}
