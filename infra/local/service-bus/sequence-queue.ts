export interface Sequenced {
  readonly sequence: number;
}

/** Items in order of their sequence number: cheap to append, to take from the front and to put back near the front. */
export class SequenceQueue<T extends Sequenced> {
  #items: T[] = [];
  #head = 0;

  get size(): number {
    return this.#items.length - this.#head;
  }

  get first(): T | undefined {
    return this.#items[this.#head];
  }

  add(item: T): void {
    const last = this.#items.at(-1);
    if (this.size === 0 || last === undefined || last.sequence < item.sequence) this.#items.push(item);
    else this.#items.splice(this.#position(item.sequence), 0, item);
  }

  take(): T | undefined {
    const item = this.#items[this.#head];
    if (item === undefined) return undefined;
    this.#head++;
    if (this.#head > 1024 && this.#head * 2 > this.#items.length) this.#trim();
    return item;
  }

  #trim(): void {
    this.#items = this.#items.slice(this.#head);
    this.#head = 0;
  }

  /** First index at or after the head whose sequence is not below the given one. */
  #position(sequence: number): number {
    let low = this.#head;
    let high = this.#items.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const item = this.#items[middle];
      if (item !== undefined && item.sequence < sequence) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
