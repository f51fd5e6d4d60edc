import { mergeProperties } from "./encoding.js";
import type { JournalRecord } from "./journal.js";
import { fromRecord, MessageState, type StoredMessage, sizeOf, toRecord } from "./message.js";
import type { Runtime } from "./runtime.js";

export interface Counts {
  readonly active: number;
  readonly deferred: number;
}

/** The messages of one queue by sequence number; every change goes to the journal. */
export class MessageStore {
  readonly #messages = new Map<number, StoredMessage>();
  /** Replayed from the journal: handed out when the process died. */
  readonly #interrupted = new Set<number>();
  #bytes = 0;

  constructor(
    private readonly runtime: Runtime,
    private readonly entity: string,
  ) {}

  get bytes(): number {
    return this.#bytes;
  }

  get size(): number {
    return this.#messages.size;
  }

  get(sequence: number): StoredMessage | undefined {
    return this.#messages.get(sequence);
  }

  put(message: StoredMessage): void {
    this.runtime.record({ op: "put", entity: this.entity, message: toRecord(message) });
    this.#keep(message);
  }

  remove(messages: readonly StoredMessage[]): void {
    const sequences = messages.map(({ sequence }) => sequence);
    this.runtime.record({ op: "delete", entity: this.entity, sequences });
    for (const sequence of sequences) this.#drop(sequence);
  }

  recordLocks(messages: readonly StoredMessage[]): void {
    this.runtime.record({ op: "lock", entity: this.entity, sequences: messages.map(({ sequence }) => sequence) });
  }

  /** Writes delivery count and state as they are now; `changes` are merged into the application properties. */
  update(message: StoredMessage, changes: Readonly<Record<string, unknown>> = {}): void {
    const { sequence, deliveryCount, state } = message;
    const base = { op: "update", entity: this.entity, sequence, deliveryCount, state } as const;
    if (Object.keys(changes).length === 0) {
      this.runtime.record(base);
      return;
    }
    const before = sizeOf(message);
    message.applicationProperties = mergeProperties(message.applicationProperties, changes);
    this.#bytes += sizeOf(message) - before;
    this.runtime.record({ ...base, applicationProperties: message.applicationProperties.toString("base64") });
  }

  /** In order of sequence number, from the given one. */
  list(from = 0): StoredMessage[] {
    const found = [...this.#messages.values()].filter(({ sequence }) => sequence >= from);
    return found.sort((a, b) => a.sequence - b.sequence);
  }

  counts(): Counts {
    let deferred = 0;
    for (const message of this.#messages.values()) if (message.state === MessageState.deferred) deferred++;
    return { active: this.#messages.size - deferred, deferred };
  }

  restore(record: JournalRecord): void {
    if (record.op === "put") this.#keep(fromRecord(record.message));
    else if (record.op === "delete") for (const sequence of record.sequences) this.#drop(sequence);
    else if (record.op === "lock") for (const sequence of record.sequences) this.#interrupted.add(sequence);
    else if (record.op === "update") this.#restoreUpdate(record);
  }

  /** Messages that were with a receiver when the process died; asked once, after the replay. */
  interrupted(): StoredMessage[] {
    const messages = [...this.#interrupted].map((sequence) => this.#messages.get(sequence));
    this.#interrupted.clear();
    return messages.filter((message) => message !== undefined);
  }

  *snapshot(locked: readonly StoredMessage[]): Iterable<JournalRecord> {
    for (const message of this.#messages.values()) {
      yield { op: "put", entity: this.entity, message: toRecord(message) };
    }
    if (locked.length === 0) return;
    yield { op: "lock", entity: this.entity, sequences: locked.map(({ sequence }) => sequence) };
  }

  #restoreUpdate(record: JournalRecord & { op: "update" }): void {
    this.#interrupted.delete(record.sequence);
    const message = this.#messages.get(record.sequence);
    if (message === undefined) return;
    message.deliveryCount = record.deliveryCount;
    message.state = record.state;
    if (record.applicationProperties === undefined) return;
    message.applicationProperties = Buffer.from(record.applicationProperties, "base64");
  }

  #keep(message: StoredMessage): void {
    this.#messages.set(message.sequence, message);
    this.#bytes += sizeOf(message);
  }

  #drop(sequence: number): void {
    const message = this.#messages.get(sequence);
    if (message === undefined) return;
    this.#messages.delete(sequence);
    this.#interrupted.delete(sequence);
    this.#bytes -= sizeOf(message);
  }
}
