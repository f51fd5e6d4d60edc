import { wall } from "../../../shared/wall.js";

/** One part of the local stack that lives in domain time. */
export interface Participant {
  /** A counter that grows with everything this part does; unchanged means that nothing happened meanwhile. */
  activity(): number;
  /** Resolves once nothing runs, with the instant of its next timer (undefined: none). */
  quiet(): Promise<number | undefined>;
  /** Moves this part's clock and fires what is due by then. */
  advance(to: number): void;
}

export interface TimelineOptions {
  readonly start: number;
  /** In the order in which they are moved. */
  readonly participants: readonly Participant[];
  /** Domain milliseconds per real millisecond; undefined jumps without pacing. */
  readonly speed?: number;
  /** Called before each jump, in quiet; returning true ends the run without jumping. */
  readonly beforeJump?: (now: number, next: number | undefined) => Promise<boolean>;
}

/** How long to look away, in real milliseconds, when no part has anything due and only an outsider can cause more. */
const NOTHING_DUE_MS = 50;

/**
 * The one who moves time. It jumps to the next due instant only when every part is quiet and nothing happened while
 * they were asked, so that time never passes while anything runs (design.md §3.4).
 */
export class Timeline {
  readonly #options: TimelineOptions;
  #now: number;
  #stopped = false;

  constructor(options: TimelineOptions) {
    this.#options = options;
    this.#now = options.start;
  }

  now(): number {
    return this.#now;
  }

  stop(): void {
    this.#stopped = true;
  }

  /** Runs until stopped, or until `beforeJump` says that the run is over. */
  async run(): Promise<void> {
    while (!this.#stopped) {
      const { settled, next } = await this.#settle();
      if (!settled || this.#stopped) continue;
      if ((await this.#options.beforeJump?.(this.#now, next)) === true) return;
      if (next === undefined) {
        await wall.sleep(NOTHING_DUE_MS);
        continue;
      }
      if (!(await this.#pace(next))) continue;
      this.#now = Math.max(this.#now, next);
      for (const participant of this.#options.participants) participant.advance(this.#now);
    }
  }

  /** Asks every part; settled when none did anything between the first question and the last answer. */
  async #settle(): Promise<{ settled: boolean; next: number | undefined }> {
    const before = this.#activity();
    let next: number | undefined;
    for (const participant of this.#options.participants) {
      const due = await participant.quiet();
      if (due !== undefined) next = next === undefined ? due : Math.min(next, due);
    }
    return { settled: this.#activity() === before, next };
  }

  #activity(): number {
    return this.#options.participants.reduce((sum, participant) => sum + participant.activity(), 0);
  }

  /** Waits in real time as accelerated time asks. False when something happened meanwhile. */
  async #pace(next: number): Promise<boolean> {
    const { speed } = this.#options;
    if (speed === undefined) return true;
    const before = this.#activity();
    const until = wall.monotonic() + (next - this.#now) / speed;
    while (!this.#stopped && wall.monotonic() < until) {
      await wall.sleep(Math.min(20, until - wall.monotonic()));
      if (this.#activity() !== before) return false;
    }
    return !this.#stopped;
  }
}
