import { resolveRing } from "../groups/conflicts.js";
import { FIRST_RING, LAST_RING } from "../groups/defaults.js";
import { distribute } from "../groups/distribution.js";
import type { AutopatchGroup } from "../groups/group.js";
import { hash32 } from "../random.js";
import { type DeviceRecord, RingAssignedBy } from "./device.js";

/** Test and Last are filled by hand only (autopatch.md §2.2), and what hands put there stays (row 21). */
export function isFilledByHand(ring: string): boolean {
  return ring === FIRST_RING || ring === LAST_RING;
}

/**
 * The ring of every device that a group registers: where an admin moved it, else the ring of its assigned group, else
 * its place in the split of the pool, from which admins' devices are taken out (autopatch.md §2.2, §3.5; rows 8, 33).
 * @param devices records of devices whose group this is, with their present rings
 * @returns ring by device id
 */
export function ringsOf(
  groupId: string,
  definition: Pick<AutopatchGroup, "rings">,
  devices: readonly DeviceRecord[],
): Map<string, string> {
  const names = new Set(definition.rings.map(({ name }) => name));
  const rings = new Map<string, string>();
  const current = new Map<string, string>();
  const pool: string[] = [];
  for (const device of devices) {
    const { deviceId, found, ring, ringAssignedBy } = device;
    if (ring !== null && names.has(ring)) current.set(deviceId, ring);
    const places = found.filter((place) => place.groupId === groupId).map((place) => place.ring);
    const resolved = resolveRing(definition, places);
    if (ringAssignedBy !== RingAssignedBy.service && current.has(deviceId)) rings.set(deviceId, ring ?? "");
    else if (resolved.kind === "assigned") rings.set(deviceId, resolved.ring);
    else pool.push(deviceId);
  }
  const shares = definition.rings.flatMap(({ name, distribution: { dynamicPercent: percent } }) =>
    percent === undefined ? [] : [{ ring: name, percent }],
  );
  for (const [deviceId, ring] of distribute(pool, shares, current)) rings.set(deviceId, ring);
  for (const deviceId of pool) if (!rings.has(deviceId)) rings.set(deviceId, anyRing(definition, deviceId));
  return rings;
}

/** A ring for a device that has none: one that is not filled by hand, chosen by hash (row 21). */
export function anyRing({ rings }: Pick<AutopatchGroup, "rings">, deviceId: string): string {
  const open = rings.map(({ name }) => name).filter((name) => !isFilledByHand(name));
  return open[hash32("any ring", deviceId) % Math.max(1, open.length)] ?? LAST_RING;
}
