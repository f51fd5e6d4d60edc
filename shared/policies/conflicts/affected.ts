import { createHash } from "node:crypto";
import { DAY_MS } from "../../calendar/days.js";
import type { AffectedDevice, Conflict, Conflicts } from "./conflict.js";
import type { Difference } from "./differing.js";

/** Devices that did not sync for longer are left out (autopatch.md §10.3). */
const LAST_SYNC_DAYS = 28;

/** A device of a deployment ring. */
export interface RingMember {
  readonly deviceId: string;
  readonly objectId: string;
  readonly name: string | null;
  readonly groupId: string;
  readonly ring: string;
  /** ISO; null when it never synced. */
  readonly lastSyncAt: string | null;
}

/** An Entra group that a policy of others names. */
export interface ReachedGroup {
  readonly name: string;
  /** Object ids of its devices, nested ones included. */
  readonly members: ReadonlySet<string>;
}

/**
 * The conflicts that reach devices of the rings: both policies apply to the device (through a group, a nested one or all
 * devices, less the groups excluded), and it synced in the last 28 days.
 */
export function affectedBy(
  differences: readonly Difference[],
  members: readonly RingMember[],
  groups: ReadonlyMap<string, ReachedGroup>,
  now: number,
): Conflicts {
  const active = members.filter(({ lastSyncAt }) => isRecent(lastSyncAt, now));
  const conflicts: Conflict[] = [];
  const affected = new Map<string, AffectedDevice>();
  for (const difference of differences) {
    const reached = active.filter((member) => applies(difference, member) && reaches(difference, member, groups));
    if (reached.length === 0) continue;
    const conflict = conflictOf(difference, reached, groups);
    conflicts.push(conflict);
    for (const member of reached)
      affected.set(member.deviceId, withConflict(affected.get(member.deviceId), member, conflict.id));
  }
  return { conflicts, devices: [...affected.values()] };
}

function isRecent(lastSyncAt: string | null, now: number): boolean {
  return lastSyncAt !== null && now - Date.parse(lastSyncAt) <= LAST_SYNC_DAYS * DAY_MS;
}

function applies({ expected }: Difference, { groupId, ring }: RingMember): boolean {
  return expected.groupId === null || (expected.groupId === groupId && expected.ring === ring);
}

function reaches({ other }: Difference, { objectId }: RingMember, groups: ReadonlyMap<string, ReachedGroup>): boolean {
  const isIn = (ids: readonly string[]) => ids.some((id) => groups.get(id)?.members.has(objectId) === true);
  return (other.everyone || isIn(other.included)) && !isIn(other.excluded);
}

function conflictOf(
  { expected, other, settings }: Difference,
  reached: readonly RingMember[],
  groups: ReadonlyMap<string, ReachedGroup>,
): Conflict {
  const through = other.included.filter((id) => reached.some(({ objectId }) => groups.get(id)?.members.has(objectId)));
  const names = [...(other.everyone ? ["All devices"] : []), ...through.map((id) => groups.get(id)?.name ?? id)];
  return {
    id: createHash("sha256").update(`${expected.policy.tag}\n${other.id}`).digest("hex").slice(0, 12),
    expectedPolicy: expected.policy.name,
    expectedGroup: expected.groupName,
    conflictingPolicy: other.displayName ?? other.id,
    conflictingGroup: names.join("; "),
    affectedDevices: reached.length,
    conflictingSettings: [...settings],
    groupId: expected.groupId,
  };
}

function withConflict(before: AffectedDevice | undefined, member: RingMember, conflictId: string): AffectedDevice {
  const { deviceId, name, groupId, ring, lastSyncAt } = member;
  const conflicts = [...(before?.conflicts ?? []), conflictId];
  return { deviceId, name, groupId, ring, lastCheckInAt: lastSyncAt ?? "", conflicts };
}
