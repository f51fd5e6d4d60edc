import { hash32 } from "../../../../shared/random.js";
import type { DeviceRow } from "../directory/directory.js";
import { type Assigned, AssignmentIndex } from "./assignments.js";
import type { Queue } from "./rollout.js";

/** Where lots find devices and the groups that they are in. */
export interface Drum {
  readonly devices: () => readonly DeviceRow[];
  readonly groupsOf: (objectId: string) => readonly string[];
  /** Another one whenever devices or their groups have changed. */
  readonly version: () => string;
}

/** The devices that something is assigned to in an order that chance draws; drawn anew when they have changed. */
export function lotsOf(item: Assigned, { devices, groupsOf, version }: Drum): Queue {
  const index = new AssignmentIndex<Assigned>();
  index.set(item);
  let drawn: { readonly version: string; readonly ranks: ReadonlyMap<string, number> } | undefined;
  const ranks = () => {
    if (drawn?.version !== version()) {
      const covered = devices().filter(({ id }) => index.covering(groupsOf(id)).length > 0);
      drawn = { version: version(), ranks: ranksOf(item.id, covered) };
    }
    return drawn.ranks;
  };
  return { size: () => ranks().size, rankOf: (objectId) => ranks().get(objectId) };
}

function ranksOf(seed: string, devices: readonly DeviceRow[]): ReadonlyMap<string, number> {
  const lots = devices.map(({ id, deviceId }) => ({ id, lot: hash32("rollout group", seed, deviceId) }));
  lots.sort((a, b) => a.lot - b.lot || (a.id < b.id ? -1 : 1));
  return new Map(lots.map(({ id }, rank) => [id, rank]));
}
