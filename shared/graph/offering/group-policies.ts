import { z } from "zod";
import { AppError } from "../../errors.js";
import { type Graph, UPDATES } from "../graph.js";
import { created, named } from "../lenient.js";
import { carriesTag } from "../names.js";
import { segment } from "../odata.js";
import { absentWhenMissing, notYet, oldestFirst } from "../settle.js";
import { approvalRules, automatic, rulesSchema, sameApprovals } from "./category-approvals.js";
import { approvalStatus, approveInPolicy, suspendAll } from "./group-approvals.js";
import { assignRing, ensureRing, readRing } from "./group-rings.js";
import type { PolicyBackend, PolicyRef, PolicySpec } from "./types.js";

const POLICIES = `${UPDATES}/policies`;

const policySchema = z.object({ ...named, approvalRules: rulesSchema });
type Policy = z.infer<typeof policySchema>;

/** Metering by quality update policies that target Entra groups (graph.md §1.9, §7 L1–L4). */
export function groupPolicies(graph: Graph): PolicyBackend {
  return {
    model: "policies",
    async ensurePolicy(spec) {
      const existing = await keepOldest(graph, spec.tag);
      const policyId = existing?.id ?? (await createPolicy(graph, spec));
      if (existing !== undefined && !inOrder(existing, spec)) await repair(graph, existing.id, spec);
      return { policyId, ringId: await ensureRing(graph, policyPath(policyId), spec) };
    },
    async removePolicies(tag) {
      for (const { id } of await tagged(graph, tag)) await removePolicy(graph, id);
    },
    async assignment(ref) {
      return (await readRing(graph, policyPath(ref.policyId), ringIdOf(ref))).assignment;
    },
    assign: (ref, assignment) => assignRing(graph, policyPath(ref.policyId), ringIdOf(ref), assignment),
    approval: (policyId, catalogEntryId) => approvalStatus(graph, policyPath(policyId), catalogEntryId),
    approve: (policyId, catalogEntryId, status) => approveInPolicy(graph, policyPath(policyId), catalogEntryId, status),
  };
}

async function tagged(graph: Graph, tag: string): Promise<Policy[]> {
  const policies = await graph.list(POLICIES, { schema: policySchema });
  return oldestFirst(policies.filter((policy) => carriesTag(policy, tag)));
}

/**
 * A create that was carried out but answered with an error leaves a policy behind, and a list that lags can hide it:
 * whoever finds several keeps the oldest (graph.md §6.2).
 */
async function keepOldest(graph: Graph, tag: string): Promise<Policy | undefined> {
  const [oldest, ...duplicates] = await tagged(graph, tag);
  for (const { id } of duplicates) await removePolicy(graph, id);
  return oldest;
}

async function createPolicy(graph: Graph, spec: PolicySpec): Promise<string> {
  const { body } = await graph.post(POLICIES, {
    "@odata.type": "#microsoft.graph.windowsUpdates.qualityUpdatePolicy",
    displayName: spec.name,
    description: spec.description,
    approvalRules: approvalRules(spec.approvals ?? []),
  });
  const made = created.safeParse(body);
  const id = made.success ? made.data.id : (await keepOldest(graph, spec.tag))?.id;
  const seen = id === undefined ? undefined : await readPolicy(graph, id);
  if (id === undefined || seen === undefined || !carriesTag(seen, spec.tag)) throw notYet(`Policy "${spec.name}"`);
  return id;
}

/** Whether texts and rules of a policy of people are as they should be; those of others are repaired by policy health. */
function inOrder({ displayName, description, approvalRules: rules }: Policy, spec: PolicySpec): boolean {
  if (spec.approvals === undefined) return true;
  const isNamed = displayName === spec.name && description === spec.description;
  return isNamed && sameApprovals(rules, automatic(spec.approvals));
}

async function repair(graph: Graph, id: string, spec: PolicySpec): Promise<void> {
  const { name: displayName, description, approvals = [] } = spec;
  await graph.patch(policyPath(id), { displayName, description, approvalRules: approvalRules(approvals) });
  const seen = await readPolicy(graph, id);
  if (seen === undefined || !inOrder(seen, spec)) throw notYet(`Policy "${spec.name}"`);
}

function readPolicy(graph: Graph, id: string): Promise<Policy | undefined> {
  return absentWhenMissing(graph.get(policyPath(id), { schema: policySchema }));
}

/** Approvals are suspended first, so that offers end even where the deletion lags. */
async function removePolicy(graph: Graph, id: string): Promise<void> {
  await absentWhenMissing(suspendAll(graph, policyPath(id)));
  await absentWhenMissing(graph.delete(policyPath(id)));
  if ((await readPolicy(graph, id)) !== undefined) throw notYet(`Deleting policy ${id}`);
}

function policyPath(policyId: string): string {
  return `${POLICIES}/${segment(policyId)}`;
}

function ringIdOf({ policyId, ringId }: PolicyRef): string {
  if (ringId !== undefined) return ringId;
  throw new AppError("internal", `Policy ${policyId} was named without its ring. Open the release again.`);
}
