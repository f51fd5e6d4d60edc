import type { AppError } from "../errors.js";
import { STORAGE_BACKOFF, withBackoff } from "../store/backoff.js";
import { type Operation, type Row, scan, type Table, transactions, type Values } from "../store/table.js";
import { Counters } from "./counters.js";
import { contribution, type LedgerRow } from "./row.js";
import { fromValues, ROW_PROPERTIES } from "./row-values.js";

/** Sorts before every device id, so that a page of rows is never older than the counter read with it. */
const COUNTER_KEY = "!counter";
const COUNTER_PROPERTIES = ["version", "counters", "silent"];
const FIRST_VERSION = 0;

/** A new version of a device's row, and what of it has to be written. */
export interface Change {
  readonly row: LedgerRow;
  readonly values: Values;
}

/** Undefined when the row already says it all; applied again after a conflict, hence pure. */
export type Edit = (row: LedgerRow | undefined) => Change | undefined;

/** The counter of a shard as it was committed, for the summary. */
export interface Snapshot {
  readonly shard: number;
  readonly version: number;
  readonly values: Values;
}

interface Loaded {
  /** Undefined when the shard has no counter yet. */
  etag: string | undefined;
  version: number;
  counters: Counters;
  readonly rows: Map<string, LedgerRow>;
}

/**
 * One partition of a release's ledger. Rows are kept in memory as long as the counter's ETag is the one we wrote or
 * read: every commit of anybody replaces the counter, so an own commit that succeeds proves that nobody else wrote.
 */
export class Shard {
  readonly #table: Table;
  readonly #partition: string;
  readonly #index: number;
  #loaded: Loaded | undefined;
  #tail: Promise<unknown> = Promise.resolve();

  constructor(table: Table, partition: string, index: number) {
    this.#table = table;
    this.#partition = partition;
    this.#index = index;
  }

  /** Applies the edits in transactions of at most 99 devices and the counter. @returns how many devices changed */
  change(edits: ReadonlyMap<string, Edit>): Promise<number> {
    return this.#exclusive(async () => {
      const changed = new Set<string>();
      await this.#patiently(async () => {
        const loaded = await this.#load();
        for (const part of transactions(pending(loaded, edits), 1)) {
          await this.#commit(loaded, part);
          for (const { rowKey } of part) changed.add(rowKey);
        }
      });
      return changed.size;
    });
  }

  /** Which of the devices are not enrolled here; looks again when the cached rows are no longer the newest. */
  missing(deviceIds: Iterable<string>): Promise<Set<string>> {
    return this.#exclusive(() =>
      this.#patiently(async () => {
        const fresh = this.#loaded === undefined;
        const absent = new Set(absentFrom(await this.#load(), deviceIds));
        if (absent.size === 0 || fresh || !(await this.#outdated())) return absent;
        this.#loaded = undefined;
        return new Set(absentFrom(await this.#load(), absent));
      }),
    );
  }

  /** The counter's newest version known here. */
  snapshot(): Promise<Snapshot> {
    return this.#exclusive(() =>
      this.#patiently(async () => {
        const { version, counters } = await this.#load();
        return { shard: this.#index, version, values: counters.toValues() };
      }),
    );
  }

  async #commit(loaded: Loaded, part: readonly PendingWrite[]): Promise<void> {
    const counters = loaded.counters.clone();
    for (const { before, after } of part) {
      if (before) counters.add(contribution(before), -1);
      counters.add(contribution(after));
    }
    const version = loaded.version + 1;
    const counter = { rowKey: COUNTER_KEY, values: { version, ...counters.toValues() } };
    const first: Operation =
      loaded.etag === undefined ? { kind: "insert", ...counter } : { kind: "replace", ...counter, etag: loaded.etag };
    const [etag] = await this.#table.commit(this.#partition, [first, ...part]);
    for (const { rowKey, after } of part) loaded.rows.set(rowKey, after);
    Object.assign(loaded, { etag, version, counters });
  }

  async #load(): Promise<Loaded> {
    if (this.#loaded) return this.#loaded;
    const loaded: Loaded = { etag: undefined, version: FIRST_VERSION, counters: new Counters(), rows: new Map() };
    const select = [...ROW_PROPERTIES, ...COUNTER_PROPERTIES];
    for await (const row of scan(this.#table, this.#partition, { select })) {
      if (row.rowKey === COUNTER_KEY) Object.assign(loaded, readCounter(row));
      else loaded.rows.set(row.rowKey, fromValues(row.values));
    }
    this.#loaded = loaded;
    return loaded;
  }

  async #outdated(): Promise<boolean> {
    const counter = await this.#table.get(this.#partition, COUNTER_KEY);
    return counter?.etag !== this.#loaded?.etag;
  }

  /** Whatever went wrong, the next try starts from what is stored: a failed call may have been carried out. */
  #patiently<T>(work: () => Promise<T>): Promise<T> {
    const retry = (error: AppError) => error.retryable || error.code === "conflict";
    return withBackoff({ ...STORAGE_BACKOFF, tries: 10, firstMs: 10, retry, seed: this.#partition }, async () => {
      try {
        return await work();
      } catch (error) {
        this.#loaded = undefined;
        throw error;
      }
    });
  }

  #exclusive<T>(work: () => Promise<T>): Promise<T> {
    const run = this.#tail.then(work, work);
    this.#tail = run.catch(() => undefined);
    return run;
  }
}

type PendingWrite = Operation & { readonly before: LedgerRow | undefined; readonly after: LedgerRow };

function pending(loaded: Loaded, edits: ReadonlyMap<string, Edit>): PendingWrite[] {
  const writes: PendingWrite[] = [];
  for (const [rowKey, edit] of edits) {
    const before = loaded.rows.get(rowKey);
    const change = edit(before);
    if (change === undefined) continue;
    writes.push({ kind: before ? "merge" : "insert", rowKey, values: change.values, before, after: change.row });
  }
  return writes;
}

function* absentFrom(loaded: Loaded, deviceIds: Iterable<string>): Generator<string> {
  for (const deviceId of deviceIds) if (!loaded.rows.has(deviceId)) yield deviceId;
}

function readCounter(row: Row): Omit<Loaded, "rows"> {
  return { etag: row.etag, version: Number(row.values.version), counters: Counters.fromValues(row.values) };
}

/** The counters of a shard as stored and as its rows add up; they differ only if the ledger is broken. */
export async function recountShard(table: Table, partition: string): Promise<{ stored: Counters; counted: Counters }> {
  let stored = new Counters();
  const counted = new Counters();
  for await (const row of scan(table, partition)) {
    if (row.rowKey === COUNTER_KEY) stored = Counters.fromValues(row.values);
    else counted.add(contribution(fromValues(row.values)));
  }
  return { stored, counted };
}

/** Device rows of a shard with everything that is stored, the counter left out. */
export function scanDevices(table: Table, partition: string, where?: string): AsyncIterable<Row> {
  return scan(table, partition, { from: "0", ...(where === undefined ? {} : { where }) });
}
