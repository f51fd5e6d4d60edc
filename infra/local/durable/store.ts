/**
 * Where the engine keeps what must survive it. A hub is an index (one row per instance) and one partition per instance:
 * a head and rows. One process owns a hub at a time, so reads are never needed to write.
 */
export interface DurableStore {
  /** All index rows. */
  index(): Promise<IndexRow[]>;
  putIndex(row: IndexRow): Promise<void>;
  deleteIndex(id: string): Promise<void>;

  /** Everything of one instance, rows sorted by key; undefined when there is nothing. */
  load(id: string): Promise<StoredInstance | undefined>;
  /** All of it or nothing, whatever its size. Rows that are dropped need not exist. Repeating it changes nothing. */
  commit(id: string, change: Change): Promise<void>;
  /** Removes everything of one instance. May stop half-way: repeat it. */
  remove(id: string): Promise<void>;
  /** The instance leaves memory: nothing about it needs to be remembered until it is loaded again. */
  release(id: string): void;

  readLease(): Promise<LeaseRow | undefined>;
  /** Fails with a `conflict` AppError when the lease is not what `previous` says any more. */
  writeLease(next: LeaseRow, previous: LeaseRow | undefined): Promise<void>;

  /** Storage transactions so far. */
  transactions(): number;
  close(): Promise<void>;
}

/** What is known of an instance without reading it; the truth for instances that are not open. */
export interface IndexRow {
  readonly id: string;
  /** Whether a restarted host has to read the instance. Set before its first row is written. */
  readonly open: boolean;
  /** Outgoing messages numbered below this have arrived. */
  readonly settled: number;
  /** Being removed: finish it. */
  readonly purging?: boolean;
  readonly name: string;
  readonly status: string;
  /** ISO 8601, milliseconds. */
  readonly created: string;
  readonly updated: string;
}

export interface Change {
  /** JSON text; absent = unchanged. */
  readonly head?: string;
  readonly put: readonly Row[];
  readonly drop: readonly string[];
}

export interface Row {
  readonly key: string;
  /** JSON text. */
  readonly text: string;
}

export interface StoredInstance {
  readonly head?: string;
  readonly rows: readonly Row[];
}

/** Who owns the hub. */
export interface LeaseRow {
  readonly owner: string;
  readonly machine: string;
  readonly pid: number;
  /** Wall time of the last heartbeat, milliseconds. */
  readonly beat: number;
  /** Grows with every owner. */
  readonly epoch: number;
}
