import type { Graph } from "../../../../shared/graph/graph.js";
import { defaultGroup } from "../../../../shared/groups/defaults.js";
import type { AutopatchGroup } from "../../../../shared/groups/group.js";
import type { StoredGroup } from "../../../../shared/groups/store.js";
import { MemoryTable } from "../../../../shared/store/memory-table.js";
import type { Table } from "../../../../shared/store/table.js";
import type { TestTenant } from "../../infra/local/tenant/support.js";

/** Tables by name (clear them before each test), and the Graph that the product sees; the test file mocks both in. */
export const tables = new Map<string, Table>();
export const graphOf: { current: Graph | undefined } = { current: undefined };

export async function table(name: string): Promise<Table> {
  const found = tables.get(name) ?? new MemoryTable();
  tables.set(name, found);
  return found;
}

/** How devices reach the rings of a test's group. */
export interface Sources {
  readonly assigned?: Readonly<Record<string, string>>;
  readonly dynamic?: Readonly<Record<string, number>>;
  readonly pool?: readonly string[];
  /** Update types in which the group differs from the defaults. */
  readonly manages?: Partial<AutopatchGroup["updateTypes"]>;
}

/** An Autopatch group of the five default rings with these sources, and empty ring groups in the tenant. */
export async function autopatchGroup(test: TestTenant, id: string, sources: Sources): Promise<StoredGroup> {
  const { writeGroup } = await import("../../../../shared/groups/store.js");
  const bindings: Record<string, { entraGroupId: string }> = {};
  const definition = definitionOf(id, sources);
  for (const { name } of definition.rings) {
    bindings[name] = { entraGroupId: await test.group(`${id}-${name}`) };
  }
  const group: StoredGroup = { id, definition, status: "active", bindings } as StoredGroup;
  await writeGroup(group);
  return group;
}

export function definitionOf(
  name: string,
  { assigned = {}, dynamic = {}, pool = [], manages }: Sources,
): AutopatchGroup {
  const group = defaultGroup(name);
  const rings = group.rings.map((ring) => ({
    ...ring,
    distribution: {
      ...(assigned[ring.name] === undefined ? {} : { assignedGroupId: assigned[ring.name] }),
      ...(dynamic[ring.name] === undefined ? {} : { dynamicPercent: dynamic[ring.name] }),
    },
  }));
  const updateTypes = { ...group.updateTypes, ...manages };
  return { ...group, rings, updateTypes, dynamicGroupIds: [...pool] } as AutopatchGroup;
}

/** Device objects in each ring's group, sorted, by ring name. */
export async function ringMembers(test: TestTenant, group: StoredGroup): Promise<Record<string, string[]>> {
  const members: Record<string, string[]> = {};
  for (const [ring, { entraGroupId }] of Object.entries(group.bindings)) {
    const answer = await test.get(`/v1.0/groups/${entraGroupId}/members?$select=id&$top=999`);
    members[ring] = (answer.json.value as { id: string }[]).map(({ id }) => id).sort();
  }
  return members;
}

/** Fills the rings of a group until a look finds nothing to change, as the orchestration does. */
export async function fillAll(test: TestTenant, groupId: string): Promise<number> {
  const { fillRings } = await import("../../../../shared/registration/fill.js");
  for (let looks = 1; looks < 50; looks++) {
    const { added, removed } = await fillRings(groupId);
    if (added + removed === 0) return looks;
    test.pass(15);
  }
  throw new Error("The rings did not come to rest.");
}

/** Adds and removes a member by hand. */
export async function addByHand(test: TestTenant, group: string, objectId: string): Promise<void> {
  const body = { "@odata.id": `https://graph.microsoft.com/v1.0/directoryObjects/${objectId}` };
  const { status } = await test.post(`/v1.0/groups/${group}/members/$ref`, body);
  if (status !== 204) throw new Error(`Adding ${objectId} answered ${status}.`);
}

export async function removeByHand(test: TestTenant, group: string, objectId: string): Promise<void> {
  const { status } = await test.call("DELETE", `/v1.0/groups/${group}/members/${objectId}/$ref`);
  if (status !== 204) throw new Error(`Removing ${objectId} answered ${status}.`);
}
