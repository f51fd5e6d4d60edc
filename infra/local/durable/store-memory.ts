import { AppError } from "../../../shared/errors.js";
import type { Change, DurableStore, IndexRow, LeaseRow, StoredInstance } from "./store.js";

interface Partition {
  head?: string;
  readonly rows: Map<string, string>;
}

/** A store that lives as long as the process. Hand the same object to a second engine to "restart" it. */
export function memoryStore(): DurableStore {
  const index = new Map<string, IndexRow>();
  const partitions = new Map<string, Partition>();
  let lease: LeaseRow | undefined;
  let transactions = 0;
  const count = () => {
    transactions++;
  };

  return {
    async index() {
      count();
      return [...index.values()];
    },
    async putIndex(row) {
      count();
      index.set(row.id, row);
    },
    async deleteIndex(id) {
      count();
      index.delete(id);
    },
    async load(id): Promise<StoredInstance | undefined> {
      count();
      const partition = partitions.get(id);
      if (partition === undefined) return undefined;
      const rows = [...partition.rows]
        .map(([key, text]) => ({ key, text }))
        .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
      return { ...(partition.head === undefined ? {} : { head: partition.head }), rows };
    },
    async commit(id, change: Change) {
      count();
      const partition = partitions.get(id) ?? { rows: new Map<string, string>() };
      partitions.set(id, partition);
      if (change.head !== undefined) partition.head = change.head;
      for (const key of change.drop) partition.rows.delete(key);
      for (const row of change.put) partition.rows.set(row.key, row.text);
    },
    async remove(id) {
      count();
      partitions.delete(id);
    },
    release() {},
    async readLease() {
      count();
      return lease;
    },
    async writeLease(next, previous) {
      count();
      if (lease?.owner !== previous?.owner || lease?.beat !== previous?.beat) {
        throw new AppError("conflict", "The task hub has another owner now. Stop one of the two hosts.");
      }
      lease = next;
    },
    transactions: () => transactions,
    async close() {},
  };
}
