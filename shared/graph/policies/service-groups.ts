import { z } from "zod";
import { UNIQUE_PREFIX } from "../../groups/directory-names.js";
import type { Collection } from "../batch-read.js";
import type { Graph } from "../graph.js";
import { objectIds, text } from "../lenient.js";
import { literal, segment } from "../odata.js";
import { setOwners } from "../owners.js";
import { absentWhenMissing, sameMembers } from "../settle.js";

const v1 = { version: "v1.0" } as const;
/** Version 1.0 lists no service principals among owners, and the app is one. */
const beta = { version: "beta" } as const;
const SELECTED = { $select: "id,displayName,groupTypes", $expand: "owners($select=id)" } as const;
const DYNAMIC = "DynamicMembership";

const groupSchema = z
  .object({
    id: z.string().transform((id) => id.toLowerCase()),
    displayName: text,
    groupTypes: z.array(z.string()).nullish(),
    /** Object ids; of more than 20 owners Graph shows 20. */
    owners: objectIds,
  })
  .transform(({ groupTypes, ...group }) => ({ ...group, isDynamic: groupTypes?.includes(DYNAMIC) === true }));
/** A directory group as far as its health goes. */
export type HealthGroup = z.infer<typeof groupSchema>;

/**
 * Directory groups that the service made, with their owners: they share the beginning of their mail nickname. Where
 * owners are expanded Graph answers at most 100 groups to a page.
 */
export const SERVICE_GROUPS: Collection<HealthGroup> = {
  path: "/groups",
  query: { $filter: `startswith(mailNickname,${literal(UNIQUE_PREFIX)})`, ...SELECTED, $top: 999 },
  schema: groupSchema,
};

/** One group, undefined when the directory does not have it. */
export function findServiceGroup(graph: Graph, groupId: string): Promise<HealthGroup | undefined> {
  const options = { ...beta, query: SELECTED, schema: groupSchema };
  return absentWhenMissing(graph.get(`/groups/${segment(groupId)}`, options));
}

/** What a directory group of the service should be. */
export interface GroupFacts {
  readonly displayName: string;
  /** Object ids; null when they are not on record and stay as they are. */
  readonly owners: readonly string[] | null;
}

/** Whether a group is as it should be. */
export function isInOrder(group: HealthGroup, { displayName, owners }: GroupFacts): boolean {
  const owned = owners === null || sameMembers(owners, group.owners);
  return owned && group.displayName === displayName && !group.isDynamic;
}

/**
 * Gives a group its display name, members that are assigned, and its owners back. Throws `conflict` when Entra keeps an
 * owner.
 */
export async function resetGroup(graph: Graph, group: HealthGroup, wanted: GroupFacts): Promise<void> {
  const { displayName, owners } = wanted;
  if (group.displayName !== displayName || group.isDynamic) {
    const assigned = group.isDynamic ? { groupTypes: [], membershipRule: null } : {};
    await graph.patch(`/groups/${segment(group.id)}`, { displayName, ...assigned }, v1);
  }
  if (owners !== null) await setOwners(graph, group, owners);
}
