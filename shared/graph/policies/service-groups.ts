import { z } from "zod";
import { UNIQUE_PREFIX } from "../../groups/directory-names.js";
import type { Collection } from "../batch-read.js";
import type { Graph } from "../graph.js";
import { text } from "../lenient.js";
import { literal, segment } from "../odata.js";
import { absentWhenMissing } from "../settle.js";

const v1 = { version: "v1.0" } as const;
const SELECTED = "id,displayName,groupTypes";
const DYNAMIC = "DynamicMembership";

const groupSchema = z
  .object({
    id: z.string().transform((id) => id.toLowerCase()),
    displayName: text,
    groupTypes: z.array(z.string()).nullish(),
  })
  .transform(({ groupTypes, ...group }) => ({ ...group, isDynamic: groupTypes?.includes(DYNAMIC) === true }));
/** A directory group as far as its health goes. */
export type HealthGroup = z.infer<typeof groupSchema>;

/** Directory groups that the service made: they share the beginning of their mail nickname. */
export const SERVICE_GROUPS: Collection<HealthGroup> = {
  path: "/groups",
  query: { $filter: `startswith(mailNickname,${literal(UNIQUE_PREFIX)})`, $select: SELECTED, $top: 999 },
  schema: groupSchema,
};

/** One group, undefined when the directory does not have it. */
export function findServiceGroup(graph: Graph, groupId: string): Promise<HealthGroup | undefined> {
  const query = { $select: SELECTED };
  return absentWhenMissing(graph.get(`/groups/${segment(groupId)}`, { ...v1, query, schema: groupSchema }));
}

/** Gives a group its display name, and members that are assigned, back. */
export async function resetGroup(graph: Graph, group: HealthGroup, displayName: string): Promise<void> {
  const assigned = group.isDynamic ? { groupTypes: [], membershipRule: null } : {};
  await graph.patch(`/groups/${segment(group.id)}`, { displayName, ...assigned }, v1);
}
