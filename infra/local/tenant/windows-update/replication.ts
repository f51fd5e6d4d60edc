import type { Clock, Timer } from "../../time/clock.js";

/** Does things some domain time later, in order, with one timer for all that is due together. */
export class Replication {
  #queue: { readonly due: number; readonly run: () => void }[] = [];
  #timer: Timer | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly delayMs: () => number,
  ) {}

  /** Runs `change` when the other services learn of it; at once when there is no delay. */
  later(change: () => void): void {
    const delay = this.delayMs();
    if (delay === 0 && this.#queue.length === 0) {
      change();
      return;
    }
    const after = this.#queue.at(-1)?.due ?? 0;
    this.#queue.push({ due: Math.max(after, this.clock.now() + delay), run: change });
    this.#arm();
  }

  stop(): void {
    this.#timer?.cancel();
    this.#queue = [];
  }

  #arm(): void {
    const first = this.#queue[0];
    if (this.#timer !== undefined || first === undefined) return;
    this.#timer = this.clock.at(first.due, () => {
      this.#timer = undefined;
      const now = this.clock.now();
      const at = this.#queue.findIndex(({ due }) => due > now);
      const due = this.#queue.splice(0, at < 0 ? this.#queue.length : at);
      for (const { run } of due) run();
      this.#arm();
    });
  }
}
