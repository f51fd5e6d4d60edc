import type { AppError } from "../errors.js";
import { type DriverEntry, findDriverEntries, findDriverEntry } from "../graph/driver-inventories.js";
import type { Graph } from "../graph/graph.js";
import { refused } from "./decisions.js";

/** Ids of drivers (graph.md §1.1); Graph need not be asked for anything else. */
const CATALOGUE_ID = /^[0-9a-f]{64}$/i;

const KEPT = "Nothing was changed; leave it out and send the decision again.";

/**
 * Why nothing can be decided about a driver that no policy lists: its publisher has withdrawn it, it has expired, or no
 * device needs it any more.
 * @param at ms
 */
export async function unavailableDriver(graph: Graph, driverId: string, at: number): Promise<AppError> {
  const entry = CATALOGUE_ID.test(driverId) ? await findDriverEntry(graph, driverId) : undefined;
  if (entry === undefined) {
    const message = `driverIds: Windows Update does not have driver ${driverId}: its publisher has withdrawn it, or there never was one. ${KEPT}`;
    return refused("driverIds", "driverWithdrawn", message, { driverId });
  }
  if (expires(entry, at)) return expired(entry);
  const message = `driverIds: no device here needs ${entry.displayName ?? driverId}: all have it, or a newer version, or other hardware. ${KEPT}`;
  return refused("driverIds", "driverNotNeeded", message, { driverId });
}

/**
 * Throws `rule_violated` for drivers that Windows Update does not deploy any more on the day from which they would be
 * offered, listed by policies as they may be.
 * @param at ms
 */
export async function refuseExpired(graph: Graph, driverIds: readonly string[], at: number): Promise<void> {
  const ids = driverIds.filter((id) => CATALOGUE_ID.test(id));
  const late = (await findDriverEntries(graph, ids)).find((entry) => expires(entry, at));
  if (late !== undefined) throw expired(late);
}

function expires({ deployableUntilDateTime: until }: DriverEntry, at: number): boolean {
  return until !== null && Date.parse(until) <= at;
}

function expired({ id: driverId, displayName, deployableUntilDateTime: limit }: DriverEntry): AppError {
  const message = `driverIds: ${displayName ?? driverId} can be deployed until ${limit} only. ${KEPT}`;
  return refused("driverIds", "driverExpired", message, { driverId, limit });
}
