import type { Graph } from "../graph/graph.js";
import { tagOf } from "../graph/names.js";
import { ensurePolicy, type NoteAct, removePolicy, renamePolicy } from "../graph/policies/ensure.js";
import { readTenantPolicies, type TenantPolicies } from "../graph/policies/tenant-policies.js";
import type { DesiredPolicy, PolicyKind } from "../graph/policies/types.js";
import type { StoredGroup } from "../groups/store.js";
import { Closing, closeAlert, openAlerts } from "./alerts.js";
import { type BaselineInput, beginBaseline, beginRemoval, completeBaseline, dropBaseline } from "./baseline.js";
import { desiredPolicies } from "./desired.js";
import { RING_PURPOSES, type RingPolicyKind } from "./kinds/ring-context.js";
import { tenantPolicies } from "./kinds/tenant-wide.js";
import { auditWrites } from "./policy-audit.js";

/** Ids of a ring's policies by kind. */
export type RingPolicyIds = Readonly<Partial<Record<PolicyKind, string>>>;

export interface EnsureInput extends BaselineInput {
  /** When the activity was called first, ms: a repeated run writes the same audit entries. */
  readonly at: number;
}

/**
 * Brings every policy of a group to the tenant: what is missing is made, what deviates is repaired, what the group no
 * longer wants (an update type switched off, a ring removed) is deleted. Every write leaves an audit entry that names
 * the service. May be repeated; a group in order costs one call to Graph. Returns the ids by ring and kind.
 */
export async function ensurePolicies(graph: Graph, input: EnsureInput): Promise<Record<string, RingPolicyIds>> {
  const { group, running, allDevicesGroupId, at } = input;
  const baseline = await beginBaseline({ group, running, allDevicesGroupId }, at);
  const tenant = await readTenantPolicies(graph);
  const wanted = desiredPolicies(group, running);
  const ids: Record<string, Partial<Record<PolicyKind, string>>> = {};
  const written = new Set<string>();
  for (const { ring, policy } of wanted) {
    ids[ring] = { ...ids[ring], [policy.kind]: await ensureIn(graph, tenant, policy, at, written) };
  }
  for (const policy of allDevicesGroupId === null ? [] : tenantPolicies(allDevicesGroupId)) {
    await ensureIn(graph, tenant, policy, at, written);
  }
  const kept = new Set(wanted.map(({ policy }) => policy.tag));
  await removeTags(graph, tenant, tagsOf(group, baseline.formerRings), kept, at);
  await completeBaseline(baseline);
  await closeRepaired(written, at);
  return ids;
}

/** What was out of order and is in order now needs no attention any more. */
async function closeRepaired(written: ReadonlySet<string>, at: number): Promise<void> {
  for (const alert of written.size === 0 ? [] : await openAlerts()) {
    if (written.has(alert.id)) await closeAlert(alert, { at, how: Closing.repaired, requestedBy: null });
  }
}

/** Deletes every policy of a group and of rings that it had; those of all devices stay for the other groups. */
export async function removePolicies(graph: Graph, { group, at }: Pick<EnsureInput, "group" | "at">): Promise<void> {
  const baseline = await beginRemoval(group.id, at);
  const formerRings = [
    ...(baseline?.formerRings ?? []),
    ...(baseline?.group.definition.rings ?? []).map((r) => r.name),
  ];
  await removeTags(graph, await readTenantPolicies(graph), tagsOf(group, formerRings), new Set(), at);
  await dropBaseline(group.id);
}

/** Gives every policy of a renamed group its new name (row 4). Missing ones are left to `ensurePolicies`. */
export async function renamePolicies(graph: Graph, input: EnsureInput): Promise<void> {
  const { group, running, allDevicesGroupId, at } = input;
  const baseline = await beginBaseline({ group, running, allDevicesGroupId }, at);
  const tenant = await readTenantPolicies(graph);
  for (const { policy } of desiredPolicies(group, running)) {
    const options = { known: tenant.found(policy.kind), note: auditWrites(policy, at) };
    await renamePolicy(graph, tenant.areaOf(policy.kind), policy, options);
  }
  await completeBaseline(baseline);
}

/**
 * One policy as it should be; returns its id.
 * @param written takes the tag of a policy that was out of order
 */
export function ensureIn(
  graph: Graph,
  tenant: TenantPolicies,
  policy: DesiredPolicy,
  at: number,
  written: Set<string> = new Set(),
): Promise<string> {
  const audited = auditWrites(policy, at);
  const note: NoteAct = (act, policyId) => {
    written.add(policy.tag);
    return audited(act, policyId);
  };
  const options = { known: tenant.found(policy.kind), note };
  return ensurePolicy(graph, tenant.areaOf(policy.kind), policy, options);
}

interface Tagged {
  readonly kind: PolicyKind;
  readonly tag: string;
  readonly name: string;
}

/** Every tag that a policy of the group's rings, present and former, can have. */
function tagsOf(group: StoredGroup, formerRings: readonly string[]): Tagged[] {
  const rings = new Set([...group.definition.rings.map(({ name }) => name), ...formerRings]);
  const kinds = Object.entries(RING_PURPOSES) as [RingPolicyKind, string][];
  return [...rings].flatMap((ringName) =>
    kinds.map(([kind, purpose]) => ({
      kind,
      tag: tagOf({ groupId: group.id, ringName }, purpose),
      name: `${group.definition.name} - ${ringName} ${purpose}`,
    })),
  );
}

async function removeTags(
  graph: Graph,
  tenant: TenantPolicies,
  tags: readonly Tagged[],
  kept: ReadonlySet<string>,
  at: number,
): Promise<void> {
  for (const unwanted of tags.filter(({ tag }) => !kept.has(tag))) {
    const options = { known: tenant.found(unwanted.kind), note: auditWrites(unwanted, at) };
    await removePolicy(graph, tenant.areaOf(unwanted.kind), unwanted.tag, options);
  }
}
