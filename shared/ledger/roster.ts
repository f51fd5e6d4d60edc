import { joinText, splitText } from "../store/long-text.js";
import { scan, type Table, transactions } from "../store/table.js";
import { groupBy, inParallel } from "./collections.js";
import { type LedgerRelease, pageKey, pageOf, shardOf, shardPartition } from "./layout.js";

/** Attributes of a device for cohorts and ordering, e.g. `{ model: "Latitude 5440", gpuDriver: "31.0.101.5333" }`. */
export type Attributes = Readonly<Record<string, string>>;

/** What is known of a device at enrolment and does not change afterwards. */
export interface RosterEntry {
  readonly objectId: string;
  readonly attributes: Attributes;
}

export type Roster = ReadonlyMap<string, RosterEntry>;

const EMPTY: RosterEntry = { objectId: "", attributes: {} };

/**
 * Writes what never changes beside the shards, so that folding neither reads nor rewrites it. Devices that the roster
 * already holds keep what they have.
 */
export async function writeRoster(
  table: Table,
  release: LedgerRelease,
  devices: ReadonlyMap<string, RosterEntry>,
): Promise<void> {
  const byShard = groupBy(devices.keys(), (deviceId) => shardOf(release, deviceId));
  await inParallel(4, [...byShard], async ([shard, deviceIds]) => {
    const known = await readRoster(table, release, shard);
    const added = deviceIds.filter((deviceId) => !known.has(deviceId));
    const touched = new Set(added.map((deviceId) => pageOf(release, deviceId)));
    const all = [...known.keys(), ...added].filter((deviceId) => touched.has(pageOf(release, deviceId)));
    const pages = groupBy(all, (deviceId) => pageOf(release, deviceId));
    const writes = [...pages].map(([page, ids]) => {
      const entries = ids.map((deviceId) => [deviceId, known.get(deviceId) ?? devices.get(deviceId) ?? EMPTY]);
      return { kind: "upsert", rowKey: pageKey(page), values: splitText("roster", JSON.stringify(entries)) } as const;
    });
    for (const part of transactions(writes)) await table.commit(rosterPartition(release, shard), part);
  });
}

/** The roster of one shard, or of one page of it. */
export async function readRoster(table: Table, release: LedgerRelease, shard: number, page?: number): Promise<Roster> {
  const roster = new Map<string, RosterEntry>();
  const range = page === undefined ? {} : { from: pageKey(page), before: `${pageKey(page)}~` };
  for await (const { values } of scan(table, rosterPartition(release, shard), range)) {
    const entries: [string, RosterEntry][] = JSON.parse(joinText("roster", values) ?? "[]");
    for (const [deviceId, entry] of entries) roster.set(deviceId, entry);
  }
  return roster;
}

/** Partition of the roster beside a shard. */
export const rosterPartition = (release: LedgerRelease, shard: number): string =>
  `${shardPartition(release.releaseId, shard)}|roster`;
