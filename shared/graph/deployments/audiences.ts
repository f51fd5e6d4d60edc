import { z } from "zod";
import { type Graph, UPDATES } from "../graph.js";
import { created, guid, text } from "../lenient.js";
import { segment } from "../odata.js";
import { absentWhenMissing, notYet, sameMembers } from "../settle.js";
import type { Category } from "./content.js";
import { usedAudiences } from "./usage.js";

const AUDIENCES = `${UPDATES}/deploymentAudiences`;
const ASSETS = `${UPDATES}/updatableAssets`;
const DEVICE = "#microsoft.graph.windowsUpdates.azureADDevice";
/** Ids per call; Microsoft documents no limit, and its own sample takes this many (graph.md §1.4). */
const CHUNK = 200;

/** Who is offered something: Entra deviceIds. */
export interface Audience {
  readonly members: readonly string[];
  readonly exclusions: readonly string[];
}

const idSchema = z.object({ id: z.string().min(1) });

/** Ids of all audiences of the tenant, whoever made them. */
export async function listAudienceIds(graph: Graph): Promise<string[]> {
  return (await graph.list(AUDIENCES, { schema: idSchema })).map(({ id }) => id);
}

/** A new, empty audience; its id. An audience has no name: what it is for has to be written down before (graph.md §6.2). */
export async function createAudience(graph: Graph): Promise<string> {
  const { body } = await graph.post(AUDIENCES, {});
  const id = created.safeParse(body).data?.id;
  if (id === undefined) throw notYet("A deployment audience");
  return id;
}

/**
 * Of these audiences those that nobody uses: without devices, and named by no deployment or policy. That is what is left
 * by a creation whose answer was lost.
 */
export async function unusedAudiences(graph: Graph, ids: readonly string[]): Promise<string[]> {
  if (ids.length === 0) return [];
  const used = await usedAudiences(graph);
  const unused: string[] = [];
  for (const id of ids) {
    if (used.has(id)) continue;
    // Those that Intune made answer 404 (graph.md §1.4), so they are left alone.
    const members = await absentWhenMissing(graph.list(`${one(id)}/members`, { schema: idSchema }));
    if (members?.length === 0) unused.push(id);
  }
  return unused;
}

const memberSchema = z.object({
  id: guid,
  errors: z.array(z.object({ reason: text })).nullish(),
  enrollment: z.record(z.string(), z.object({ enrollmentState: text }).nullish()).nullish(),
});
type Member = z.output<typeof memberSchema>;

/** A device that Windows Update could not register, by the reason that Graph gives (graph.md §1.3). */
export interface Unregistered {
  readonly deviceId: string;
  readonly reason: string;
}

/**
 * Brings an audience to these devices, and enrols its members for the category where that is needed: expedited quality
 * updates need none. May be repeated. Throws `not_yet_consistent` while a write does not show.
 * @returns devices that could not be registered
 */
export async function ensureAudience(
  graph: Graph,
  audienceId: string,
  wanted: Audience,
  category: Category,
): Promise<Unregistered[]> {
  const before = await membersOf(graph, audienceId);
  await change(graph, audienceId, {
    ...differences("Members", idsOf(before), wanted.members),
    ...differences("Exclusions", await exclusionsOf(graph, audienceId), wanted.exclusions),
  });
  const after = await membersOf(graph, audienceId);
  const isThere =
    sameMembers(idsOf(after), wanted.members) && sameMembers(await exclusionsOf(graph, audienceId), wanted.exclusions);
  if (!isThere) throw notYet(`Deployment audience ${audienceId}`);
  const unregistered = unregisteredIn(after);
  if (category !== "quality") await ensureEnrolled(graph, category, after, unregistered);
  return unregistered;
}

/** Only members tell of their enrolment, so they are enrolled once they are there. */
async function ensureEnrolled(
  graph: Graph,
  category: Category,
  members: readonly Member[],
  unregistered: readonly Unregistered[],
): Promise<void> {
  const failed = new Set(unregistered.map(({ deviceId }) => deviceId));
  const open = members.flatMap(({ id, enrollment }) => {
    const state = enrollment?.[category]?.enrollmentState ?? "";
    return id === null || failed.has(id) || /^enrolled/.test(state) ? [] : { id, isAsked: state === "enrolling" };
  });
  await enrol(
    graph,
    category,
    open.flatMap(({ id, isAsked }) => (isAsked ? [] : id)),
  );
  if (open.length > 0) throw notYet("The enrolment of devices with Windows Update");
}

/** Deletes an audience; a missing one is fine. While deployments use it Graph refuses, and that is to be repeated. */
export async function deleteAudience(graph: Graph, audienceId: string): Promise<void> {
  await absentWhenMissing(graph.delete(one(audienceId)));
}

async function enrol(graph: Graph, updateCategory: Category, ids: readonly string[]): Promise<void> {
  for (const chunk of chunks(ids)) {
    await graph.post(`${ASSETS}/enrollAssetsById`, { updateCategory, memberEntityType: DEVICE, ids: chunk });
  }
}

/** Serial, as one audience takes one change at a time. */
async function change(graph: Graph, audienceId: string, lists: Readonly<Record<string, readonly string[]>>) {
  for (const [list, ids] of Object.entries(lists)) {
    for (const chunk of chunks(ids)) {
      await graph.post(`${one(audienceId)}/updateAudienceById`, { memberEntityType: DEVICE, [list]: chunk });
    }
  }
}

function differences(what: "Members" | "Exclusions", before: readonly string[], wanted: readonly string[]) {
  return {
    [`remove${what}`]: before.filter((id) => !wanted.includes(id)),
    [`add${what}`]: wanted.filter((id) => !before.includes(id)),
  };
}

function unregisteredIn(members: readonly Member[]): Unregistered[] {
  return members.flatMap(({ id, errors }) => {
    const reason = errors?.[0]?.reason;
    return id === null || reason === undefined || reason === null ? [] : [{ deviceId: id, reason }];
  });
}

function membersOf(graph: Graph, audienceId: string): Promise<Member[]> {
  return graph.list(`${one(audienceId)}/members`, { schema: memberSchema });
}

async function exclusionsOf(graph: Graph, audienceId: string): Promise<string[]> {
  return idsOf(await graph.list(`${one(audienceId)}/exclusions`, { schema: memberSchema }));
}

function idsOf(members: readonly Member[]): string[] {
  return members.flatMap(({ id }) => id ?? []);
}

function* chunks(ids: readonly string[]): Generator<readonly string[]> {
  for (let at = 0; at < ids.length; at += CHUNK) yield ids.slice(at, at + CHUNK);
}

const applicableSchema = z.object({ catalogEntryId: z.string().min(1), catalogEntry: z.unknown() });

/** Ids of the content that devices of an audience need, with what the catalogue says of it (graph.md §1.4). */
export function listApplicable(graph: Graph, audienceId: string) {
  const query = { $expand: "catalogEntry,matchedDevices" };
  return graph.list(`${one(audienceId)}/applicableContent`, { query, schema: applicableSchema });
}

/** Devices of an audience that need a piece of content. */
export async function listMatched(graph: Graph, audienceId: string, catalogEntryId: string): Promise<string[]> {
  const path = `${one(audienceId)}/applicableContent/${segment(catalogEntryId)}/matchedDevices`;
  const matched = await graph.list(path, { schema: z.object({ deviceId: guid }) });
  return matched.flatMap(({ deviceId }) => deviceId ?? []);
}

function one(audienceId: string): string {
  return `${AUDIENCES}/${segment(audienceId)}`;
}
