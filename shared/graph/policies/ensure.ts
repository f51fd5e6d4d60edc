import type { Graph } from "../graph.js";
import { carriesTag } from "../names.js";
import { refusedUntilReplicated } from "../offering/replication.js";
import { absentWhenMissing, notYet, oldestFirst, sameMembers } from "../settle.js";
import { mayBeDone } from "../watched.js";
import { deviations } from "./deviations.js";
import { assignedGroups, type DesiredPolicy, type FoundPolicy, type PolicyArea } from "./types.js";

/** What was done to a policy in the tenant. */
export const PolicyAct = { create: "create", change: "change", assign: "assign", delete: "delete" } as const;
export type PolicyAct = (typeof PolicyAct)[keyof typeof PolicyAct];

/**
 * Hears of every write: once Graph accepted it, and also when the answer was lost and it may have been carried out.
 * `policyId` is null for a policy whose creation did not tell its id.
 */
export type NoteAct = (act: PolicyAct, policyId: string | null) => Promise<void>;

export interface EnsureOptions {
  /** The collection as it was just listed; default: it is listed now. */
  readonly known?: readonly FoundPolicy[];
  readonly note?: NoteAct;
}

/**
 * The one policy that carries the tag: made when absent, its values and assignment repaired when they deviate,
 * duplicates reduced to the oldest (graph.md §6.2). In order, it is not touched. Returns its id; throws
 * `not_yet_consistent` while a write does not show.
 */
export async function ensurePolicy(
  graph: Graph,
  area: PolicyArea,
  policy: DesiredPolicy,
  { known, note = async () => {} }: EnsureOptions = {},
): Promise<string> {
  const kept = await keepOldest(graph, area, policy, known ?? (await area.list(graph)), note);
  const settled =
    kept === undefined ? await create(graph, area, policy, note) : await repair(graph, area, policy, kept, note);
  if (!isAssigned(settled, policy)) await assign(graph, area, policy, settled.id, note);
  return settled.id;
}

/** Gives the policy the name and description wanted; one that is missing is left so. */
export async function renamePolicy(
  graph: Graph,
  area: PolicyArea,
  policy: DesiredPolicy,
  { known, note = async () => {} }: EnsureOptions = {},
): Promise<void> {
  const [found] = tagged(known ?? (await area.list(graph)), policy.tag);
  if (found === undefined || found.displayName === policy.name) return;
  await noted(area.change(graph, found.id, policy), note, PolicyAct.change, found.id);
  if ((await area.read(graph, found.id)).displayName !== policy.name)
    throw notYet(`The name of policy "${policy.name}"`);
}

/** Removes every policy with the tag; none is fine. */
export async function removePolicy(
  graph: Graph,
  area: PolicyArea,
  tag: string,
  { known, note = async () => {} }: EnsureOptions = {},
): Promise<void> {
  for (const { id } of tagged(known ?? (await area.list(graph)), tag)) await remove(graph, area, id, note);
}

/** Policies that carry the tag, oldest first. */
export function tagged(policies: readonly FoundPolicy[], tag: string): FoundPolicy[] {
  return oldestFirst(policies.filter((policy) => carriesTag(policy, tag)));
}

/** Whether a policy reaches its Entra groups and nobody else, and leaves out whom it should. */
export function isAssigned(found: FoundPolicy, policy: DesiredPolicy): boolean {
  const { excludedGroupIds = [], mayLeaveOut = false } = policy;
  const isLeftOut = mayLeaveOut || sameMembers(found.excluded, excludedGroupIds);
  return !found.everyone && isLeftOut && sameMembers(found.included, assignedGroups(policy));
}

/** A policy that deviates in what cannot be changed is none that could be kept. */
async function keepOldest(
  graph: Graph,
  area: PolicyArea,
  policy: DesiredPolicy,
  known: readonly FoundPolicy[],
  note: NoteAct,
): Promise<FoundPolicy | undefined> {
  const hopeless = (found: FoundPolicy) =>
    deviations(policy.values, found.values).some(({ setting }) => area.fixed.includes(setting));
  const candidates = tagged(known, policy.tag);
  const kept = candidates.find((found) => !hopeless(found));
  for (const { id } of candidates.filter((found) => found !== kept)) await remove(graph, area, id, note);
  return kept;
}

async function create(graph: Graph, area: PolicyArea, policy: DesiredPolicy, note: NoteAct): Promise<FoundPolicy> {
  const id = await noted(area.create(graph, policy), note, PolicyAct.create, null);
  if (id === undefined) throw notYet(`Policy "${policy.name}"`);
  return readBack(graph, area, policy, id);
}

async function repair(
  graph: Graph,
  area: PolicyArea,
  policy: DesiredPolicy,
  found: FoundPolicy,
  note: NoteAct,
): Promise<FoundPolicy> {
  // People may rename policies (autopatch.md §10.2); the tag finds them.
  if (deviations(policy.values, found.values).length === 0) return found;
  await noted(area.change(graph, found.id, policy), note, PolicyAct.change, found.id);
  return readBack(graph, area, policy, found.id);
}

async function readBack(graph: Graph, area: PolicyArea, policy: DesiredPolicy, id: string): Promise<FoundPolicy> {
  const seen = await absentWhenMissing(area.read(graph, id));
  if (seen === undefined) throw notYet(`Policy "${policy.name}"`);
  const [deviation] = deviations(policy.values, seen.values);
  if (deviation !== undefined) throw notYet(`Setting ${deviation.setting} of policy "${policy.name}"`);
  return seen;
}

async function assign(graph: Graph, area: PolicyArea, policy: DesiredPolicy, id: string, note: NoteAct): Promise<void> {
  const { excludedGroupIds = [] } = policy;
  const write = noted(area.assign(graph, id, assignedGroups(policy), excludedGroupIds), note, PolicyAct.assign, id);
  await refusedUntilReplicated(write, () => area.read(graph, id));
  if (!isAssigned(await area.read(graph, id), policy)) throw notYet(`The assignment of policy "${policy.name}"`);
}

async function remove(graph: Graph, area: PolicyArea, id: string, note: NoteAct): Promise<void> {
  await absentWhenMissing(noted(area.remove(graph, id), note, PolicyAct.delete, id));
}

async function noted<T>(write: Promise<T>, note: NoteAct, act: PolicyAct, policyId: string | null): Promise<T> {
  try {
    const done = await write;
    await note(act, typeof done === "string" ? done : policyId);
    return done;
  } catch (error) {
    if (mayBeDone(error)) await note(act, policyId);
    throw error;
  }
}
