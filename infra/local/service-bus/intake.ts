import { BrokerError, Condition } from "./broker-error.js";
import { DuplicateHistory } from "./duplicates.js";
import type { JournalRecord } from "./journal.js";
import {
  type Envelope,
  fromRecord,
  type MessageRecord,
  MessageState,
  type StoredMessage,
  sizeOf,
  toRecord,
} from "./message.js";
import type { Runtime } from "./runtime.js";
import { Schedule } from "./schedule.js";

export interface IntakeSettings {
  readonly duplicateDetectionMinutes?: number | undefined;
  readonly maxMessageBytes: number;
  readonly maxSizeBytes: number;
}

/** What stands behind the door: a queue keeps the message, a topic hands copies to its subscriptions. */
export interface Destination {
  /** Throws when the message may not come in, before anything is changed. */
  check(envelope: Envelope): void;
  storedBytes(): number;
  admit(envelope: Envelope, at: number, origin: { readonly enqueuedSequence?: number }): number;
}

/** The sending side of a queue or topic: limits, duplicate detection, scheduling, numbering. */
export class Intake {
  readonly schedule: Schedule;
  readonly #history: DuplicateHistory;
  #next = 1;

  constructor(
    private readonly runtime: Runtime,
    readonly entity: string,
    readonly settings: IntakeSettings,
    private readonly destination: Destination,
  ) {
    const minutes = settings.duplicateDetectionMinutes;
    this.#history = new DuplicateHistory(runtime, entity, minutes === undefined ? undefined : minutes * 60_000);
    this.schedule = new Schedule(runtime, entity, (message) => this.#activate(message));
  }

  nextSequence(): number {
    return this.#next++;
  }

  /**
   * Accepts messages as one unit; duplicates vanish silently, as in the service. Throws QuotaExceeded for a full
   * entity, and what the destination refuses.
   */
  accept(envelopes: readonly Envelope[]): void {
    this.#verify(envelopes);
    const now = this.runtime.clock.now();
    this.runtime.moved(envelopes.length);
    for (const envelope of this.#history.keepNew(envelopes)) {
      if (envelope.scheduledFor !== undefined && envelope.scheduledFor > now) this.#postpone(envelope, now);
      else this.destination.admit(envelope, now, {});
    }
  }

  /** Schedules messages and returns their sequence numbers, by which they can be cancelled. */
  scheduleAll(envelopes: readonly Envelope[]): number[] {
    this.#verify(envelopes);
    this.runtime.moved(envelopes.length);
    const now = this.runtime.clock.now();
    const fresh = new Set(this.#history.keepNew(envelopes));
    return envelopes.map((envelope) => (fresh.has(envelope) ? this.#postpone(envelope, now) : this.nextSequence()));
  }

  restore(record: JournalRecord): boolean {
    if (record.op === "numbering") this.#next = Math.max(this.#next, record.next);
    else if (record.op === "seen") this.#history.restore(record.ids);
    else return false;
    return true;
  }

  restoreScheduled(record: MessageRecord): void {
    this.schedule.restore(fromRecord(record));
  }

  /** Never hands a number out twice after a restart. */
  raiseAbove(sequence: number): void {
    this.#next = Math.max(this.#next, sequence + 1);
  }

  *snapshot(): Iterable<JournalRecord> {
    const { entity } = this;
    yield { op: "numbering", entity, next: this.#next };
    const ids = this.#history.entries();
    if (ids.length > 0) yield { op: "seen", entity, ids };
    for (const message of this.schedule.messages()) yield { op: "put", entity, message: toRecord(message) };
  }

  #verify(envelopes: readonly Envelope[]): void {
    let size = this.destination.storedBytes();
    for (const envelope of envelopes) {
      this.destination.check(envelope);
      size += sizeOf(envelope);
    }
    if (size <= this.settings.maxSizeBytes) return;
    throw new BrokerError(
      Condition.quotaExceeded,
      `${this.entity} has reached its size of ${this.settings.maxSizeBytes} bytes. Receive messages before sending more.`,
    );
  }

  #postpone(envelope: Envelope, now: number): number {
    const sequence = this.nextSequence();
    const state = MessageState.scheduled;
    this.schedule.add({
      ...envelope,
      sequence,
      enqueuedSequence: sequence,
      enqueuedAt: now,
      deliveryCount: 0,
      state,
    });
    return sequence;
  }

  #activate(message: StoredMessage): void {
    const { enqueuedSequence } = message;
    this.runtime.moved();
    this.destination.admit(message, this.runtime.clock.now(), { enqueuedSequence });
  }
}
