import { z } from "zod";
import type { Graph } from "./graph.js";
import type { DirectoryGroup, GroupSpec } from "./groups.js";
import { dateTime, objectIds, text } from "./lenient.js";
import { literal } from "./odata.js";
import { notYet } from "./settle.js";

const v1 = { version: "v1.0" } as const;
/** Version 1.0 lists no service principals among owners, and the app is one. */
const beta = { version: "beta" } as const;

const groupSchema = z.object({
  id: z.string().transform((id) => id.toLowerCase()),
  displayName: text,
  uniqueName: text,
  createdDateTime: dateTime,
  owners: objectIds,
});
type Found = z.infer<typeof groupSchema>;

export interface EnsuredGroup extends DirectoryGroup {
  /** Object ids, lower-cased. Who makes a group becomes its owner (graph.md §8). */
  readonly owners: readonly string[];
}

export interface EnsuredGroups {
  /** By unique name. */
  readonly groups: ReadonlyMap<string, EnsuredGroup>;
  /** Display names of those that were made or renamed. */
  readonly written: readonly string[];
}

/**
 * Security groups by their unique names: made when missing, renamed when their display name differs. All display names
 * begin with `prefix`, so that groups in order cost one call. Throws `not_yet_consistent` while the directory does not
 * show what was written.
 */
export async function ensureServiceGroups(
  graph: Graph,
  prefix: string,
  specs: readonly GroupSpec[],
): Promise<EnsuredGroups> {
  const before = await named(graph, prefix);
  const wrong = specs.filter((spec) => !isInOrder(spec, before));
  for (const { uniqueName, displayName, description } of wrong) {
    const body = { displayName, description, mailEnabled: false, mailNickname: uniqueName, securityEnabled: true };
    const path = `/groups(uniqueName=${literal(uniqueName)})`;
    // Makes the group or changes the one there is; repeated, it never makes a second one (graph.md §6.2).
    await graph.patch(path, body, { ...v1, headers: { Prefer: "create-if-missing" } });
  }
  const after = wrong.length === 0 ? before : await named(graph, prefix);
  const unseen = specs.find((spec) => !isInOrder(spec, after));
  if (unseen !== undefined) throw notYet(`Group "${unseen.displayName}"`);
  const groups = specs.flatMap(({ uniqueName }) => {
    const found = after.get(uniqueName);
    return found === undefined ? [] : [[uniqueName, ensured(found)] as const];
  });
  return { groups: new Map(groups), written: wrong.map(({ displayName }) => displayName) };
}

function ensured({ id, createdDateTime, owners }: Found): EnsuredGroup {
  return { groupId: id, createdAt: createdDateTime, owners };
}

function isInOrder({ uniqueName, displayName }: GroupSpec, found: ReadonlyMap<string, Found>): boolean {
  return found.get(uniqueName)?.displayName === displayName;
}

async function named(graph: Graph, prefix: string): Promise<Map<string, Found>> {
  const $filter = `startswith(displayName,${literal(prefix)})`;
  const $select = "id,displayName,uniqueName,createdDateTime";
  const query = { $filter, $select, $expand: "owners($select=id)", $top: 999 };
  const found = await graph.list("/groups", { ...beta, query, schema: groupSchema });
  return new Map(found.flatMap((group) => (group.uniqueName === null ? [] : [[group.uniqueName, group] as const])));
}
