import { AppError } from "../errors.js";
import { safeKey, scan, type Table, transactions } from "../store/table.js";
import type { LedgerContext } from "./context.js";
import { shardPartition } from "./layout.js";
import { RELEASE_ROW } from "./releases.js";
import { rosterPartition } from "./roster.js";

/** Days for which device rows are kept after their release has ended (design.md §3.1). */
const RETENTION_DAYS = 90;
const RETENTION_MS = RETENTION_DAYS * 24 * 3_600_000;

/**
 * Deletes the device rows of a release that ended 90 days ago or earlier; its counters stay. From then on signals about
 * it are refused. May be repeated, also after a crash half-way.
 * @param now domain time, ms
 * @returns whether anything was deleted by this call
 */
export async function dropExpiredDevices(context: LedgerContext, releaseId: string, now: number): Promise<boolean> {
  const { store, updates } = context;
  const row = await store.summaries.get(safeKey(releaseId), RELEASE_ROW);
  const endedAt = Date.parse(String(row?.values.endedAt ?? ""));
  if (row === undefined || row.values.droppedAt !== undefined || !(now - endedAt >= RETENTION_MS)) return false;
  await updates.forget(releaseId);
  const release = await store.release(releaseId);
  for (let shard = 0; shard < release.shards; shard++) {
    await emptyPartition(store.devices, shardPartition(releaseId, shard));
    await emptyPartition(store.devices, rosterPartition(release, shard));
  }
  store.forget(release);
  const values = { droppedAt: new Date(now).toISOString() };
  await store.summaries.commit(safeKey(releaseId), [{ kind: "merge", rowKey: RELEASE_ROW, values }]);
  return true;
}

async function emptyPartition(table: Table, partition: string): Promise<void> {
  const rowKeys: string[] = [];
  for await (const { rowKey } of scan(table, partition)) rowKeys.push(rowKey);
  const deletions = rowKeys.map((rowKey) => ({ kind: "delete", rowKey }) as const);
  for (const part of transactions(deletions)) {
    try {
      await table.commit(partition, part);
    } catch (error) {
      // Another instance deletes the same rows; whoever comes second finds the rest.
      if (!(error instanceof AppError && error.code === "not_found")) throw error;
      return emptyPartition(table, partition);
    }
  }
}
