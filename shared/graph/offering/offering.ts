import { z } from "zod";
import { AppError } from "../../errors.js";
import { type Graph, UPDATES } from "../graph.js";
import { groupPolicies } from "./group-policies.js";
import { intunePolicies } from "./intune-policies.js";
import { type LeftOut, offeringOver } from "./steps.js";
import type { Offering, OfferingModel, PolicyBackend } from "./types.js";

const probed = new WeakMap<Graph, Promise<OfferingModel>>();

/**
 * How this tenant meters quality updates. The group model is asked for once per client; where it answers 403 or 404 the
 * Intune fallback serves (graph.md §7 L5). Other failures are thrown and the next call asks again.
 * @param acting the same Graph as it is to be used, e.g. watched; default: `graph` itself
 * @param leftOut Entra groups whose devices policies with approvals decide about; default: there are none
 */
export async function offering(graph: Graph, acting = graph, leftOut?: LeftOut): Promise<Offering> {
  return offeringOver(acting, await backendOf(graph, acting), leftOut);
}

/** The policies of the model that serves this tenant. @param acting as for `offering` */
export async function backendOf(graph: Graph, acting = graph): Promise<PolicyBackend> {
  return (await modelOf(graph)) === "policies" ? groupPolicies(acting) : intunePolicies(acting);
}

/** The offering model of the tenant, asked for once per client. */
export function modelOf(graph: Graph): Promise<OfferingModel> {
  const known = probed.get(graph);
  if (known !== undefined) return known;
  const probe = probeModel(graph);
  probed.set(graph, probe);
  probe.catch(() => probed.delete(graph));
  return probe;
}

async function probeModel(graph: Graph): Promise<OfferingModel> {
  try {
    await graph.get(`${UPDATES}/policies`, { schema: z.unknown() });
    return "policies";
  } catch (error) {
    if (error instanceof AppError && (error.code === "forbidden" || error.code === "not_found")) return "intune";
    throw error;
  }
}
