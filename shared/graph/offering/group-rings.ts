import { z } from "zod";
import type { Graph } from "../graph.js";
import { bool, created, named } from "../lenient.js";
import { segment } from "../odata.js";
import { absentWhenMissing, notYet, oldestFirst, sameMembers } from "../settle.js";
import { refusedUntilReplicated } from "./replication.js";
import type { Assignment, PolicySpec } from "./types.js";

const NAMESPACE = "#microsoft.graph.windowsUpdates";

export const groupsSchema = z
  .object({ assignments: z.array(z.object({ groupId: z.string().transform((id) => id.toLowerCase()) })).nullish() })
  .nullish()
  .transform((value) => (value?.assignments ?? []).map(({ groupId }) => groupId));

const ringSchema = z
  .object({
    ...named,
    deferralInDays: z.number().nullish(),
    isPaused: bool,
    isHotpatchEnabled: bool,
    includedGroupAssignment: groupsSchema,
    excludedGroupAssignment: groupsSchema,
  })
  .transform(({ includedGroupAssignment: included, excludedGroupAssignment: excluded, ...ring }) => ({
    ...ring,
    assignment: { included, excluded },
  }));
export type PolicyRing = z.infer<typeof ringSchema>;

/** What a write of a ring names; a PATCH repeats all of it, the service requires most of it (graph.md §1.9). */
type RingContent = Pick<PolicyRing, "displayName" | "description" | "isHotpatchEnabled" | "assignment">;

export function readRing(graph: Graph, policyPath: string, ringId: string): Promise<PolicyRing> {
  return graph.get(ringPath(policyPath, ringId), { schema: ringSchema });
}

/** The policy's one ring: made when absent, the oldest kept of several, deferral, pause and hotpatch repaired. */
export async function ensureRing(graph: Graph, policyPath: string, spec: PolicySpec): Promise<string> {
  const rings = oldestFirst(await graph.list(`${policyPath}/rings`, { schema: ringSchema }));
  const [oldest, ...duplicates] = rings;
  for (const { id } of duplicates) await absentWhenMissing(graph.delete(ringPath(policyPath, id)));
  if (oldest === undefined) return createRing(graph, policyPath, spec);
  if (!inOrder(oldest, spec)) {
    await writeRing(graph, policyPath, oldest.id, { ...oldest, isHotpatchEnabled: spec.hotpatch });
    if (!inOrder(await readRing(graph, policyPath, oldest.id), spec)) throw notYet(`The ring of policy "${spec.name}"`);
  }
  return oldest.id;
}

/** Replaces the groups of a ring and reads them back. */
export async function assignRing(
  graph: Graph,
  policyPath: string,
  ringId: string,
  assignment: Assignment,
): Promise<void> {
  const ring = await readRing(graph, policyPath, ringId);
  const write = writeRing(graph, policyPath, ringId, { ...ring, assignment: lists(assignment) });
  await refusedUntilReplicated(write, () => readRing(graph, policyPath, ringId));
  const seen = (await readRing(graph, policyPath, ringId)).assignment;
  if (!sameAssignment(seen, assignment)) throw notYet(`The assignment of ring "${ring.displayName ?? ringId}"`);
}

async function createRing(graph: Graph, policyPath: string, spec: PolicySpec): Promise<string> {
  const content = {
    displayName: spec.name,
    description: spec.description,
    isHotpatchEnabled: spec.hotpatch,
    assignment: lists(spec.assignment),
  };
  let id: string | undefined;
  const write = graph.post(`${policyPath}/rings`, ringBody(content)).then(({ body }) => {
    id = created.safeParse(body).data?.id;
  });
  await refusedUntilReplicated(write, () => graph.list(`${policyPath}/rings`, { schema: ringSchema }));
  const seen = id === undefined ? undefined : await absentWhenMissing(readRing(graph, policyPath, id));
  if (id === undefined || seen === undefined || !inOrder(seen, spec)) throw notYet(`The ring of policy "${spec.name}"`);
  return id;
}

async function writeRing(graph: Graph, policyPath: string, ringId: string, content: RingContent): Promise<void> {
  await graph.patch(ringPath(policyPath, ringId), ringBody(content));
}

function ringBody({ displayName, description, isHotpatchEnabled, assignment }: RingContent): Record<string, unknown> {
  return {
    "@odata.type": `${NAMESPACE}.qualityUpdateRing`,
    displayName: displayName ?? "",
    description: description ?? "",
    // The release's own schedule meters the offer; a deferral here would come on top of it.
    deferralInDays: 0,
    isPaused: false,
    isHotpatchEnabled,
    includedGroupAssignment: groups("included", assignment.included),
    excludedGroupAssignment: groups("excluded", assignment.excluded),
  };
}

/** An empty list is sent as such: an omitted one is not the same (graph.md §1.9). */
function groups(kind: "included" | "excluded", ids: readonly string[]): Record<string, unknown> {
  return { "@odata.type": `${NAMESPACE}.${kind}GroupAssignment`, assignments: ids.map((groupId) => ({ groupId })) };
}

function inOrder(ring: PolicyRing, spec: PolicySpec): boolean {
  return !ring.isPaused && (ring.deferralInDays ?? 0) === 0 && ring.isHotpatchEnabled === spec.hotpatch;
}

function sameAssignment(left: Assignment, right: Assignment): boolean {
  return sameMembers(left.included, right.included) && sameMembers(left.excluded, right.excluded);
}

function lists({ included, excluded }: Assignment): { included: string[]; excluded: string[] } {
  return { included: [...included], excluded: [...excluded] };
}

function ringPath(policyPath: string, ringId: string): string {
  return `${policyPath}/rings/${segment(ringId)}`;
}
