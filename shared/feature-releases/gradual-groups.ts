import { hash32 } from "../random.js";

/** A gradual group has at least so many devices (autopatch.md §6.4, row 82). */
export const LEAST_DEVICES = 100;

/** How many gradual groups so many devices make: no more than wanted, each of at least 100 devices, and at least one. */
export function gradualGroupCount(devices: number, wanted: number): number {
  return Math.max(1, Math.min(wanted, Math.floor(devices / LEAST_DEVICES)));
}

/** Sizes of the groups into which so many devices are split: evenly, the first ones taking what is over. */
export function gradualSizes(devices: number, wanted: number): number[] {
  const count = gradualGroupCount(devices, wanted);
  return Array.from({ length: count }, (_, index) => Math.floor(devices / count) + (index < devices % count ? 1 : 0));
}

/**
 * Devices in gradual groups: at random, the same for the same seed whatever the order in which they come, and evenly.
 * @param seed e.g. the ids of release and phase
 */
export function gradualGroups(deviceIds: readonly string[], wanted: number, seed: string): string[][] {
  const drawn = [...new Set(deviceIds)]
    .map((id) => ({ id, draw: hash32(seed, id, "gradual group") }))
    .sort((a, b) => a.draw - b.draw || (a.id < b.id ? -1 : 1));
  const groups: string[][] = [];
  let taken = 0;
  for (const size of gradualSizes(drawn.length, wanted)) {
    groups.push(drawn.slice(taken, taken + size).map(({ id }) => id));
    taken += size;
  }
  return groups;
}
