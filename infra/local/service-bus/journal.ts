import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, truncateSync, writeSync } from "node:fs";
import type { Filter } from "./filter.js";
import type { MessageRecord, MessageState } from "./message.js";

/** One change of the broker's durable state; `entity` is the lower-case path of a queue, subscription or topic. */
export type JournalRecord = { readonly entity: string } & (
  | { readonly op: "put"; readonly message: MessageRecord }
  | { readonly op: "delete"; readonly sequences: readonly number[] }
  | {
      readonly op: "update";
      readonly sequence: number;
      readonly deliveryCount: number;
      readonly state: MessageState;
      /** Encoded application properties, base64, when they changed. */
      readonly applicationProperties?: string;
    }
  /** Handed to a receiver: whatever is still locked when the process dies has failed one delivery. */
  | { readonly op: "lock"; readonly sequences: readonly number[] }
  | { readonly op: "numbering"; readonly next: number }
  | { readonly op: "seen"; readonly ids: readonly (readonly [id: string, at: number])[] }
  | { readonly op: "session"; readonly session: string; readonly state: string | null }
  | { readonly op: "rules"; readonly rules: Readonly<Record<string, Filter>> }
);

/** Where committed changes go. One commit is one unit: after a crash either all of it is there or nothing. */
export interface Journal {
  commit(records: readonly JournalRecord[]): void;
  close(): void;
}

export const memoryJournal: Journal = { commit: () => undefined, close: () => undefined };

/** Files below this many bytes are never compacted. */
const COMPACTION_FLOOR = 4 * 1024 * 1024;

/** What the journal asks of the state it protects when it rewrites itself. */
export interface JournalSource {
  /** Approximate bytes that a fresh journal would have. */
  liveBytes(): number;
  snapshot(): Iterable<JournalRecord>;
}

/**
 * Append-only JSON lines, one line per commit, written before anybody is answered. When more than half of the file is
 * garbage it is rewritten from the live state. A line torn by a kill counts as never committed.
 */
export class FileJournal implements Journal {
  #fd: number;
  #bytes: number;

  private constructor(
    readonly path: string,
    private readonly source: JournalSource,
    bytes: number,
  ) {
    this.#bytes = bytes;
    this.#fd = openSync(path, "a");
  }

  /** Replays the file, if there is one, and opens it for appending. */
  static open(path: string, source: JournalSource, replay: (record: JournalRecord) => void): FileJournal {
    return new FileJournal(path, source, existsSync(path) ? readJournal(path, replay) : 0);
  }

  commit(records: readonly JournalRecord[]): void {
    if (records.length === 0) return;
    this.#append(records);
    if (this.#bytes > COMPACTION_FLOOR && this.#bytes > 2 * this.source.liveBytes()) this.#compact();
  }

  close(): void {
    closeSync(this.#fd);
  }

  #append(records: readonly JournalRecord[]): void {
    this.#bytes += writeAll(this.#fd, Buffer.from(`${JSON.stringify(records)}\n`));
  }

  #compact(): void {
    const fresh = `${this.path}.compact`;
    const fd = openSync(fresh, "w");
    let bytes = 0;
    for (const record of this.source.snapshot()) bytes += writeAll(fd, Buffer.from(`${JSON.stringify([record])}\n`));
    fsyncSync(fd);
    closeSync(this.#fd);
    renameSync(fresh, this.path);
    this.#fd = fd;
    this.#bytes = bytes;
  }
}

function writeAll(fd: number, bytes: Buffer): number {
  let written = 0;
  while (written < bytes.length) written += writeSync(fd, bytes, written);
  return written;
}

/** Replays every whole line and cuts a torn last one off. Returns the bytes kept. */
function readJournal(path: string, replay: (record: JournalRecord) => void): number {
  const bytes = readFileSync(path);
  let start = 0;
  for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
    for (const record of JSON.parse(bytes.toString("utf8", start, end)) as JournalRecord[]) replay(record);
    start = end + 1;
  }
  if (start < bytes.length) truncateSync(path, start);
  return start;
}
