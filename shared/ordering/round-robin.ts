import { ABSENT, type AttributeColumn } from "../attributes/columns.js";

/**
 * Stratum of each device: one for each combination of values of these attributes that occurs. A device without a value
 * is in a stratum with others that lack it.
 */
export function strataOf(
  attributes: readonly AttributeColumn[],
  devices: number,
): { strata: Int32Array; size: number } {
  let strata = new Int32Array(devices);
  let size = Math.min(1, devices);
  for (const { codes, values } of attributes) {
    const numbers = new Map<number, number>();
    const finer = new Int32Array(devices);
    for (let device = 0; device < devices; device++) {
      const cell = (strata[device] as number) * (values.length + 1) + (codes[device] as number) - ABSENT;
      let stratum = numbers.get(cell);
      if (stratum === undefined) {
        stratum = numbers.size;
        numbers.set(cell, stratum);
      }
      finer[device] = stratum;
    }
    strata = finer;
    size = numbers.size;
  }
  return { strata, size };
}

/**
 * The devices that are not in the prefix: round by round a device of every stratum, of large ones more often, so that all
 * strata advance in proportion to their size; within a stratum and within a round by ascending risk (gate.md §7); of
 * equals the lower number. What the prefix took of a stratum counts as its first turns. With the same share for every
 * stratum, models that many people have would hardly be seen for thousands of devices.
 * @param risk NaN, not known, comes last
 */
export function roundRobin(
  prefix: Int32Array,
  { strata, size }: { readonly strata: Int32Array; readonly size: number },
  risk: Float64Array | undefined,
): Int32Array {
  const devices = strata.length;
  const sizeOf = new Int32Array(size);
  for (const stratum of strata) sizeOf[stratum] = (sizeOf[stratum] as number) + 1;
  const rounds = sizeOf.reduce((most, one) => Math.max(most, one), 0);
  const turns = new Int32Array(size);
  const taken = new Uint8Array(devices);
  for (const device of prefix) {
    taken[device] = 1;
    turns[strata[device] as number] = (turns[strata[device] as number] as number) + 1;
  }
  const waiting = byRisk(devices, risk);
  const roundOf = new Int32Array(devices);
  const sizes: number[] = Array.from({ length: rounds }, () => 0);
  for (const device of waiting) {
    if (taken[device] === 1) continue;
    const stratum = strata[device] as number;
    const turn = turns[stratum] as number;
    turns[stratum] = turn + 1;
    const round = Math.floor(((turn + 0.5) * rounds) / (sizeOf[stratum] as number));
    roundOf[device] = round;
    sizes[round] = (sizes[round] as number) + 1;
  }
  const places = startsOf(sizes);
  const rest = new Int32Array(devices - prefix.length);
  for (const device of waiting) {
    if (taken[device] === 1) continue;
    const round = roundOf[device] as number;
    const place = places[round] as number;
    rest[place] = device;
    places[round] = place + 1;
  }
  return rest;
}

/** Where each round begins. */
function startsOf(sizes: readonly number[]): Int32Array {
  const starts = new Int32Array(sizes.length);
  for (let round = 1; round < sizes.length; round++) {
    starts[round] = (starts[round - 1] as number) + (sizes[round - 1] ?? 0);
  }
  return starts;
}

function byRisk(devices: number, risk: Float64Array | undefined): Int32Array {
  const order = new Int32Array(devices);
  for (let device = 0; device < devices; device++) order[device] = device;
  if (risk === undefined) return order;
  const known = risk.map((value) => (Number.isNaN(value) ? Number.POSITIVE_INFINITY : value));
  return order.sort((a, b) => {
    const [x, y] = [known[a] as number, known[b] as number];
    return x < y ? -1 : x > y ? 1 : a - b;
  });
}
