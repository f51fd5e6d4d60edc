import { z } from "zod";
import { clock } from "../clock.js";
import { type Graph, INTUNE } from "./graph.js";
import { bool, created, dateTime, text } from "./lenient.js";
import { carriesTag, type NamedRing, objectDescription, objectName, tagOf } from "./names.js";
import { segment } from "./odata.js";
import { absentWhenMissing, notYet, oldestFirst, sameMembers } from "./settle.js";
import { diff, RING_TYPE, ringProperties, type UpdateRingSettings } from "./update-ring-settings.js";

const CONFIGURATIONS = `${INTUNE}/deviceConfigurations`;
const PURPOSE = "update ring";
const DAY_MS = 86_400_000;
/** A ring pause ends by itself after so many days (autopatch.md §5.6). */
const PAUSE_DAYS = 35;

const ringSchema = z.looseObject({
  id: z.string().min(1),
  displayName: text,
  description: text,
  createdDateTime: dateTime,
  qualityUpdatesPaused: bool,
  qualityUpdatesPauseExpiryDateTime: dateTime,
  qualityUpdatesWillBeRolledBack: bool,
  qualityUpdatesRollbackStartDateTime: dateTime,
});
/** An Intune update ring as it is in the tenant; further properties under their Graph names (graph.md §2.5). */
export type UpdateRing = z.infer<typeof ringSchema>;

const assignmentSchema = z.object({ target: z.object({ "@odata.type": z.string(), groupId: z.string().nullish() }) });
const GROUP = "#microsoft.graph.groupAssignmentTarget";

/**
 * The Intune update ring of a deployment ring, made when absent, its settings and assignment repaired when they deviate
 * (autopatch.md §5.2–5.3). Duplicates are reduced to the oldest.
 */
export async function ensureUpdateRing(
  graph: Graph,
  ring: NamedRing,
  settings: UpdateRingSettings,
): Promise<{ policyId: string }> {
  const [oldest, ...duplicates] = await taggedRings(graph, tagOf(ring, PURPOSE));
  for (const { id } of duplicates) await absentWhenMissing(graph.delete(ringPath(id)));
  const policyId = oldest?.id ?? (await createRing(graph, ring, settings));
  if (oldest !== undefined && diff(settings, oldest).length > 0)
    await change(graph, policyId, ringProperties(settings));
  const deviations = diff(settings, await readUpdateRing(graph, policyId));
  if (deviations.length > 0) throw notYet(`Setting ${deviations[0]?.setting} of update ring ${policyId}`);
  await assignTo(graph, policyId, ring.entraGroupId);
  return { policyId };
}

export function readUpdateRing(graph: Graph, policyId: string): Promise<UpdateRing> {
  return graph.get(ringPath(policyId), { schema: ringSchema });
}

/** Entra groups that an update ring is assigned to. */
export async function readUpdateRingGroups(graph: Graph, policyId: string): Promise<string[]> {
  const found = await graph.list(`${ringPath(policyId)}/assignments`, { schema: assignmentSchema });
  return found.flatMap(({ target }) => (target["@odata.type"] === GROUP ? (target.groupId?.toLowerCase() ?? []) : []));
}

/** Pauses quality updates of the whole ring for 35 days, or ends the pause. */
export async function setQualityPause(graph: Graph, policyId: string, paused: boolean): Promise<void> {
  if ((await readUpdateRing(graph, policyId)).qualityUpdatesPaused === paused) return;
  await change(graph, policyId, { qualityUpdatesPaused: paused });
  const seen = await readUpdateRing(graph, policyId);
  if (seen.qualityUpdatesPaused !== paused) throw notYet(`The pause of update ring ${policyId}`);
}

/** Starts or ends the uninstallation of the latest quality update on the ring's devices (graph.md §7 L4). */
export async function setQualityRollBack(graph: Graph, policyId: string, rolledBack: boolean): Promise<void> {
  if ((await readUpdateRing(graph, policyId)).qualityUpdatesWillBeRolledBack === rolledBack) return;
  await change(graph, policyId, { qualityUpdatesWillBeRolledBack: rolledBack });
  const seen = await readUpdateRing(graph, policyId);
  if (seen.qualityUpdatesWillBeRolledBack !== rolledBack) throw notYet(`The rollback of update ring ${policyId}`);
}

/**
 * Sets a running pause back to 35 days from now. The action is not idempotent (graph.md §6.2): a pause that already
 * lasts that long, give or take an hour, is left alone.
 */
export async function extendQualityPause(graph: Graph, policyId: string): Promise<void> {
  const wanted = clock.now() + PAUSE_DAYS * DAY_MS - DAY_MS / 24;
  if (lastsUntil(await readUpdateRing(graph, policyId)) >= wanted) return;
  await graph.post(`${ringPath(policyId)}/extendQualityUpdatesPause`, {});
  if (lastsUntil(await readUpdateRing(graph, policyId)) < wanted) throw notYet(`Extending the pause of ${policyId}`);
}

function lastsUntil({ qualityUpdatesPauseExpiryDateTime: expiry }: UpdateRing): number {
  // An expiry date without time means the end of that day.
  if (expiry === null) return 0;
  return Date.parse(expiry) + (expiry.length === 10 ? DAY_MS : 0);
}

async function taggedRings(graph: Graph, tag: string): Promise<UpdateRing[]> {
  const query = { $filter: `isof('${RING_TYPE.slice(1)}')` };
  const rings = await graph.list(CONFIGURATIONS, { query, schema: ringSchema });
  return oldestFirst(rings.filter((ring) => carriesTag(ring, tag)));
}

async function createRing(graph: Graph, ring: NamedRing, settings: UpdateRingSettings): Promise<string> {
  const displayName = objectName(ring, PURPOSE);
  const { body } = await graph.post(CONFIGURATIONS, {
    "@odata.type": RING_TYPE,
    displayName,
    description: objectDescription(ring, PURPOSE, `Update settings of deployment ring ${ring.ringName}.`),
    roleScopeTagIds: ["0"],
    ...ringProperties(settings),
  });
  const id = created.safeParse(body).data?.id;
  if (id === undefined) throw notYet(`Update ring "${displayName}"`);
  return id;
}

/** A PATCH has to name the type, and carries one intent only (graph.md §2.5). */
async function change(graph: Graph, policyId: string, properties: Readonly<Record<string, unknown>>): Promise<void> {
  await graph.patch(ringPath(policyId), { "@odata.type": RING_TYPE, ...properties });
}

async function assignTo(graph: Graph, policyId: string, groupId: string): Promise<void> {
  if (sameMembers(await readUpdateRingGroups(graph, policyId), [groupId])) return;
  const target = { "@odata.type": GROUP, groupId };
  const assignments = [{ "@odata.type": "#microsoft.graph.deviceConfigurationAssignment", target }];
  await graph.post(`${ringPath(policyId)}/assign`, { assignments });
  const seen = await readUpdateRingGroups(graph, policyId);
  if (!sameMembers(seen, [groupId])) throw notYet(`The assignment of update ring ${policyId}`);
}

function ringPath(policyId: string): string {
  return `${CONFIGURATIONS}/${segment(policyId)}`;
}
