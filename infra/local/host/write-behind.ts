import { wall } from "../../../shared/wall.js";

/** Real milliseconds between two writes. */
const INTERVAL_MS = 1_000;

/**
 * Keeps the latest value by name and writes at most once a second of real time, everything new together. In real time a
 * function host's timers are rarer than that, so each value is written at once; in accelerated time, where hours pass in
 * a second, a host that is killed has forgotten that second and repeats what ran in it, as at-least-once allows.
 */
export class WriteBehind<T> {
  readonly #write: (values: ReadonlyMap<string, T>) => Promise<void>;
  #pending = new Map<string, T>();
  #writtenAt = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(write: (values: ReadonlyMap<string, T>) => Promise<void>) {
    this.#write = write;
  }

  /** Resolves when the value is written or waits for its turn. Rejects when a write at once fails; it is tried again. */
  async put(name: string, value: T): Promise<void> {
    this.#pending.set(name, value);
    const due = this.#writtenAt + INTERVAL_MS - wall.monotonic();
    if (due <= 0) await this.flush();
    else this.#later(due);
  }

  /** Writes what waits. */
  flush(): Promise<void> {
    const work = () => this.#flush();
    const run = this.#writing.then(work, work);
    this.#writing = run.catch(() => undefined);
    return run;
  }

  async #flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#pending.size === 0) return;
    const values = this.#pending;
    this.#pending = new Map();
    this.#writtenAt = wall.monotonic();
    try {
      await this.#write(values);
    } catch (error) {
      this.#pending = new Map([...values, ...this.#pending]);
      this.#later(INTERVAL_MS);
      throw error;
    }
  }

  #later(afterMs: number): void {
    this.#timer ??= setTimeout(() => void this.flush().catch(() => undefined), afterMs).unref();
  }
}
