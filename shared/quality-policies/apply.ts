import { SERVICE } from "../access/roles.js";
import { audit } from "../audit/audit.js";
import { AppError } from "../errors.js";
import type { Graph } from "../graph/graph.js";
import { cut, MAX_NAME as MAX_TENANT_NAME, tagOf } from "../graph/names.js";
import { backendOf } from "../graph/offering/offering.js";
import type { PolicyBackend, PolicyRef, PolicySpec } from "../graph/offering/types.js";
import { sameMembers } from "../graph/settle.js";
import { listGroups, type StoredGroup } from "../groups/store.js";
import { inTurn } from "../in-turn.js";
import { approvalsOf } from "./category.js";
import { leaveOutOfRings } from "./governed.js";
import { type Decision, isUntold, MAX_DESCRIPTION, type QualityPolicy } from "./policy.js";
import { changeQualityPolicy, listQualityPolicies, removeQualityPolicy } from "./store.js";
import { entraGroupsOf } from "./targets.js";

/** Twelve hex digits by which a policy is found in the tenant; no Autopatch group has an empty id. */
export function policyTag(policyId: string): string {
  return tagOf({ groupId: "", ringName: policyId }, "quality update policy");
}

/** What is to be brought to the tenant: what decisions have changed, or also what was changed in the tenant by hand. */
export const Scope = { due: "due", all: "all" } as const;
export type Scope = (typeof Scope)[keyof typeof Scope];

/** Whether a run would find anything to do. @param now ms */
export async function hasQualityPolicyWork(now: number, scope: Scope): Promise<boolean> {
  return (await listQualityPolicies()).some((policy) => scope === Scope.all || isDue(policy, now));
}

/**
 * Brings policies with assignments and decisions to the tenant, and removes those that were deleted a day ago (graph.md
 * §1.9, §2.2). What is in order is not touched; a policy that somebody changes meanwhile stays pending. What keeps one from
 * it keeps no other. May run twice. @param now ms
 */
export async function applyQualityPolicies(graph: Graph, now: number, scope: Scope): Promise<void> {
  const work = (await listQualityPolicies()).filter((policy) => scope === Scope.all || isDue(policy, now));
  if (work.length === 0) return;
  const [backend, groups] = [await backendOf(graph), await listGroups()];
  // Rings let go of devices before a policy takes them, so that none gets from its ring what the policy holds back.
  if (work.some((policy) => movesDevices(policy, now))) await leaveOutOfRings(graph);
  await inTurn(work.map((policy) => () => broughtOrNoted(backend, policy, { groups, now })));
}

/** What keeps a policy from the tenant shows in it, for people. */
async function broughtOrNoted(backend: PolicyBackend, policy: QualityPolicy, estate: Estate): Promise<void> {
  try {
    await bring(backend, policy, estate);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const problem = error.message;
    await changeQualityPolicy(policy.id, (present) =>
      present.problem === problem ? present : { ...present, problem },
    );
    throw error;
  }
}

function isDue(policy: QualityPolicy, now: number): boolean {
  return movesDevices(policy, now) || isOver(policy, now) || policy.decisions.some((each) => isUntold(each, now));
}

/** Whether devices may have come to the policy, or have left it for good. */
function movesDevices({ pending, leaving }: QualityPolicy, now: number): boolean {
  return pending || leaving.some(({ until }) => until <= now);
}

/** Whether the policy was deleted and nobody is enrolled in it any more. */
function isOver({ deletedAt, leaving }: QualityPolicy, now: number): boolean {
  return deletedAt !== null && leaving.every(({ until }) => until <= now);
}

interface Estate {
  readonly groups: readonly StoredGroup[];
  readonly now: number;
}

async function bring(backend: PolicyBackend, policy: QualityPolicy, estate: Estate): Promise<void> {
  const { id } = policy;
  const { now } = estate;
  if (isOver(policy, now)) {
    await backend.removePolicies(policyTag(id));
    await note(policy, "qualityPolicy.remove", now, { name: policy.name });
    await removeQualityPolicy(id);
    return;
  }
  const included = entraGroupsOf(
    policy.assignments.map(({ to }) => to),
    estate.groups,
  );
  const ref = await backend.ensurePolicy(specOf(policy, included));
  await assign(backend, ref, included);
  const told = policy.decisions.filter((decision) => isUntold(decision, now));
  for (const { catalogEntryId, status } of told) {
    await backend.approve(ref.policyId, catalogEntryId, status === "paused" ? "suspended" : "approved");
  }
  if (policy.pending || told.length > 0) {
    const updates = Object.fromEntries(told.map(({ shortName, status }) => [shortName, status]));
    await note(policy, "qualityPolicy.apply", now, { name: policy.name, tenantId: ref.policyId, included, updates });
  }
  await settle(policy, told, now);
}

function specOf(policy: QualityPolicy, included: readonly string[]): PolicySpec {
  const { id, name, description, hotpatch, categories } = policy;
  const tag = policyTag(id);
  const end = ` [${tag}]`;
  const said = `${description}${description === "" ? "" : " "}Kept by Ringmaster: changes made by hand are undone.`;
  return {
    ...{ tag, hotpatch, approvals: approvalsOf(categories), assignment: { included, excluded: [] } },
    name: cut(name, MAX_TENANT_NAME - end.length) + end,
    description: cut(said, MAX_DESCRIPTION - end.length) + end,
  };
}

async function assign(backend: PolicyBackend, ref: PolicyRef, included: readonly string[]): Promise<void> {
  const found = await backend.assignment(ref);
  if (sameMembers(found.included, included) && found.excluded.length === 0) return;
  await backend.assign(ref, { included, excluded: [] });
}

/** Says that a policy is in the tenant as it was read. */
async function settle(applied: QualityPolicy, told: readonly Decision[], now: number): Promise<void> {
  if (!isDue(applied, now) && applied.problem === null) return;
  const leaving = applied.leaving.filter(({ until }) => until > now);
  await changeQualityPolicy(applied.id, (present) => {
    if (JSON.stringify(present) !== JSON.stringify(applied)) return present;
    const decisions = applied.decisions.map((decision) =>
      told.includes(decision) ? { ...decision, inTenant: decision.status } : decision,
    );
    return { ...applied, decisions, leaving, pending: false, problem: null };
  });
}

/** What was brought to the tenant is in the audit log under the service's name. */
async function note(
  { id }: QualityPolicy,
  action: string,
  at: number,
  evidence: Readonly<Record<string, unknown>>,
): Promise<void> {
  await audit({ at, actor: SERVICE, action, target: `quality-policy/${id}`, evidence, key: id });
}
