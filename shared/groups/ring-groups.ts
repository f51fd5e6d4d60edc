import type { Graph } from "../graph/graph.js";
import { groupsWhere } from "../graph/group-facts.js";
import { ensureGroup } from "../graph/groups.js";
import { addMembers } from "../graph/members.js";
import { type EnsuredGroup, ensureServiceGroups } from "../graph/service-groups.js";
import { notYet } from "../graph/settle.js";
import { ALL_DEVICES_GROUP, displayPrefix, parentGroup, ringGroup } from "./directory-names.js";
import { GroupStatus, type StoredGroup } from "./store.js";

/** The directory groups of an Autopatch group as they are in the tenant. */
export interface RingGroups {
  /** Entra group by ring. */
  readonly rings: ReadonlyMap<string, string>;
  readonly parentGroupId: string;
  readonly allDevicesGroupId: string;
  /** Owners of the ring groups and their parent by Entra group, as Graph shows them now. */
  readonly owners: ReadonlyMap<string, readonly string[]>;
  /** ms; when the youngest was made, for policies may name it only some time later. Null when unknown. */
  readonly youngestAt: number | null;
  /** Display names of those made or renamed now. */
  readonly written: readonly string[];
}

/**
 * Makes, renames or finds the Entra group of every ring (autopatch.md §2.6, row 19), their parent and the group of all
 * devices, and nests them. May be repeated; throws `not_yet_consistent` while the directory lags.
 */
export async function ringGroupsInTenant(graph: Graph, group: StoredGroup): Promise<RingGroups> {
  const parent = parentGroup(group);
  const wanted = group.definition.rings.map(({ name }) => ({ name, spec: ringGroup(group, name) }));
  const specs = [...wanted.map(({ spec }) => spec), parent];
  const { groups, written } = await ensureServiceGroups(graph, displayPrefix(group), specs);
  const rings = new Map(wanted.map(({ name, spec }) => [name, found(groups, spec.uniqueName).groupId]));
  const allDevicesGroupId = (await ensureGroup(graph, ALL_DEVICES_GROUP)).groupId.toLowerCase();
  const parentGroupId = found(groups, parent.uniqueName).groupId;
  for (const outer of [parentGroupId, allDevicesGroupId]) await nest(graph, outer, [...rings.values()]);
  const ages = [...groups.values()].map(({ createdAt }) => (createdAt === null ? Number.NaN : Date.parse(createdAt)));
  const youngestAt = ages.some(Number.isNaN) ? null : Math.max(...ages);
  const owners = new Map([...groups.values()].map((each) => [each.groupId, each.owners]));
  return { rings, parentGroupId, allDevicesGroupId, owners, youngestAt, written };
}

function found(groups: ReadonlyMap<string, EnsuredGroup>, uniqueName: string): EnsuredGroup {
  const group = groups.get(uniqueName);
  if (group === undefined) throw notYet(`Group "${uniqueName}"`);
  return group;
}

async function nest(graph: Graph, outer: string, inner: readonly string[]): Promise<void> {
  const { gone } = await addMembers(graph, outer, inner);
  if (gone.length > 0) throw notYet(`Group ${gone[0]}`);
}

/**
 * Autopatch groups of which a directory group is lost or renamed; one call to Graph for up to 15 directory groups.
 * Groups that are not active are left out.
 */
export async function groupsToRestore(graph: Graph, groups: readonly StoredGroup[]): Promise<string[]> {
  const expected = groups.flatMap((group) => {
    if (group.status !== GroupStatus.active || group.parentGroupId === undefined) return [];
    const rings = group.definition.rings.map(({ name }) => ({
      groupId: group.id,
      id: group.bindings[name]?.entraGroupId,
      displayName: ringGroup(group, name).displayName,
    }));
    return [...rings, { groupId: group.id, id: group.parentGroupId, displayName: parentGroup(group).displayName }];
  });
  const facts = await groupsWhere(
    graph,
    "id",
    expected.flatMap(({ id }) => id ?? []),
  );
  const names = new Map(facts.map(({ id, displayName }) => [id, displayName]));
  const wrong = expected.filter(
    ({ id, displayName }) => id === undefined || names.get(id.toLowerCase()) !== displayName,
  );
  return [...new Set(wrong.map(({ groupId }) => groupId))];
}

/** The record with what is in the tenant; the same object when nothing changed. */
export function withRingGroups(group: StoredGroup, made: RingGroups): StoredGroup {
  const { parentGroupId, allDevicesGroupId } = made;
  const bindings = { ...group.bindings };
  for (const [ring, entraGroupId] of made.rings) bindings[ring] = { ...bindings[ring], entraGroupId };
  const after = { ...group, bindings, parentGroupId, allDevicesGroupId, owners: firstOwners(group, made) };
  return JSON.stringify(after) === JSON.stringify(group) ? group : after;
}

/** Whoever owned a group when it was seen first stays its owner on record, so that later ones count as altered. */
function firstOwners({ owners = {} }: StoredGroup, made: RingGroups): Record<string, string[]> {
  const first = [...made.owners].map(([id, found]) => [id, owners[id] ?? [...found].sort()] as const);
  return Object.fromEntries(first.filter(([, ids]) => ids.length > 0));
}
