import { graphClient } from "../../shared/graph/client.js";
import type { Graph } from "../../shared/graph/graph.js";
import type { Offering } from "../../shared/graph/offering/types.js";
import { readRelease } from "../../shared/releases/store.js";
import { workloadFor } from "../../shared/workloads/index.js";

/**
 * How the tenant offers the updates of a release's workload.
 * @param acting the Graph as it is to be used, e.g. watched; default: the app's own
 */
export async function releaseOffering(releaseId: string, acting?: Graph): Promise<Offering> {
  const graph = graphClient();
  return workloadFor((await readRelease(releaseId)).update).offering(graph, acting ?? graph);
}
