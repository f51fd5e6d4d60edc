import { hash32 } from "../random.js";

/** A dynamic ring's share of the pool. The percentages of a group's dynamic rings add up to 100 (autopatch.md §2.2). */
export interface Share {
  readonly ring: string;
  readonly percent: number;
}

/**
 * How many of `devices` each share gets, by largest remainder: every ring its whole part, the rest one each to those
 * with the largest fraction. Equal fractions go to the larger share, then by name, so that no order of input matters.
 */
export function ringSizes(devices: number, shares: readonly Share[]): Map<string, number> {
  const total = shares.reduce((sum, { percent }) => sum + percent, 0);
  const parts = shares.map(({ ring, percent }) => {
    const exact = devices * percent;
    return { ring, percent, size: Math.floor(exact / total), remainder: exact % total };
  });
  const left = devices - parts.reduce((sum, { size }) => sum + size, 0);
  const byRemainder = [...parts].sort(
    (a, b) => b.remainder - a.remainder || b.percent - a.percent || compare(a.ring, b.ring),
  );
  for (const part of byRemainder.slice(0, left)) part.size++;
  return new Map(parts.map(({ ring, size }) => [ring, size]));
}

/**
 * Splits a pool of device ids over the dynamic rings of a group. Ring sizes are exactly those of `ringSizes`; devices
 * that are in one of the rings already (`current`) stay there unless it is too full, so that as few as possible move.
 * Hashes choose who moves and where newcomers go: the same input in any order has the same answer.
 */
export function distribute(
  pool: readonly string[],
  shares: readonly Share[],
  current: ReadonlyMap<string, string>,
): Map<string, string> {
  const devices = [...new Set(pool)];
  const room = ringSizes(shares.length === 0 ? 0 : devices.length, shares);
  const placed = new Map<string, string>();
  const settled = devices.filter((device) => room.has(current.get(device) ?? ""));
  // Who stays matters only where not all can.
  const fits = [...room].every(
    ([ring, size]) => settled.filter((device) => current.get(device) === ring).length <= size,
  );
  for (const device of fits ? settled : byHash(settled, "stay")) {
    const ring = current.get(device);
    if (ring !== undefined && take(room, ring)) placed.set(device, ring);
  }
  const rings = [...room.keys()].sort(compare);
  const homeless = devices.filter((device) => !placed.has(device));
  for (const device of byHash(homeless, "place")) {
    const ring = rings.find((candidate) => take(room, candidate));
    if (ring !== undefined) placed.set(device, ring);
  }
  return placed;
}

/** Takes a place in the ring; false when it is full or not one of the dynamic rings. */
function take(room: Map<string, number>, ring: string): boolean {
  const free = room.get(ring) ?? 0;
  if (free > 0) room.set(ring, free - 1);
  return free > 0;
}

function byHash(devices: readonly string[], purpose: string): string[] {
  return devices
    .map((device) => ({ device, rank: hash32("distribution", purpose, device) }))
    .sort((a, b) => a.rank - b.rank || compare(a.device, b.device))
    .map(({ device }) => device);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
