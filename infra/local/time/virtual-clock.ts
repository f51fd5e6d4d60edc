import type { Clock, Timer } from "./clock.js";

interface Entry extends Timer {
  readonly order: number;
  readonly fire: () => void;
  cancelled: boolean;
}

/**
 * Time that stands still until it is advanced. Nothing fires by itself: `advance` moves the clock and runs every timer
 * due by then, in order of (due, creation), so that two runs with the same inputs are the same.
 */
export class VirtualClock implements Clock {
  #now: number;
  #order = 0;
  readonly #heap: Entry[] = [];

  constructor(start: number) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  at(due: number, fire: () => void): Timer {
    const entry: Entry = {
      due,
      order: this.#order++,
      fire,
      cancelled: false,
      cancel: () => {
        entry.cancelled = true;
      },
    };
    this.#push(entry);
    return entry;
  }

  /** The instant of the earliest pending timer, or undefined when there is none. */
  nextDue(): number | undefined {
    this.#dropCancelled();
    return this.#heap[0]?.due;
  }

  /** Moves the clock to `to` (never backwards) and fires what is due, each timer seeing its own due instant. */
  advance(to: number): void {
    for (let next = this.#popDue(to); next !== undefined; next = this.#popDue(to)) {
      this.#now = Math.max(this.#now, next.due);
      next.fire();
    }
    this.#now = Math.max(this.#now, to);
  }

  #popDue(to: number): Entry | undefined {
    this.#dropCancelled();
    const first = this.#heap[0];
    return first !== undefined && first.due <= to ? this.#pop() : undefined;
  }

  #dropCancelled(): void {
    while (this.#heap[0]?.cancelled) this.#pop();
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let at = heap.push(entry) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!before(entry, heap[parent] as Entry)) break;
      heap[at] = heap[parent] as Entry;
      at = parent;
    }
    heap[at] = entry;
  }

  #pop(): Entry | undefined {
    const heap = this.#heap;
    const top = heap[0];
    const last = heap.pop();
    if (top === undefined || last === undefined || heap.length === 0) return top;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1] as Entry, heap[child] as Entry)) child++;
      if (!before(heap[child] as Entry, last)) break;
      heap[at] = heap[child] as Entry;
      at = child;
    }
    heap[at] = last;
    return top;
  }
}

function before(a: Entry, b: Entry): boolean {
  return a.due !== b.due ? a.due < b.due : a.order < b.order;
}
