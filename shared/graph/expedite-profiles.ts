import { z } from "zod";
import { type Graph, INTUNE } from "./graph.js";
import { created, named, text } from "./lenient.js";
import { carriesTag, type NamedRing, objectDescription, objectName, tagOf } from "./names.js";
import { segment } from "./odata.js";
import { refusedUntilReplicated } from "./offering/replication.js";
import { assignmentsSchema } from "./policies/assignments.js";
import { absentWhenMissing, notYet, oldestFirst, sameMembers } from "./settle.js";

const PROFILES = `${INTUNE}/windowsQualityUpdateProfiles`;
const EXPANDED = { $expand: "assignments" } as const;
const PROFILE = "#microsoft.graph.windowsQualityUpdateProfile";
const SETTINGS = "microsoft.graph.expeditedWindowsQualityUpdateSettings";
const GROUP = "#microsoft.graph.groupAssignmentTarget";
const EXCLUSION = "#microsoft.graph.exclusionGroupAssignmentTarget";

const profileSchema = z.object({
  ...named,
  assignments: assignmentsSchema,
  expeditedUpdateSettings: z
    .object({ qualityUpdateRelease: text, daysUntilForcedReboot: z.number().nullish() })
    .nullish(),
});
type Profile = z.infer<typeof profileSchema>;

/** The expedite profile of a deployment ring as it should be (graph.md §2.1). */
export interface DesiredProfile {
  /** Its release and expedite: one profile for each. */
  readonly purpose: string;
  readonly ring: NamedRing;
  /** ISO date: Intune names the update by its day. */
  readonly releaseDate: string;
  /** 0, 1 or 2. */
  readonly daysUntilForcedReboot: number;
  /** Entra groups that it reaches, and those that it leaves out. */
  readonly included: readonly string[];
  readonly excluded: readonly string[];
}

/**
 * The one profile of a ring and purpose: made when absent, its days and assignment repaired when they deviate,
 * duplicates reduced to the oldest (graph.md §6.2). May be repeated; throws `not_yet_consistent` while a write does not
 * show.
 */
export async function ensureExpediteProfile(graph: Graph, desired: DesiredProfile): Promise<void> {
  const [found, ...duplicates] = await tagged(graph, desired);
  for (const { id } of duplicates) await remove(graph, id);
  const kept = found ?? (await create(graph, desired));
  if (!saysSo(kept, desired)) await change(graph, kept.id, desired);
  if (!isAssigned(kept, desired)) await assign(graph, kept.id, desired);
  const seen = await absentWhenMissing(read(graph, kept.id));
  if (seen === undefined || !saysSo(seen, desired) || !isAssigned(seen, desired)) {
    throw notYet(`Expedite profile "${nameOf(desired)}"`);
  }
}

/** Deletes every profile of a ring and purpose; none is fine. Windows cancels what it can (autopatch.md §5.7). */
export async function removeExpediteProfiles(
  graph: Graph,
  owner: Pick<DesiredProfile, "ring" | "purpose">,
): Promise<void> {
  for (const { id } of await tagged(graph, owner)) await remove(graph, id);
}

async function tagged(graph: Graph, { ring, purpose }: Pick<DesiredProfile, "ring" | "purpose">): Promise<Profile[]> {
  const tag = tagOf(ring, purpose);
  const all = await graph.list(PROFILES, { query: EXPANDED, schema: profileSchema });
  return oldestFirst(all.filter((profile) => carriesTag(profile, tag)));
}

async function create(graph: Graph, desired: DesiredProfile): Promise<Profile> {
  const answer = await graph.post(PROFILES, { ...bodyOf(desired), roleScopeTagIds: ["0"] });
  const id = created.safeParse(answer.body).data?.id;
  const made = id === undefined ? undefined : await absentWhenMissing(read(graph, id));
  if (made === undefined) throw notYet(`Expedite profile "${nameOf(desired)}"`);
  return made;
}

function read(graph: Graph, id: string): Promise<Profile> {
  return graph.get(one(id), { query: EXPANDED, schema: profileSchema });
}

async function change(graph: Graph, id: string, desired: DesiredProfile): Promise<void> {
  await graph.patch(one(id), bodyOf(desired));
}

async function assign(graph: Graph, id: string, { included, excluded }: DesiredProfile): Promise<void> {
  const target = (type: string) => (groupId: string) => ({ target: { "@odata.type": type, groupId } });
  const assignments = [...included.map(target(GROUP)), ...excluded.map(target(EXCLUSION))];
  await refusedUntilReplicated(graph.post(`${one(id)}/assign`, { assignments }), () => read(graph, id));
}

async function remove(graph: Graph, id: string): Promise<void> {
  await absentWhenMissing(graph.delete(one(id)));
}

function bodyOf(desired: DesiredProfile): Record<string, unknown> {
  const { purpose, ring, releaseDate, daysUntilForcedReboot } = desired;
  return {
    "@odata.type": PROFILE,
    displayName: nameOf(desired),
    description: objectDescription(ring, purpose, `Expedites an update in deployment ring ${ring.ringName}.`),
    expeditedUpdateSettings: {
      "@odata.type": SETTINGS,
      qualityUpdateRelease: `${releaseDate.slice(0, 10)}T00:00:00Z`,
      daysUntilForcedReboot,
    },
  };
}

function nameOf({ ring, purpose }: Pick<DesiredProfile, "ring" | "purpose">): string {
  return objectName(ring, purpose);
}

function saysSo({ expeditedUpdateSettings: settings }: Profile, desired: DesiredProfile): boolean {
  const isSameDay = settings?.qualityUpdateRelease?.slice(0, 10) === desired.releaseDate.slice(0, 10);
  return isSameDay && settings?.daysUntilForcedReboot === desired.daysUntilForcedReboot;
}

function isAssigned({ assignments }: Profile, { included, excluded }: DesiredProfile): boolean {
  return (
    !assignments.everyone && sameMembers(assignments.included, included) && sameMembers(assignments.excluded, excluded)
  );
}

function one(id: string): string {
  return `${PROFILES}/${segment(id)}`;
}
