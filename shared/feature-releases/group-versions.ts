import { z } from "zod";
import type { Graph } from "../graph/graph.js";
import { featureUpdateArea } from "../graph/policies/intune-areas.js";
import type { FoundPolicy } from "../graph/policies/types.js";
import type { StoredGroup } from "../groups/store.js";
import { winnerOf } from "./version.js";

const policySchema = z.object({ id: z.string(), name: z.string().nullable(), version: z.string() });

export const ringVersionSchema = z
  .object({
    ring: z.string(),
    version: z.string().nullable().describe("The latest version that a policy names; null: there is no policy."),
    policies: z.array(policySchema).describe("Feature update policies assigned to the ring's directory group."),
  })
  .meta({ id: "RingFeatureVersion" });

const valuesSchema = z.object({ featureUpdateVersion: z.string() });

/**
 * The Windows version to which each ring of a group is brought by the policies of the tenant, whoever made them: of
 * several the latest version wins (autopatch.md §6.4, row 84).
 */
export async function ringVersions(
  graph: Graph,
  { definition, bindings }: Pick<StoredGroup, "definition" | "bindings">,
): Promise<z.infer<typeof ringVersionSchema>[]> {
  const found = await featureUpdateArea.list(graph);
  return definition.rings.map(({ name: ring }) => {
    const entraGroupId = bindings[ring]?.entraGroupId.toLowerCase();
    const policies = found.filter((policy) => reaches(policy, entraGroupId)).flatMap(versionOf);
    return { ring, version: winnerOf(policies)?.version ?? null, policies };
  });
}

function reaches({ included, excluded, everyone }: FoundPolicy, groupId: string | undefined): boolean {
  if (groupId === undefined || excluded.includes(groupId)) return false;
  return everyone || included.includes(groupId);
}

function versionOf({ id, displayName, values }: FoundPolicy) {
  const { data } = valuesSchema.safeParse(values);
  return data === undefined ? [] : [{ id, name: displayName, version: data.featureUpdateVersion }];
}
