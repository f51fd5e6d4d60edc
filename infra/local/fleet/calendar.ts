/** The fleet moves in steps of a quarter of an hour of domain time. */
export const TICK_MS = 15 * 60_000;

/** Which devices are due in which tick. A tick without devices does not exist, so it costs nothing. */
export class DueCalendar {
  readonly #buckets = new Map<number, number[]>();
  /** The tick each device is queued in; entries elsewhere are stale. */
  readonly #queued: Float64Array;
  /** Ticks with a bucket, a binary heap. */
  readonly #ticks: number[] = [];

  constructor(devices: number) {
    this.#queued = new Float64Array(devices).fill(Number.POSITIVE_INFINITY);
  }

  /** Puts a device into the first tick at or after `due` (ms), never before `earliest`; Infinity takes it out. */
  put(device: number, due: number, earliest: number): void {
    const tick = Math.max(Math.ceil(due / TICK_MS), earliest);
    if (this.#queued[device] === tick) return;
    this.#queued[device] = tick;
    if (tick === Number.POSITIVE_INFINITY) return;
    const bucket = this.#buckets.get(tick);
    if (bucket !== undefined) {
      bucket.push(device);
      return;
    }
    this.#buckets.set(tick, [device]);
    this.#push(tick);
  }

  /** The earliest tick in which something may be due. */
  next(): number | undefined {
    for (let tick = this.#ticks[0]; tick !== undefined; tick = this.#ticks[0]) {
      if (this.#buckets.get(tick)?.some((device) => this.#queued[device] === tick)) return tick;
      this.#buckets.delete(tick);
      this.#pop();
    }
    return undefined;
  }

  /** Takes out the devices due in the earliest tick, ascending. */
  take(tick: number): number[] {
    if (this.next() !== tick) return [];
    const due = new Set((this.#buckets.get(tick) ?? []).filter((device) => this.#queued[device] === tick));
    this.#buckets.delete(tick);
    this.#pop();
    for (const device of due) this.#queued[device] = Number.POSITIVE_INFINITY;
    return [...due].sort((a, b) => a - b);
  }

  #push(tick: number): void {
    const heap = this.#ticks;
    let at = heap.push(tick) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent] ?? 0;
      if (above <= tick) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = tick;
  }

  #pop(): void {
    const heap = this.#ticks;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      const left = heap[child];
      if (left === undefined) break;
      const right = heap[child + 1];
      if (right !== undefined && right < left) child++;
      const below = heap[child] ?? Number.POSITIVE_INFINITY;
      if (below >= last) break;
      heap[at] = below;
      at = child;
    }
    heap[at] = last;
  }
}
