import type { AutopatchGroup } from "../groups/group.js";
import { type DeviceRecord, RingAssignedBy } from "./device.js";
import { anyRing, isFilledByHand } from "./rings.js";

/** Object ids of the devices in each ring's directory group. */
export type RingMembers = ReadonlyMap<string, ReadonlySet<string>>;

export interface MembershipPlan {
  /** Per ring, object ids to add to and to remove from its directory group. */
  readonly add: ReadonlyMap<string, readonly string[]>;
  readonly remove: ReadonlyMap<string, readonly string[]>;
  /** Records that a hand-made change of memberships made into something else. */
  readonly changed: readonly DeviceRecord[];
  /** Ids of the devices that are where they should be. */
  readonly settled: readonly string[];
}

/**
 * What has to change so that every device is in the directory group of its ring and in no other (autopatch.md §2.5, rows
 * 21 and 31). Hand-made memberships of Test and Last stay untouched, and the device counts as moved by an admin; all
 * others are undone. Members that are not registered in the group are removed.
 * @param devices the records of the devices whose group this is
 */
export function planMemberships(
  definition: Pick<AutopatchGroup, "rings">,
  devices: readonly DeviceRecord[],
  members: RingMembers,
): MembershipPlan {
  const add = new Map<string, string[]>();
  const remove = new Map<string, string[]>();
  const changed: DeviceRecord[] = [];
  const settled: string[] = [];
  for (const record of devices) {
    const present = [...members.keys()].filter((ring) => members.get(ring)?.has(record.objectId));
    const adopted = afterHands(definition, record, present, members);
    if (adopted !== record) changed.push(adopted);
    const missing = adopted.ring !== null && !present.includes(adopted.ring);
    const surplus = present.filter((ring) => ring !== adopted.ring && mayRemove(adopted, ring));
    if (missing && members.has(adopted.ring ?? "")) append(add, adopted.ring ?? "", record.objectId);
    for (const ring of surplus) append(remove, ring, record.objectId);
    if (!missing && surplus.length === 0) settled.push(record.deviceId);
  }
  const known = new Set(devices.map(({ objectId }) => objectId));
  for (const [ring, objectIds] of members) {
    for (const objectId of objectIds) if (!known.has(objectId)) append(remove, ring, objectId);
  }
  return { add, remove, changed, settled };
}

/** The record once what hands did to the memberships of its device is taken into account. */
function afterHands(
  definition: Pick<AutopatchGroup, "rings">,
  record: DeviceRecord,
  present: readonly string[],
  members: RingMembers,
): DeviceRecord {
  const { ring, ringAssignedBy, leaving = [] } = record;
  if (ring === null || ringAssignedBy === RingAssignedBy.pending) return record;
  if (present.includes(ring) && isFilledByHand(ring)) return record;
  const chosen = present.filter((name) => isFilledByHand(name) && !leaving.includes(name)).at(-1);
  if (chosen !== undefined && chosen !== ring) return { ...record, ring: chosen, ringAssignedBy: RingAssignedBy.admin };
  // An empty group is one that was lost and made again: its devices come back. Else hands took the device out.
  const takenOut = present.length === 0 && isFilledByHand(ring) && (members.get(ring)?.size ?? 0) > 0;
  const fromAssigned = record.found.some((place) => place.ring === ring);
  if (!takenOut || fromAssigned || ringAssignedBy !== RingAssignedBy.admin) return record;
  return { ...record, ring: anyRing(definition, record.deviceId), ringAssignedBy: RingAssignedBy.service };
}

/** Whether the service may take a device out of a ring that is not its own. */
function mayRemove({ ringAssignedBy, leaving = [] }: DeviceRecord, ring: string): boolean {
  return !isFilledByHand(ring) || leaving.includes(ring) || ringAssignedBy === RingAssignedBy.pending;
}

/** A device that is where it should be: an admin's move is done, nothing is left to give up. Itself when it was so. */
export function settle(record: DeviceRecord): DeviceRecord {
  const isPending = record.ringAssignedBy === RingAssignedBy.pending;
  if (!isPending && (record.leaving ?? []).length === 0) return record;
  return { ...record, ringAssignedBy: isPending ? RingAssignedBy.admin : record.ringAssignedBy, leaving: [] };
}

function append(changes: Map<string, string[]>, ring: string, objectId: string): void {
  const ids = changes.get(ring);
  if (ids === undefined) changes.set(ring, [objectId]);
  else ids.push(objectId);
}
