import { scan, type Table } from "../store/table.js";
import { type LedgerRelease, PAGE_PREFIX, pageKey, pageOf, shardOf, shardPartition } from "./layout.js";
import { type LogEntry, unpackLog } from "./log.js";
import { Page } from "./page.js";
import { type Attributes, type RosterEntry, readRoster } from "./roster.js";
import { type LedgerRow, NO_WAVE, outcome, stateOf } from "./row.js";
import type { LedgerState } from "./state.js";

/** How far one device of a release is. */
export interface DeviceProgress {
  readonly deviceId: string;
  readonly ring: string;
  readonly state: LedgerState;
  /** Absent until offered. */
  readonly wave?: number;
  readonly offeredAt?: string;
  readonly holds: readonly string[];
  /** Latest attempt, 0 before the first signal. */
  readonly attempt: number;
  readonly startedAt?: string;
  readonly reportedAt?: string;
  /** Windows error code of the latest signal. */
  readonly errorCode?: string;
  /** Latest time the device itself has named. */
  readonly lastSeenAt?: string;
  readonly log: readonly LogEntry[];
}

/** Everything the ledger knows about one device of a release. */
export interface DeviceRow extends DeviceProgress {
  readonly objectId: string;
  readonly attributes: Attributes;
}

/** One device, from two rows. */
export async function readDevice(table: Table, release: LedgerRelease, id: string): Promise<DeviceRow | undefined> {
  const [shard, page] = [shardOf(release, id), pageOf(release, id)];
  const stored = await table.get(shardPartition(release.releaseId, shard), pageKey(page));
  const row = stored && Page.fromValues(stored.values).get(id);
  if (row === undefined) return undefined;
  const roster = await readRoster(table, release, shard, page);
  return deviceRow(id, row, roster.get(id));
}

/**
 * All devices in the order of shard and id.
 * @param where only those of pages that meet the condition
 * @param after only those behind this device in the order
 */
export async function* readDevices(
  table: Table,
  release: LedgerRelease,
  { where, after }: { readonly where?: string; readonly after?: string } = {},
): AsyncGenerator<DeviceRow> {
  const first = after === undefined ? 0 : shardOf(release, after);
  for (let shard = first; shard < release.shards; shard++) {
    const rows = await readShardRows(table, release, shard, where);
    if (rows.length === 0) continue;
    const roster = await readRoster(table, release, shard);
    for (const [deviceId, row] of rows) {
      if (after !== undefined && shard === first && deviceId <= after) continue;
      yield deviceRow(deviceId, row, roster.get(deviceId));
    }
  }
}

/** How far all devices are, in no order: without the roster, which is half of what there is to read. */
export async function readProgress(table: Table, release: LedgerRelease): Promise<DeviceProgress[]> {
  const progress: DeviceProgress[] = [];
  for (let shard = 0; shard < release.shards; shard++) {
    for (const [deviceId, row] of await readShardRows(table, release, shard, undefined))
      progress.push(progressOf(deviceId, row));
  }
  return progress;
}

async function readShardRows(table: Table, release: LedgerRelease, shard: number, where: string | undefined) {
  const rows: [string, LedgerRow][] = [];
  const range = { from: PAGE_PREFIX, ...(where === undefined ? {} : { where }) };
  for await (const page of scan(table, shardPartition(release.releaseId, shard), range)) {
    rows.push(...Page.fromValues(page.values).rows());
  }
  return rows.sort(([a], [b]) => (a < b ? -1 : 1));
}

function deviceRow(deviceId: string, row: LedgerRow, entry: RosterEntry | undefined): DeviceRow {
  const { objectId = "", attributes = {} } = entry ?? {};
  return { ...progressOf(deviceId, row), objectId, attributes };
}

function progressOf(deviceId: string, row: LedgerRow): DeviceProgress {
  const log = unpackLog(row.log);
  const reported = outcome(log);
  const { latest, startedAt, reportedAt } = reported;
  const errorCode = (reported.final ?? latest)?.errorCode;
  return {
    deviceId,
    ring: row.ring,
    state: stateOf(row, reported),
    ...(row.wave === NO_WAVE ? {} : { wave: row.wave, offeredAt: row.offeredAt }),
    holds: row.holds,
    attempt: latest?.attempt ?? 0,
    ...(startedAt === undefined ? {} : { startedAt: iso(startedAt) }),
    ...(reportedAt === undefined ? {} : { reportedAt: iso(reportedAt) }),
    ...(errorCode === undefined ? {} : { errorCode }),
    ...(latest === undefined ? {} : { lastSeenAt: iso(Math.max(...log.map((entry) => entry.at))) }),
    log,
  };
}

const iso = (at: number): string => new Date(at).toISOString();
