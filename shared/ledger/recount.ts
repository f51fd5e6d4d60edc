import { safeKey } from "../store/table.js";
import type { LedgerContext } from "./context.js";
import { Counters } from "./counters.js";
import { shardPartition } from "./layout.js";
import { recountShard } from "./shard.js";
import { snapshotKey } from "./snapshots.js";
import { type RingSummary, ringSummaries } from "./summary.js";

export interface Recount {
  /** What the device rows add up to. */
  readonly rings: Readonly<Record<string, RingSummary>>;
  /** One line per shard whose counter or summary differs from its rows; empty when all is well. */
  readonly differences: readonly string[];
}

/** Adds up the rows of a release and compares them with the counters and the summary. */
export async function recount({ store }: LedgerContext, releaseId: string): Promise<Recount> {
  const total = new Counters();
  const differences: string[] = [];
  const { shards } = await store.release(releaseId);
  for (let shard = 0; shard < shards; shard++) {
    const { stored, counted } = await recountShard(store.devices, shardPartition(releaseId, shard));
    const published = await store.summaries.get(safeKey(releaseId), snapshotKey(shard));
    total.addAll(counted);
    if (text(stored) !== text(counted)) differences.push(`shard ${shard}: counter differs from rows`);
    if (text(Counters.fromValues(published?.values ?? {})) !== text(counted)) {
      differences.push(`shard ${shard}: summary differs from rows`);
    }
  }
  return { rings: ringSummaries(total.cells()), differences };
}

const text = (counters: Counters): string => JSON.stringify(counters.toValues());
