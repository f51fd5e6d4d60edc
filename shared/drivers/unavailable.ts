import type { AppError } from "../errors.js";
import { findDriverEntry } from "../graph/driver-inventories.js";
import type { Graph } from "../graph/graph.js";
import { refused } from "./decisions.js";

/** Ids of drivers (graph.md §1.1); Graph need not be asked for anything else. */
const CATALOGUE_ID = /^[0-9a-f]{64}$/i;

/**
 * Why nothing can be decided about a driver that no policy lists: its publisher has withdrawn it, it has expired, or no
 * device needs it any more.
 * @param at ms
 */
export async function unavailableDriver(graph: Graph, driverId: string, at: number): Promise<AppError> {
  const entry = CATALOGUE_ID.test(driverId) ? await findDriverEntry(graph, driverId) : undefined;
  const kept = "Nothing was changed; leave it out and send the decision again.";
  if (entry === undefined) {
    const message = `driverIds: Windows Update does not have driver ${driverId}: its publisher has withdrawn it, or there never was one. ${kept}`;
    return refused("driverIds", "driverWithdrawn", message, { driverId });
  }
  const { displayName, deployableUntilDateTime: until } = entry;
  if (until !== null && Date.parse(until) <= at) {
    const message = `driverIds: ${displayName ?? driverId} has expired: it could be deployed until ${until}. ${kept}`;
    return refused("driverIds", "driverExpired", message, { driverId, limit: until });
  }
  const message = `driverIds: no device here needs ${displayName ?? driverId}: all have it, or a newer version, or other hardware. ${kept}`;
  return refused("driverIds", "driverNotNeeded", message, { driverId });
}
