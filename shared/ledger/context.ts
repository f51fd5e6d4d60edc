import { groupBy, inParallel } from "./collections.js";
import { type LedgerRelease, shardOf } from "./layout.js";
import type { LedgerStore } from "./releases.js";
import type { Edit, Shard } from "./shard.js";
import type { Snapshots } from "./snapshots.js";
import type { UpdateIndex } from "./updates.js";

/** What the ledger's operations work on. */
export interface LedgerContext {
  readonly store: LedgerStore;
  readonly updates: UpdateIndex;
  readonly snapshots: Snapshots;
}

/** Transactions under way at a time; each shard has one at most. */
export const PARALLEL = 8;

/**
 * Applies one edit per device, shard by shard, and brings the summary up to date for every shard touched, so that a
 * repetition after a crash also repairs the summary.
 * @returns how many devices changed
 */
export async function changeDevices(
  { store, snapshots }: LedgerContext,
  release: LedgerRelease,
  deviceIds: Iterable<string>,
  edit: (deviceId: string) => Edit,
): Promise<number> {
  const byShard = groupBy(deviceIds, (deviceId) => shardOf(release, deviceId));
  const touched: Shard[] = [];
  let changed = 0;
  await inParallel(PARALLEL, [...byShard], async ([index, ids]) => {
    const shard = store.shard(release, index);
    changed += await shard.change(new Map(ids.map((deviceId) => [deviceId, edit(deviceId)])));
    touched.push(shard);
  });
  await snapshots.publish(release.releaseId, await Promise.all(touched.map((shard) => shard.snapshot())));
  return changed;
}
