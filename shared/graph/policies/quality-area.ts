import { z } from "zod";
import { type Graph, INTUNE, UPDATES } from "../graph.js";
import { bool, dateTime, named, text } from "../lenient.js";
import { carriesTag } from "../names.js";
import { segment } from "../odata.js";
import { suspendAll } from "../offering/group-approvals.js";
import { groupPolicies } from "../offering/group-policies.js";
import { groupsSchema } from "../offering/group-rings.js";
import { intunePolicies } from "../offering/intune-policies.js";
import { modelOf } from "../offering/offering.js";
import type { PolicyBackend, PolicySpec } from "../offering/types.js";
import { absentWhenMissing, oldestFirst } from "../settle.js";
import { assignmentsSchema } from "./assignments.js";
import { type DesiredPolicy, type FoundPolicy, PAGE_SIZE, type PolicyArea, PolicyKind } from "./types.js";

const ringSchema = z.object({
  id: z.string(),
  createdDateTime: dateTime,
  deferralInDays: z.number().nullish(),
  isPaused: bool,
  isHotpatchEnabled: bool,
  includedGroupAssignment: groupsSchema,
  excludedGroupAssignment: groupsSchema,
});
const groupModelSchema = z
  .object({ ...named, approvalRules: z.array(z.unknown()).nullish(), rings: z.array(ringSchema).nullish() })
  .transform(({ approvalRules, rings, ...policy }): FoundPolicy => {
    const [ring] = oldestFirst(rings ?? []);
    return {
      ...policy,
      values: {
        hotpatch: ring?.isHotpatchEnabled ?? null,
        deferralInDays: ring === undefined ? null : (ring.deferralInDays ?? 0),
        paused: ring?.isPaused ?? null,
        automaticApprovals: approvalRules?.length ?? 0,
      },
      included: ring?.includedGroupAssignment ?? [],
      excluded: ring?.excludedGroupAssignment ?? [],
      everyone: false,
    };
  });

const approval = z.object({ approvalMethodType: text, deferredDeploymentInDay: z.number().nullish() });
const intuneSchema = z
  .object({
    ...named,
    hotpatchEnabled: bool,
    approvalSettings: z.array(approval).nullish(),
    assignments: assignmentsSchema,
  })
  .transform(({ hotpatchEnabled, approvalSettings, assignments, ...policy }): FoundPolicy => {
    const automatic = (approvalSettings ?? []).filter(({ approvalMethodType }) => approvalMethodType === "automatic");
    const values = {
      hotpatch: hotpatchEnabled,
      deferralInDays: 0,
      paused: false,
      automaticApprovals: automatic.length,
    };
    return { ...policy, values, ...assignments };
  });

/** How each offering model keeps quality policies; writes go the way that offers go (graph.md §7 L1, L5). */
const MODELS = {
  policies: {
    path: `${UPDATES}/policies`,
    expand: "rings",
    schema: groupModelSchema,
    backend: groupPolicies,
    fixed: [],
  },
  intune: {
    path: `${INTUNE}/windowsQualityUpdatePolicies`,
    expand: "assignments",
    schema: intuneSchema,
    backend: intunePolicies,
    // The method of approval cannot be changed after the creation (autopatch.md §5.10).
    fixed: ["automaticApprovals"],
  },
} as const;

/** The values of every standing quality policy: the release's own schedule meters the offer. */
export function qualityValues(hotpatch: boolean) {
  return { hotpatch, deferralInDays: 0, paused: false, automaticApprovals: 0 };
}

/** Quality update policies as this tenant keeps them. */
export async function qualityArea(graph: Graph): Promise<PolicyArea> {
  const model = await modelOf(graph);
  const { path, expand, schema, backend, fixed } = MODELS[model];
  const one = (policyId: string) => `${path}/${segment(policyId)}`;
  const query = { $expand: expand };
  const collection = { path, query: { ...query, $top: PAGE_SIZE }, schema };
  const ensured = async (policy: DesiredPolicy) => {
    const offers = backend(graph);
    return { offers, ref: await offers.ensurePolicy(specOf(policy)) };
  };
  return {
    kinds: [PolicyKind.quality],
    fixed,
    collection,
    list: () => graph.list(path, collection),
    read: (_graph, id) => graph.get(one(id), { query, schema }),
    async create(_graph, policy) {
      try {
        return (await ensured(policy)).ref.policyId;
      } catch (error) {
        // A policy is made in two steps; one that got through the first is there, and says so when it is read back.
        const made = (await graph.list(path, { query, schema })).find((found) => carriesTag(found, policy.tag));
        if (made === undefined) throw error;
        return made.id;
      }
    },
    async change(_graph, id, policy) {
      const rules = model === "policies" ? { approvalRules: [] } : {};
      await graph.patch(one(id), { displayName: policy.name, description: policy.description, ...rules });
      await ensured(policy);
    },
    async assign(_graph, id, included) {
      await assignStanding(backend(graph), await ringOf(graph, model, id), included);
    },
    async remove(_graph, id) {
      // Offers end even where the deletion lags.
      if (model === "policies") await absentWhenMissing(suspendAll(graph, one(id)));
      await graph.delete(one(id));
    },
  };
}

async function assignStanding(
  offers: PolicyBackend,
  ref: { policyId: string; ringId?: string },
  included: readonly string[],
): Promise<void> {
  const { excluded } = await offers.assignment(ref);
  await offers.assign(ref, { included, excluded });
}

const ringIds = z.object({ id: z.string(), createdDateTime: dateTime });

async function ringOf(graph: Graph, model: keyof typeof MODELS, policyId: string) {
  if (model === "intune") return { policyId };
  const rings = await graph.list(`${MODELS.policies.path}/${segment(policyId)}/rings`, { schema: ringIds });
  const ringId = oldestFirst(rings)[0]?.id;
  return ringId === undefined ? { policyId } : { policyId, ringId };
}

function specOf({ tag, name, description, values, entraGroupId }: DesiredPolicy): PolicySpec {
  const assignment = { included: [entraGroupId], excluded: [] };
  return { tag, name, description, hotpatch: values.hotpatch === true, assignment };
}
