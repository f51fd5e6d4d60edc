import { z } from "zod";
import { AppError } from "../errors.js";
import type { BatchFailure, BatchRequest, Graph } from "./graph.js";
import { segment } from "./odata.js";
import { notYet } from "./settle.js";

const v1 = { version: "v1.0" } as const;
const memberSchema = z.object({ id: z.string().transform((id) => id.toLowerCase()) });
const objectIdSchema = z.guid().transform((id) => id.toLowerCase());

/** Most members that one PATCH of a group may bind (graph.md §3.1). */
const BINDS_PER_STEP = 20;

export interface MembershipResult {
  /** Objects that the directory no longer has; the wave goes on without them. */
  readonly gone: readonly string[];
}

/** Object ids of the direct members of a group, lower-cased. */
export async function listMembers(graph: Graph, groupId: string): Promise<string[]> {
  const query = { $select: "id", $top: 999 };
  const members = await graph.list(`${groupPath(groupId)}/members`, { ...v1, query, schema: memberSchema });
  return members.map(({ id }) => id);
}

/**
 * Adds directory objects to a group: 20 to a step, 20 steps to a batch (graph.md §7 L2). Members already there are
 * success, so repeating it sends only what is missing. Throws `throttled` or `unavailable` when steps have to be
 * repeated, `not_yet_consistent` while the directory does not show all members.
 */
export async function addMembers(
  graph: Graph,
  groupId: string,
  objectIds: readonly string[],
): Promise<MembershipResult> {
  const wanted = validIds(objectIds);
  const before = new Set(await listMembers(graph, groupId));
  const missing = wanted.filter((id) => !before.has(id));
  if (missing.length === 0) return { gone: [] };

  const { gone } = await sendAdditions(graph, groupId, missing);

  const after = new Set(await listMembers(graph, groupId));
  const unseen = missing.filter((id) => !after.has(id) && !gone.includes(id));
  if (unseen.length > 0) throw notYet(`Adding ${unseen.length} of ${wanted.length} members to group ${groupId}`);
  return { gone };
}

/** Removes directory objects from a group; those that are no members are fine. Throws like `addMembers`. */
export async function removeMembers(graph: Graph, groupId: string, objectIds: readonly string[]): Promise<void> {
  const unwanted = new Set(validIds(objectIds));
  const present = (await listMembers(graph, groupId)).filter((id) => unwanted.has(id));
  if (present.length === 0) return;
  await sendRemovals(graph, groupId, present);
  const left = (await listMembers(graph, groupId)).filter((id) => unwanted.has(id));
  if (left.length > 0) throw notYet(`Removing ${left.length} members from group ${groupId}`);
}

/**
 * Adds objects that were seen not to be members, without reading: for callers who know the members and look again
 * themselves. Throws `throttled` or `unavailable` when steps have to be repeated.
 */
export async function sendAdditions(
  graph: Graph,
  groupId: string,
  missing: readonly string[],
): Promise<MembershipResult> {
  const steps = chunks(missing);
  const failed = await graph.batch(
    steps.map((ids) => bindStep(groupId, ids)),
    v1,
  );
  throwIfRepeatable(failed, groupId);
  // A step is all or nothing: one object that is a member already, or is gone, spoils the other nineteen.
  const doubtful = failed.flatMap(({ index }) => steps[index] ?? []);
  return { gone: await addSingly(graph, groupId, doubtful) };
}

/** Removes objects that were seen to be members, without reading. Throws like `sendAdditions`. */
export async function sendRemovals(graph: Graph, groupId: string, present: readonly string[]): Promise<void> {
  // Without /$ref the call would delete the device itself (graph.md §3.1).
  const steps = present.map(
    (id): BatchRequest => ({ method: "DELETE", path: `${groupPath(groupId)}/members/${segment(id)}/$ref` }),
  );
  const failed = (await graph.batch(steps, v1)).filter(({ error }) => error.code !== "not_found");
  throwIfRepeatable(failed, groupId);
  if (failed[0] !== undefined) throw failed[0].error;
}

/** Adds one object per step and returns those that the directory does not have. */
async function addSingly(graph: Graph, groupId: string, objectIds: readonly string[]): Promise<string[]> {
  if (objectIds.length === 0) return [];
  const steps = objectIds.map(
    (id): BatchRequest => ({
      method: "POST",
      path: `${groupPath(groupId)}/members/$ref`,
      body: { "@odata.id": reference(id) },
    }),
  );
  const failed = await graph.batch(steps, v1);
  throwIfRepeatable(failed, groupId);
  // 400 is how the directory says "already a member"; the read that follows tells whether it is.
  const refused = failed.find(({ error }) => error.code !== "not_found" && error.code !== "invalid_input");
  if (refused !== undefined) throw refused.error;
  return failed.filter(({ error }) => error.code === "not_found").flatMap(({ index }) => objectIds[index] ?? []);
}

function bindStep(groupId: string, ids: readonly string[]): BatchRequest {
  return { method: "PATCH", path: groupPath(groupId), body: { "members@odata.bind": ids.map(reference) } };
}

function throwIfRepeatable(failed: readonly BatchFailure[], groupId: string): void {
  const repeatable = failed.filter(({ error }) => error.retryable);
  const longest = Math.max(0, ...repeatable.map(({ error }) => error.retryAfterSeconds ?? 0));
  const first = repeatable[0]?.error;
  if (first === undefined) return;
  const message = `${repeatable.length} steps that change the members of group ${groupId} have to be repeated. ${first.message}`;
  throw new AppError(first.code, message, longest === 0 ? {} : { retryAfterSeconds: longest });
}

function validIds(objectIds: readonly string[]): string[] {
  const parsed = z.array(objectIdSchema).safeParse(objectIds);
  if (parsed.success) return [...new Set(parsed.data)];
  const place = parsed.error.issues[0]?.path[0];
  const message = `Object id number ${Number(place) + 1} of ${objectIds.length} is no GUID. Members are named by the id of their directory object.`;
  throw new AppError("invalid_input", message, { field: `objectIds[${String(place)}]` });
}

function chunks(ids: readonly string[]): string[][] {
  const count = Math.ceil(ids.length / BINDS_PER_STEP);
  return Array.from({ length: count }, (_, at) => ids.slice(at * BINDS_PER_STEP, (at + 1) * BINDS_PER_STEP));
}

function groupPath(groupId: string): string {
  return `/groups/${segment(groupId)}`;
}

/** How a write names a directory object. */
export function reference(objectId: string): string {
  return `https://graph.microsoft.com/v1.0/directoryObjects/${objectId}`;
}
