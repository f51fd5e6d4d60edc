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
const NOTHING_DUE_MS = 20;
/** Longest look away while accelerated time is paced, real milliseconds. */
const LONGEST_NAP_MS = 20;

/**
 * The one who moves time. It jumps to the next due instant only when every part is quiet and nothing happened while
 * they were asked, so that time never passes while anything runs (design.md §3.4).
 */
export class Timeline {
  readonly #options: TimelineOptions;
  #now: number;
  #jumpedAt = wall.monotonic();
  #stopped = false;
  #speed: number | undefined;

  constructor(options: TimelineOptions) {
    this.#options = options;
    this.#now = options.start;
    this.#speed = options.speed;
  }

  now(): number {
    return this.#now;
  }

  /** Domain milliseconds per real millisecond from now on, also in the wait that is under way. */
  set speed(speed: number) {
    this.#speed = speed;
  }

  stop(): void {
    this.#stopped = true;
  }

  /** Runs until stopped, until `beforeJump` says that the run is over, or until everything due by `until` has happened. */
  async run(until = Number.POSITIVE_INFINITY): Promise<void> {
    while (!this.#stopped) {
      const { settled, next } = await this.#settle();
      if (!settled || this.#stopped) continue;
      if (until < (next ?? Number.POSITIVE_INFINITY)) {
        this.#jump(until);
        return;
      }
      const wait = next === undefined ? NOTHING_DUE_MS : this.#pacing(next);
      if (wait > 0) {
        // Asked again after each nap: an outsider may have set something going meanwhile.
        await wall.sleep(Math.min(wait, LONGEST_NAP_MS));
        if (next !== undefined) continue;
      }
      if ((await this.#options.beforeJump?.(this.#now, next)) === true) return;
      if (next !== undefined) this.#jump(next);
    }
  }

  #jump(next: number): void {
    this.#now = Math.max(this.#now, next);
    this.#jumpedAt = wall.monotonic();
    for (const participant of this.#options.participants) participant.advance(this.#now);
  }

  /** Real milliseconds that accelerated time still asks to wait before the jump to `next`. */
  #pacing(next: number): number {
    const speed = this.#speed;
    return speed === undefined ? 0 : this.#jumpedAt + (next - this.#now) / speed - wall.monotonic();
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
}
