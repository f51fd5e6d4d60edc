import { z } from "zod";
import { type Graph, UPDATES } from "../graph.js";

const usingSchema = z.object({ audience: z.object({ id: z.string().nullish() }).nullish() });

/** Ids of audiences that a deployment or an update policy names. */
export async function usedAudiences(graph: Graph): Promise<ReadonlySet<string>> {
  const query = { $expand: "audience" };
  const deployments = await graph.list(`${UPDATES}/deployments`, { query, schema: usingSchema });
  const policies = await graph.list(`${UPDATES}/updatePolicies`, { query, schema: usingSchema });
  return new Set([...deployments, ...policies].flatMap(({ audience }) => audience?.id ?? []));
}
