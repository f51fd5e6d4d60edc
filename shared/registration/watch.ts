import { z } from "zod";
import { DAY_MS } from "../calendar/days.js";
import { clock } from "../clock.js";
import { AppError } from "../errors.js";
import { graphClient } from "../graph/client.js";
import type { GroupDevices } from "../graph/directory-groups.js";
import type { Graph } from "../graph/graph.js";
import { groupChanges, WATCHED_PER_STREAM, watchGroups } from "../graph/group-delta.js";
import type { StoredGroup } from "../groups/store.js";
import { hash32 } from "../random.js";
import { type Documents, documents } from "../store/documents.js";
import { table } from "../store/tables.js";

/** The directory groups whose changes concern an Autopatch group. */
const watchedSchema = z.object({
  groupId: z.string(),
  /** Where its devices come from, nested groups included. */
  sources: z.array(z.string()).readonly(),
  /** Its rings' own groups and their parent. */
  rings: z.array(z.string()).readonly(),
});
type Watched = z.infer<typeof watchedSchema>;

const streamSchema = z.object({ link: z.string(), at: z.number() });
type Stream = z.infer<typeof streamSchema>;

const WATCHED = "watched";
const STREAM = "stream";

/**
 * In memory, so that an hour in which nothing changes costs one call to Graph per 50 groups and no storage transaction.
 * What another instance of the app writes is seen a day later, when everything is looked at anyway.
 */
let watched: { readonly at: number; readonly groups: ReadonlyMap<string, Watched> } | undefined;
const streams = new Map<string, Stream>();

/** Autopatch groups that a change concerns. */
export interface ConcernedGroups {
  /** Their devices may be others now. */
  readonly survey: readonly string[];
  /** Only the memberships of their rings were changed. */
  readonly repair: readonly string[];
  /** All whose own directory groups changed, which may be lost or renamed. */
  readonly own: readonly string[];
}

/** Remembers which directory groups the hourly check watches for Autopatch groups that were looked at. */
export async function noteSources(
  active: readonly StoredGroup[],
  looked: readonly StoredGroup[],
  sources: ReadonlyMap<string, GroupDevices | undefined>,
): Promise<void> {
  const known = await watchedGroups();
  const next = new Map<string, Watched>();
  for (const { id } of active) {
    const before = known.get(id);
    if (before !== undefined) next.set(id, before);
  }
  for (const group of looked) next.set(group.id, watchedOf(group, sources));
  const store = await watchedStore();
  for (const [id, entry] of next) {
    if (JSON.stringify(entry) !== JSON.stringify(known.get(id))) await store.put(WATCHED, id, entry);
  }
  for (const id of known.keys()) if (!next.has(id)) await store.delete(WATCHED, id);
  watched = { at: clock.now(), groups: next };
}

function watchedOf(group: StoredGroup, sources: ReadonlyMap<string, GroupDevices | undefined>): Watched {
  const own = [
    ...group.definition.rings.flatMap(({ distribution }) => distribution.assignedGroupId ?? []),
    ...group.definition.dynamicGroupIds,
  ];
  const nested = own.flatMap((id) => sources.get(id)?.nested ?? []);
  const { parentGroupId } = group;
  const bound = Object.values(group.bindings).map(({ entraGroupId }) => entraGroupId);
  const rings = [...bound, ...(parentGroupId === undefined ? [] : [parentGroupId])].map((id) => id.toLowerCase());
  return { groupId: group.id, sources: [...new Set([...own, ...nested])].sort(), rings: rings.sort() };
}

/**
 * Which Autopatch groups changed in the directory since the last call. Groups that are watched for the first time, or
 * whose stream is too old, count as changed. Call `commit` once the consequences are under way; until then the same
 * changes are told again.
 */
export async function directoryChanges(
  graph: Graph = graphClient(),
): Promise<ConcernedGroups & { commit(): Promise<void> }> {
  const groups = await watchedGroups();
  const ids = [...new Set([...groups.values()].flatMap(({ sources, rings }) => [...sources, ...rings]))].sort();
  const changed = new Set<string>();
  const next = new Map<string, Stream>();
  for (let at = 0; at < ids.length; at += WATCHED_PER_STREAM) {
    const together = ids.slice(at, at + WATCHED_PER_STREAM);
    const key = hash32(...together).toString(16);
    const look = await lookAt(graph, key, together);
    for (const id of look.changed) changed.add(id);
    next.set(key, look.stream);
  }
  const concerned = [...groups.values()].filter(({ sources }) => sources.some((id) => changed.has(id)));
  const drifted = [...groups.values()].filter(({ rings }) => rings.some((id) => changed.has(id)));
  return {
    survey: concerned.map(({ groupId }) => groupId),
    repair: drifted.filter((group) => !concerned.includes(group)).map(({ groupId }) => groupId),
    own: drifted.map(({ groupId }) => groupId),
    commit: () => keepStreams(next, changed.size > 0),
  };
}

async function lookAt(
  graph: Graph,
  key: string,
  ids: readonly string[],
): Promise<{ changed: readonly string[]; stream: Stream }> {
  const known = streams.get(key) ?? (await (await streamStore()).get(STREAM, key))?.body;
  if (known !== undefined) {
    try {
      const { changed, link } = await groupChanges(graph, known.link);
      return { changed, stream: { link, at: known.at } };
    } catch (error) {
      if (!(error instanceof AppError && error.code === "gone")) throw error;
    }
  }
  return { changed: ids, stream: { link: await watchGroups(graph, ids), at: 0 } };
}

/** In memory every time; in storage when something changed or what is there is a day old. */
async function keepStreams(next: ReadonlyMap<string, Stream>, changed: boolean): Promise<void> {
  const now = clock.now();
  for (const [key, stream] of next) {
    const due = changed || now - stream.at >= DAY_MS;
    const kept = due ? { ...stream, at: now } : stream;
    if (due) await (await streamStore()).put(STREAM, key, kept);
    streams.set(key, kept);
  }
  for (const key of streams.keys()) {
    if (next.has(key)) continue;
    await (await streamStore()).delete(STREAM, key);
    streams.delete(key);
  }
}

async function watchedGroups(): Promise<ReadonlyMap<string, Watched>> {
  if (watched !== undefined && clock.now() - watched.at < DAY_MS) return watched.groups;
  const groups = new Map<string, Watched>();
  for await (const { id, body } of (await watchedStore()).all(WATCHED)) groups.set(id, body);
  watched = { at: clock.now(), groups };
  return groups;
}

async function watchedStore(): Promise<Documents<Watched>> {
  return documents(await table("Discovery"), watchedSchema);
}

async function streamStore(): Promise<Documents<Stream>> {
  return documents(await table("Discovery"), streamSchema);
}
