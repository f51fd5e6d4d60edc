import { wall } from "../../../../shared/wall.js";

/**
 * What runs in this host. In virtual time timers, messages and durable functions go through one gate, in order of
 * arrival, so that a run can be reproduced; HTTP functions run beside it but count as running.
 */
export class Work {
  readonly #serial: boolean;
  #running = 0;
  #activity = 0;
  #tail: Promise<unknown> = Promise.resolve();
  #onDrained: (() => void)[] = [];

  constructor(options: { serial: boolean }) {
    this.#serial = options.serial;
  }

  get running(): number {
    return this.#running;
  }

  /** Grows with every start and end of work. */
  activity(): number {
    return this.#activity;
  }

  /** Counts `job` as running until it settles. */
  async track<T>(job: () => Promise<T>): Promise<T> {
    this.#running++;
    this.#activity++;
    try {
      return await job();
    } finally {
      this.#running--;
      this.#activity++;
      if (this.#running === 0) for (const resolve of this.#onDrained.splice(0)) resolve();
    }
  }

  /** Like `track`; in virtual time `job` waits for every exclusive job before it. Not reentrant. */
  exclusive<T>(job: () => Promise<T>): Promise<T> {
    if (!this.#serial) return this.track(job);
    return this.track(() => {
      const turn = this.#tail.then(job);
      this.#tail = turn.catch(() => {});
      return turn;
    });
  }

  /** Resolves true once nothing runs, or false after `withinMs` of real time. */
  async drained(withinMs: number): Promise<boolean> {
    if (this.#running === 0) return true;
    return new Promise((resolve) => {
      const cancel = wall.after(withinMs, () => resolve(false));
      this.#onDrained.push(() => {
        cancel();
        resolve(true);
      });
    });
  }
}
