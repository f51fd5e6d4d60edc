/** Things by number with an upper bound each, the greatest on top; of equals the lowest number. */
export class BoundHeap {
  readonly #things: Int32Array;
  readonly #bounds: Float64Array;

  /** Takes the bounds of the things 0, 1, 2 … */
  constructor(bounds: Float64Array) {
    this.#bounds = bounds.slice();
    this.#things = Int32Array.from(bounds.keys());
    for (let place = (bounds.length >> 1) - 1; place >= 0; place--) this.#sink(place);
  }

  /** Number of the thing on top. */
  get top(): number {
    return this.#things[0] as number;
  }

  /** Lowers the bound of the thing on top; returns whether it stays there. */
  lower(bound: number): boolean {
    const thing = this.top;
    this.#bounds[0] = bound;
    this.#sink(0);
    return this.top === thing;
  }

  #sink(from: number): void {
    const things = this.#things;
    const bounds = this.#bounds;
    const size = things.length;
    const thing = things[from] as number;
    const bound = bounds[from] as number;
    let place = from;
    for (let child = 2 * place + 1; child < size; child = 2 * place + 1) {
      if (child + 1 < size && comesBefore(things, bounds, child + 1, child)) child++;
      const best = bounds[child] as number;
      if (best < bound || (best === bound && (things[child] as number) > thing)) break;
      things[place] = things[child] as number;
      bounds[place] = best;
      place = child;
    }
    things[place] = thing;
    bounds[place] = bound;
  }
}

function comesBefore(things: Int32Array, bounds: Float64Array, a: number, b: number): boolean {
  const difference = (bounds[a] as number) - (bounds[b] as number);
  return difference > 0 || (difference === 0 && (things[a] as number) < (things[b] as number));
}
