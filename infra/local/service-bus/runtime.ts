import type { Clock } from "../time/clock.js";
import { type Journal, type JournalRecord, memoryJournal } from "./journal.js";

/** Something that hands its deliverable messages to the receivers waiting for them. */
export interface Pumpable {
  pump(): void;
}

/**
 * What all entities share: the clock, the journal, and the unit of work. Changes made inside `act` are committed
 * together when it ends; only then are messages handed to receivers, and nothing is answered before the commit, since
 * rhea writes its frames on a later tick.
 */
export class Runtime {
  journal: Journal = memoryJournal;
  #depth = 0;
  #records: JournalRecord[] = [];
  #pending = new Set<Pumpable>();
  #activity = 0;
  #held = false;

  constructor(readonly clock: Clock) {}

  /** Grows with every message in, delivery and settlement. */
  get activity(): number {
    return this.#activity;
  }

  moved(count = 1): void {
    this.#activity += count;
  }

  record(record: JournalRecord): void {
    this.#records.push(record);
  }

  /** Asks for a pump when the current unit of work ends. */
  wake(entity: Pumpable): void {
    this.#pending.add(entity);
  }

  act<T>(work: () => T): T {
    this.#depth++;
    try {
      return work();
    } finally {
      try {
        if (this.#depth === 1) this.#finish();
      } finally {
        this.#depth--;
      }
    }
  }

  /** While held, messages are accepted but not delivered. */
  hold(): void {
    this.#held = true;
  }

  release(): void {
    this.#held = false;
    this.act(() => undefined);
  }

  #finish(): void {
    this.#commit();
    while (!this.#held && this.#pending.size > 0) {
      const pending = [...this.#pending];
      this.#pending.clear();
      for (const entity of pending) entity.pump();
      this.#commit();
    }
  }

  #commit(): void {
    const records = this.#records;
    this.#records = [];
    this.journal.commit(records);
  }
}
