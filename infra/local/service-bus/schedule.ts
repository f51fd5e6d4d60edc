import type { Timer } from "../time/clock.js";
import { BrokerError, Condition } from "./broker-error.js";
import { MessageState, type StoredMessage, toRecord } from "./message.js";
import type { Runtime } from "./runtime.js";

interface Waiting {
  readonly message: StoredMessage;
  readonly timer: Timer;
}

/** Messages that appear later, in domain time, until they are due or cancelled. */
export class Schedule {
  readonly #waiting = new Map<number, Waiting>();

  constructor(
    private readonly runtime: Runtime,
    private readonly entity: string,
    private readonly activate: (message: StoredMessage) => void,
  ) {}

  get size(): number {
    return this.#waiting.size;
  }

  add(message: StoredMessage): void {
    this.runtime.record({ op: "put", entity: this.entity, message: toRecord(message) });
    this.restore(message);
  }

  /** Takes a scheduled message back without a journal entry. */
  restore(message: StoredMessage): void {
    message.state = MessageState.scheduled;
    const due = message.scheduledFor ?? this.runtime.clock.now();
    const timer = this.runtime.clock.at(due, () => this.runtime.act(() => this.#due(message)));
    this.#waiting.set(message.sequence, { message, timer });
  }

  /** Throws `message-not-found` when one of the numbers is not scheduled; then none is cancelled. */
  cancel(sequences: readonly number[]): void {
    const unknown = sequences.find((sequence) => !this.#waiting.has(sequence));
    if (unknown !== undefined) {
      throw new BrokerError(Condition.messageNotFound, `No scheduled message has the sequence number ${unknown}.`);
    }
    for (const sequence of sequences) this.forget(sequence);
    this.runtime.record({ op: "delete", entity: this.entity, sequences });
  }

  /** Drops a message without a journal entry; false when it is not scheduled here. */
  forget(sequence: number): boolean {
    this.#waiting.get(sequence)?.timer.cancel();
    return this.#waiting.delete(sequence);
  }

  messages(): StoredMessage[] {
    return [...this.#waiting.values()].map(({ message }) => message);
  }

  clear(): void {
    for (const { timer } of this.#waiting.values()) timer.cancel();
    this.#waiting.clear();
  }

  #due(message: StoredMessage): void {
    this.#waiting.delete(message.sequence);
    this.runtime.record({ op: "delete", entity: this.entity, sequences: [message.sequence] });
    this.activate(message);
  }
}
