import { z } from "zod";
import { AppError } from "../errors.js";
import type { Graph } from "./graph.js";
import { dateTime, text } from "./lenient.js";
import { literal, segment } from "./odata.js";
import { absentWhenMissing } from "./settle.js";

const v1 = { version: "v1.0" } as const;

const groupSchema = z.object({
  id: z.string().min(1),
  displayName: text,
  createdDateTime: dateTime,
});

export interface DirectoryGroup {
  readonly groupId: string;
  /** ISO; when the directory made it. Policies may name it 30 s later (graph.md §1.9). Null when unknown. */
  readonly createdAt: string | null;
}

export interface GroupSpec {
  /** Alternate key, unique in the tenant: letters, digits and hyphens, at most 64. */
  readonly uniqueName: string;
  readonly displayName: string;
  readonly description: string;
}

/**
 * The security group with this unique name, made when it does not exist; repeating it never makes a second one
 * (graph.md §6.2). Throws `not_yet_consistent` while the directory does not show the new group.
 */
export async function ensureGroup(graph: Graph, spec: GroupSpec): Promise<DirectoryGroup> {
  const existing = await findGroup(graph, spec.uniqueName);
  if (existing !== undefined) return existing;
  const { uniqueName, displayName, description } = spec;
  const body = { displayName, description, mailEnabled: false, mailNickname: uniqueName, securityEnabled: true };
  await graph.patch(keyPath(uniqueName), body, { ...v1, headers: { Prefer: "create-if-missing" } });
  const made = await findGroup(graph, uniqueName);
  if (made !== undefined) return made;
  const message = `The directory accepted group ${displayName} but does not show it yet. It is looked for again.`;
  throw new AppError("not_yet_consistent", message, { retryAfterSeconds: 5 });
}

/** The group with this unique name, undefined when there is none. */
async function findGroup(graph: Graph, uniqueName: string): Promise<DirectoryGroup | undefined> {
  const query = { $select: "id,displayName,createdDateTime" };
  const found = await absentWhenMissing(graph.get(keyPath(uniqueName), { ...v1, query, schema: groupSchema }));
  return found === undefined ? undefined : { groupId: found.id, createdAt: found.createdDateTime };
}

/** Ids of all groups whose display name begins with the prefix. */
export async function groupsNamed(graph: Graph, prefix: string): Promise<string[]> {
  const query = { $filter: `startswith(displayName,${literal(prefix)})`, $select: "id,displayName" };
  const groups = await graph.list("/groups", { ...v1, query, schema: groupSchema });
  // Deleting follows, so the service's own reading of the filter is not enough.
  return groups.filter((group) => group.displayName?.startsWith(prefix) === true).map((group) => group.id);
}

/** Deletes a group; one that is gone already is fine. */
export async function deleteGroup(graph: Graph, groupId: string): Promise<void> {
  await absentWhenMissing(graph.delete(`/groups/${segment(groupId)}`, v1));
}

function keyPath(uniqueName: string): string {
  return `/groups(uniqueName=${literal(uniqueName)})`;
}
