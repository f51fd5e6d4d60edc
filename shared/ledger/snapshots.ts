import type { AppError } from "../errors.js";
import { STORAGE_BACKOFF, withBackoff } from "../store/backoff.js";
import { type Operation, safeKey, scan, type Table, transactions } from "../store/table.js";
import type { Snapshot } from "./shard.js";

interface Published {
  readonly etag: string;
  readonly version: number;
}

export const SNAPSHOT_PREFIX = "shard-";

/**
 * Copies of the shards' counters in the release's summary partition. A copy is replaced only by a newer version of the
 * same counter, under its ETag; a copy that is behind (a crash between commit and copy) is caught up by whoever touches
 * the shard next.
 */
export class Snapshots {
  readonly #table: Table;
  readonly #known = new Map<string, Map<number, Published>>();
  #tail: Promise<unknown> = Promise.resolve();

  constructor(table: Table) {
    this.#table = table;
  }

  /** Brings the summary up to the given versions, all of them in one transaction (100 shards or less). */
  publish(releaseId: string, snapshots: readonly Snapshot[]): Promise<void> {
    const work = () => this.#publish(safeKey(releaseId), snapshots);
    const run = this.#tail.then(work, work);
    this.#tail = run.catch(() => undefined);
    return run;
  }

  async #publish(partition: string, snapshots: readonly Snapshot[]): Promise<void> {
    const retry = (error: AppError) => error.retryable || error.code === "conflict" || error.code === "not_found";
    await withBackoff({ ...STORAGE_BACKOFF, tries: 10, firstMs: 10, retry, seed: partition }, async () => {
      try {
        const known = this.#known.get(partition) ?? (await this.#read(partition));
        const newer = snapshots.filter(({ shard, version }) => version > (known.get(shard)?.version ?? 0));
        for (const part of transactions(newer.map((snapshot) => write(snapshot, known.get(snapshot.shard))))) {
          const etags = await this.#table.commit(partition, part);
          for (const [index, { shard, version }] of part.entries()) {
            known.set(shard, { etag: etags[index] ?? "", version });
          }
        }
      } catch (error) {
        this.#known.delete(partition);
        throw error;
      }
    });
  }

  async #read(partition: string): Promise<Map<number, Published>> {
    const known = new Map<number, Published>();
    const range = { from: SNAPSHOT_PREFIX, before: `${SNAPSHOT_PREFIX}~`, select: ["version"] };
    for await (const { rowKey, etag, values } of scan(this.#table, partition, range)) {
      known.set(Number(rowKey.slice(SNAPSHOT_PREFIX.length)), { etag, version: Number(values.version) });
    }
    this.#known.set(partition, known);
    return known;
  }
}

export const snapshotKey = (shard: number): string => `${SNAPSHOT_PREFIX}${String(shard).padStart(4, "0")}`;

function write(snapshot: Snapshot, published: Published | undefined): Operation & Pick<Snapshot, "shard" | "version"> {
  const { shard, version, values } = snapshot;
  const row = { rowKey: snapshotKey(shard), values: { version, ...values } };
  return published === undefined
    ? { kind: "insert", ...row, shard, version }
    : { kind: "replace", ...row, etag: published.etag, shard, version };
}
