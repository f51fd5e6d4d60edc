import { cellOf, type Features, type Table } from "./features.js";
import { BoundHeap } from "./heap.js";

/** Devices whose greatest gain is kept as one; looking through so many costs about as much as sinking one in a heap. */
const BLOCK = 256;

/**
 * Devices in the order in which each adds most to f(S) = Σ_v w_v·min(m, count_S(v))/m (gate.md §7); of equals the one
 * with the lower number comes first. Gains only shrink as S grows, so that the greatest gain of a block of devices, once
 * found, stays an upper bound: only the block on top of a heap is looked through anew (Minoux 1978). The choice is that
 * of the plain greedy, within 1 − 1/e of the best set of its size (Nemhauser 1978).
 * @param limit devices at most; fewer where nothing is left to gain
 * @param often m, the same as for `featuresOf`
 */
export function lazyGreedy({ tables, gains: atFirst }: Features, limit: number, often: number): Int32Array {
  const gains = atFirst.slice();
  const seen = tables.map(({ worth }) => new Uint16Array(worth.length));
  const blocks = new Float64Array(Math.ceil(gains.length / BLOCK)).fill(Number.POSITIVE_INFINITY);
  const heap = new BoundHeap(blocks);
  const chosen: number[] = [];
  while (chosen.length < Math.min(limit, gains.length)) {
    const device = bestOf(heap.top, gains);
    const gain = gains[device] as number;
    if (!heap.lower(gain)) continue;
    if (gain <= 0) break;
    chosen.push(device);
    gains[device] = Number.NEGATIVE_INFINITY;
    for (const [index, table] of tables.entries()) {
      const cell = cellOf(table, device);
      const times = seen[index];
      if (times === undefined || table.worth[cell] === 0) continue;
      times[cell] = (times[cell] as number) + 1;
      if (times[cell] === often) exhaust(table, cell, gains);
    }
  }
  return Int32Array.from(chosen);
}

/** The device of a block that gains most. */
function bestOf(block: number, gains: Float64Array): number {
  const end = Math.min(gains.length, (block + 1) * BLOCK);
  let best = block * BLOCK;
  let most = gains[best] as number;
  for (let device = best + 1; device < end; device++) {
    const gain = gains[device] as number;
    if (gain > most) {
      most = gain;
      best = device;
    }
  }
  return best;
}

/** A cell that was seen often enough adds nothing any more. */
function exhaust({ worth, ends, devices }: Table, cell: number, gains: Float64Array): void {
  const lost = worth[cell] as number;
  const end = ends[cell] as number;
  for (let place = ends[cell - 1] as number; place < end; place++) {
    const device = devices[place] as number;
    gains[device] = (gains[device] as number) - lost;
  }
}
