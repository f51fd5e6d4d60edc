import { z } from "zod";
import { type Graph, INTUNE } from "../graph.js";
import { created, dateTime, text } from "../lenient.js";
import { segment } from "../odata.js";
import { assignBody, assignmentsSchema } from "./assignments.js";
import { instanceSchema, namedValue, settingDefinitions, settingsBody } from "./catalogue-settings.js";
import { type DesiredPolicy, type FoundPolicy, PAGE_SIZE, type PolicyArea, PolicyKind, type Values } from "./types.js";

const POLICIES = `${INTUNE}/configurationPolicies`;
const query = { $expand: "assignments,settings" } as const;

const foundSchema = z
  .object({
    id: z.string().min(1),
    name: text,
    description: text,
    createdDateTime: dateTime,
    assignments: assignmentsSchema,
    settings: z.array(z.object({ settingInstance: instanceSchema })).nullish(),
  })
  .transform(({ name, assignments, settings, ...policy }): FoundPolicy => {
    const values = Object.fromEntries((settings ?? []).map(({ settingInstance }) => namedValue(settingInstance)));
    return { ...policy, displayName: name, values: withCount(values), ...assignments };
  });

/** Values of a policy that holds these settings and no others. */
export function withCount(values: Values): Values {
  return { ...values, settingCount: Object.keys(values).length };
}

const collection = { path: POLICIES, query: { ...query, $top: PAGE_SIZE }, schema: foundSchema };

/** Policies of the settings catalogue: Microsoft 365 Apps, Edge, diagnostic data and scans (graph.md §2.8). */
export const configurationArea: PolicyArea = {
  kinds: [
    ...[PolicyKind.microsoft365Apps, PolicyKind.edge, PolicyKind.dataCollection, PolicyKind.detectionFrequency],
    PolicyKind.safeguardOptOut,
  ],
  fixed: [],
  collection,
  list: (graph) => graph.list(POLICIES, collection),
  read: (graph, id) => graph.get(one(id), { query, schema: foundSchema }),
  async create(graph, policy) {
    const { body } = await graph.post(POLICIES, await bodyOf(graph, policy));
    return created.safeParse(body).data?.id;
  },
  /** A PATCH would leave the settings as they are. */
  async change(graph, id, policy) {
    await graph.put(one(id), await bodyOf(graph, policy));
  },
  async assign(graph, id, included, excluded) {
    await graph.post(`${one(id)}/assign`, assignBody(included, excluded));
  },
  async remove(graph, id) {
    await graph.delete(one(id));
  },
};

async function bodyOf(graph: Graph, { name, description, scopeTagIds, values }: DesiredPolicy) {
  const settings = settingsBody(await settingDefinitions(graph), values);
  return { name, description, platforms: "windows10", technologies: "mdm", roleScopeTagIds: scopeTagIds, settings };
}

function one(policyId: string): string {
  return `${POLICIES}/${segment(policyId)}`;
}
