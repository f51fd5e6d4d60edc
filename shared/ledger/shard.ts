import type { AppError } from "../errors.js";
import { STORAGE_BACKOFF, withBackoff } from "../store/backoff.js";
import { type Operation, type Row, scan, type Table, transactions, type Values } from "../store/table.js";
import { groupBy } from "./collections.js";
import { Counters } from "./counters.js";
import { type LedgerRelease, pageKey, pageNumber, pageOf, shardPartition } from "./layout.js";
import { Page } from "./page.js";
import { contribution, type LedgerRow } from "./row.js";

/** Sorts before every page, so that a page of rows is never older than the counter read with it. */
const COUNTER_KEY = "!counter";
const FIRST_VERSION = 0;

/** The device's new row, undefined when it already says it all; applied again after a conflict, hence pure. */
export type Edit = (row: LedgerRow | undefined) => LedgerRow | undefined;

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
  readonly pages: Map<number, Page>;
}

/**
 * One partition of a release's ledger. Rows are kept in memory as long as the counter's ETag is the one we wrote or
 * read: every commit of anybody replaces the counter, so an own commit that succeeds proves that nobody else wrote.
 */
export class Shard {
  readonly #table: Table;
  readonly #release: LedgerRelease;
  readonly #partition: string;
  readonly #index: number;
  #loaded: Loaded | undefined;
  #tail: Promise<unknown> = Promise.resolve();

  constructor(table: Table, release: LedgerRelease, index: number) {
    this.#table = table;
    this.#release = release;
    this.#partition = shardPartition(release.releaseId, index);
    this.#index = index;
  }

  /** Applies the edits in transactions of at most 99 pages and the counter. @returns how many devices changed */
  change(edits: ReadonlyMap<string, Edit>): Promise<number> {
    return this.#exclusive(async () => {
      const changed = new Set<string>();
      await this.#patiently(async () => {
        const loaded = await this.#load();
        for (const part of transactions(this.#pending(loaded, edits), 1)) {
          await this.#commit(loaded, part);
          for (const { deviceId } of part.flatMap(({ changes }) => changes)) changed.add(deviceId);
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
        const absent = this.#absent(await this.#load(), deviceIds);
        if (absent.size === 0 || fresh || !(await this.#outdated())) return absent;
        this.#loaded = undefined;
        return this.#absent(await this.#load(), absent);
      }),
    );
  }

  /** All rows as they are stored now; where nobody else has written, for one small request. */
  rows(): Promise<[deviceId: string, row: LedgerRow][]> {
    return this.#exclusive(() =>
      this.#patiently(async () => {
        if (this.#loaded !== undefined && (await this.#outdated())) this.#loaded = undefined;
        const { pages } = await this.#load();
        return [...pages.values()].flatMap((page) => [...page.rows()]);
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

  #pending(loaded: Loaded, edits: ReadonlyMap<string, Edit>): PageWrite[] {
    const writes: PageWrite[] = [];
    for (const [page, deviceIds] of groupBy(edits.keys(), (deviceId) => pageOf(this.#release, deviceId))) {
      const stored = loaded.pages.get(page);
      const changes: RowChange[] = [];
      for (const deviceId of deviceIds) {
        const before = stored?.get(deviceId);
        const after = edits.get(deviceId)?.(before);
        if (after !== undefined) changes.push({ deviceId, before, after });
      }
      if (changes.length === 0) continue;
      const content = (stored ?? new Page()).with(changes);
      const write = { rowKey: pageKey(page), values: content.toValues(), page, content, changes };
      writes.push({ kind: stored ? "replace" : "insert", ...write });
    }
    return writes;
  }

  async #commit(loaded: Loaded, part: readonly PageWrite[]): Promise<void> {
    const counters = loaded.counters.clone();
    for (const { before, after } of part.flatMap(({ changes }) => changes)) {
      if (before) counters.add(contribution(before), -1);
      counters.add(contribution(after));
    }
    const version = loaded.version + 1;
    const counter = { rowKey: COUNTER_KEY, values: { version, ...counters.toValues() } };
    const first: Operation =
      loaded.etag === undefined ? { kind: "insert", ...counter } : { kind: "replace", ...counter, etag: loaded.etag };
    const [etag] = await this.#table.commit(this.#partition, [first, ...part]);
    for (const { page, content } of part) loaded.pages.set(page, content);
    Object.assign(loaded, { etag, version, counters });
  }

  async #load(): Promise<Loaded> {
    if (this.#loaded) return this.#loaded;
    const loaded: Loaded = { etag: undefined, version: FIRST_VERSION, counters: new Counters(), pages: new Map() };
    for await (const row of scan(this.#table, this.#partition)) {
      if (row.rowKey === COUNTER_KEY) Object.assign(loaded, readCounter(row));
      else loaded.pages.set(pageNumber(row.rowKey), Page.fromValues(row.values));
    }
    this.#loaded = loaded;
    return loaded;
  }

  #absent(loaded: Loaded, deviceIds: Iterable<string>): Set<string> {
    const absent = new Set<string>();
    for (const deviceId of deviceIds) {
      if (!loaded.pages.get(pageOf(this.#release, deviceId))?.has(deviceId)) absent.add(deviceId);
    }
    return absent;
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

interface RowChange {
  readonly deviceId: string;
  readonly before: LedgerRow | undefined;
  readonly after: LedgerRow;
}

type PageWrite = Operation & {
  readonly page: number;
  readonly content: Page;
  readonly changes: readonly RowChange[];
};

function readCounter(row: Row): Omit<Loaded, "pages"> {
  return { etag: row.etag, version: Number(row.values.version), counters: Counters.fromValues(row.values) };
}

/** The counters of a shard as stored and as its rows add up; they differ only if the ledger is broken. */
export async function recountShard(table: Table, partition: string): Promise<{ stored: Counters; counted: Counters }> {
  let stored = new Counters();
  const counted = new Counters();
  for await (const row of scan(table, partition)) {
    if (row.rowKey === COUNTER_KEY) stored = Counters.fromValues(row.values);
    else for (const [, device] of Page.fromValues(row.values).rows()) counted.add(contribution(device));
  }
  return { stored, counted };
}
