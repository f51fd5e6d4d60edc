import type { Clock } from "../time/clock.js";
import type { Catalogue } from "./catalogue/catalogue.js";
import type { Directory } from "./directory/directory.js";
import type { FaultControl } from "./faults.js";
import type { Licences } from "./licences.js";
import type { SafeguardHolds } from "./release-health/safeguard-holds.js";
import type { Store } from "./state/store.js";
import type { WindowsUpdate } from "./windows-update/windows-update.js";

/** Everything the areas of the API work on. */
export interface World {
  readonly clock: Clock;
  readonly store: Store;
  readonly directory: Directory;
  readonly catalogue: Catalogue;
  readonly windowsUpdate: WindowsUpdate;
  readonly safeguardHolds: SafeguardHolds;
  readonly faults: FaultControl;
  readonly licences: Licences;
  readonly tenantId: string;
  /** A new GUID, the same for the same seed and order of events. */
  newId(purpose: string): string;
}

/** ISO text of a domain instant, as Graph writes dates. */
export function dateText(at: number): string {
  return new Date(at).toISOString().replace(".000Z", "Z");
}

/** From a write to the directory until update policies and assignments know it (graph.md §6.3), ms. */
export function replicationDelayMs(faults: FaultControl): number {
  return (faults.current.consistencyDelaySeconds ?? 30) * 1000;
}

/** Whether a group exists and update policies may already name it. */
export function groupHasReplicated(world: World, groupId: string): boolean {
  const group = world.directory.groups.get(groupId);
  return group !== undefined && group.createdAt + replicationDelayMs(world.faults) <= world.clock.now();
}
