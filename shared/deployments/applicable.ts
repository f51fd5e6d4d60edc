import { z } from "zod";
import { listApplicable, listMatched } from "../graph/deployments/audiences.js";
import type { Graph } from "../graph/graph.js";
import { camelKeys, dateTime, text } from "../graph/lenient.js";
import type { UpdatePolicy } from "./deployment.js";

/** Most pieces of content whose devices are counted: one call each. */
const MOST_COUNTED = 50;

const entrySchema = z.preprocess(
  camelKeys,
  z.object({ displayName: text, version: text, driverClass: text, manufacturer: text, releaseDateTime: dateTime }),
);

export const applicableView = z.object({
  catalogEntryId: z.string(),
  name: z.string(),
  version: z.string().nullable(),
  driverClass: z.string().nullable(),
  manufacturer: z.string().nullable(),
  releasedAt: z.string().nullable(),
  devices: z
    .int()
    .nullable()
    .describe(`Of the policy, that need it; null: beyond the first ${MOST_COUNTED} nobody counts.`),
  approved: z.boolean(),
});

/**
 * What the devices of a policy need, with how many of them; nothing before its audience is made and its devices have
 * scanned (graph.md §1.4).
 */
export async function applicableTo(graph: Graph, policy: UpdatePolicy): Promise<z.input<typeof applicableView>[]> {
  const audienceId = policy.audience.id;
  if (audienceId === null) return [];
  const found: z.input<typeof applicableView>[] = [];
  for (const { catalogEntryId, catalogEntry } of await listApplicable(graph, audienceId)) {
    const entry = entrySchema.safeParse(catalogEntry ?? {}).data;
    const isCounted = found.length < MOST_COUNTED;
    found.push({
      ...{ catalogEntryId, name: entry?.displayName ?? catalogEntryId, version: entry?.version ?? null },
      ...{ driverClass: entry?.driverClass ?? null, manufacturer: entry?.manufacturer ?? null },
      releasedAt: entry?.releaseDateTime ?? null,
      devices: isCounted ? (await listMatched(graph, audienceId, catalogEntryId)).length : null,
      approved: policy.approvals.some(({ content }) => content.catalogEntryId === catalogEntryId),
    });
  }
  return found;
}
