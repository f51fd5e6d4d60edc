import { z } from "zod";
import { type Graph, INTUNE } from "../graph.js";
import { bool, created, named } from "../lenient.js";
import { carriesTag } from "../names.js";
import { segment } from "../odata.js";
import { absentWhenMissing, notYet, oldestFirst, sameMembers } from "../settle.js";
import { approvalSettings, MANUAL, sameApprovals, settingsSchema } from "./category-approvals.js";
import { intuneApproval, setIntuneApproval } from "./intune-approvals.js";
import { refusedUntilReplicated } from "./replication.js";
import type { Assignment, PolicyBackend, PolicySpec } from "./types.js";

const POLICIES = `${INTUNE}/windowsQualityUpdatePolicies`;

const policySchema = z.object({
  ...named,
  hotpatchEnabled: bool,
  approvalSettings: settingsSchema,
});
type Policy = z.infer<typeof policySchema>;

const targetSchema = z.object({ target: z.object({ "@odata.type": z.string(), groupId: z.string().nullish() }) });
const INCLUDED = "#microsoft.graph.groupAssignmentTarget";
const EXCLUDED = "#microsoft.graph.exclusionGroupAssignmentTarget";

/** Metering by Intune quality update policies with manual approval (graph.md §2.2, §7 L5). */
export function intunePolicies(graph: Graph): PolicyBackend {
  return {
    model: "intune",
    async ensurePolicy(spec) {
      const existing = await keepOldest(graph, spec.tag);
      if (existing === undefined) return { policyId: await createPolicy(graph, spec) };
      if (!inOrder(existing, spec)) await repair(graph, existing.id, spec);
      return { policyId: existing.id };
    },
    async removePolicies(tag) {
      for (const { id } of await tagged(graph, tag)) await removePolicy(graph, id);
    },
    assignment: ({ policyId }) => readAssignment(graph, policyId),
    assign: ({ policyId }, assignment) => assign(graph, policyId, assignment),
    approval: (policyId, catalogItemId) => intuneApproval(graph, policyId, catalogItemId),
    approve: (policyId, catalogItemId, status) =>
      setIntuneApproval(graph, policyPath(policyId), policyId, catalogItemId, status),
  };
}

async function tagged(graph: Graph, tag: string): Promise<Policy[]> {
  const policies = await graph.list(POLICIES, { schema: policySchema });
  return oldestFirst(policies.filter((policy) => carriesTag(policy, tag)));
}

async function keepOldest(graph: Graph, tag: string): Promise<Policy | undefined> {
  const [oldest, ...duplicates] = await tagged(graph, tag);
  for (const { id } of duplicates) await removePolicy(graph, id);
  return oldest;
}

async function createPolicy(graph: Graph, spec: PolicySpec): Promise<string> {
  const { body } = await graph.post(POLICIES, {
    "@odata.type": "#microsoft.graph.windowsQualityUpdatePolicy",
    displayName: spec.name,
    description: spec.description,
    hotpatchEnabled: spec.hotpatch,
    roleScopeTagIds: ["0"],
    approvalSettings: approvalSettings(spec.approvals ?? MANUAL),
  });
  const id = created.safeParse(body).data?.id ?? (await keepOldest(graph, spec.tag))?.id;
  const seen = id === undefined ? undefined : await readPolicy(graph, id);
  if (id === undefined || seen?.hotpatchEnabled !== spec.hotpatch) throw notYet(`Policy "${spec.name}"`);
  if (spec.assignment.included.length > 0) await assign(graph, id, spec.assignment);
  return id;
}

/** Whether the policy is as it should be; of one that is not of people only the hotpatch switch is looked at. */
function inOrder({ hotpatchEnabled, ...policy }: Policy, spec: PolicySpec): boolean {
  if (hotpatchEnabled !== spec.hotpatch) return false;
  if (spec.approvals === undefined) return true;
  const isNamed = policy.displayName === spec.name && policy.description === spec.description;
  return isNamed && sameApprovals(policy.approvalSettings, spec.approvals);
}

async function repair(graph: Graph, id: string, spec: PolicySpec): Promise<void> {
  const { name: displayName, description, hotpatch: hotpatchEnabled, approvals } = spec;
  const own = approvals && { displayName, description, approvalSettings: approvalSettings(approvals) };
  await graph.patch(policyPath(id), { hotpatchEnabled, ...own });
  const seen = await readPolicy(graph, id);
  if (seen === undefined || !inOrder(seen, spec)) throw notYet(`Policy "${spec.name}"`);
}

function readPolicy(graph: Graph, id: string): Promise<Policy | undefined> {
  return absentWhenMissing(graph.get(policyPath(id), { schema: policySchema }));
}

/** Emptied first, so that offers end even where the deletion lags. */
async function removePolicy(graph: Graph, id: string): Promise<void> {
  await absentWhenMissing(assign(graph, id, { included: [], excluded: [] }));
  await absentWhenMissing(graph.delete(policyPath(id)));
  if ((await readPolicy(graph, id)) !== undefined) throw notYet(`Deleting policy ${id}`);
}

async function readAssignment(graph: Graph, policyId: string): Promise<Assignment> {
  const targets = await graph.list(`${policyPath(policyId)}/assignments`, { schema: targetSchema });
  const groups = (type: string) =>
    targets.flatMap(({ target }) => (target["@odata.type"] === type ? (target.groupId?.toLowerCase() ?? []) : []));
  return { included: groups(INCLUDED), excluded: groups(EXCLUDED) };
}

async function assign(graph: Graph, policyId: string, { included, excluded }: Assignment): Promise<void> {
  const target = (type: string) => (groupId: string) => ({ target: { "@odata.type": type, groupId } });
  const assignments = [...included.map(target(INCLUDED)), ...excluded.map(target(EXCLUDED))];
  const write = graph.post(`${policyPath(policyId)}/assign`, { assignments });
  await refusedUntilReplicated(write, () => graph.get(policyPath(policyId), { schema: policySchema }));
  const seen = await readAssignment(graph, policyId);
  if (!sameMembers(seen.included, included) || !sameMembers(seen.excluded, excluded)) {
    throw notYet(`The assignment of policy ${policyId}`);
  }
}

function policyPath(policyId: string): string {
  return `${POLICIES}/${segment(policyId)}`;
}
