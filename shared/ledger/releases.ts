import { AppError } from "../errors.js";
import { ensure, safeKey, type Table } from "../store/table.js";
import { DEVICES_PER_PAGE, DEVICES_PER_SHARD, type LedgerRelease, shardPartition } from "./layout.js";
import { Shard } from "./shard.js";

/** Rows of the summary partition that are not a shard's snapshot. */
export const RELEASE_ROW = "release";
const MAX_CACHED_SHARDS = 256;

/** The tables of the ledger and what of them is kept in memory. */
export class LedgerStore {
  readonly devices: Table;
  readonly summaries: Table;
  readonly #releases = new Map<string, LedgerRelease>();
  readonly #shards = new Map<string, Shard>();

  constructor(devices: Table, summaries: Table) {
    this.devices = devices;
    this.summaries = summaries;
  }

  /** The release, or undefined when nothing was ever enrolled for it. */
  async find(releaseId: string): Promise<LedgerRelease | undefined> {
    const known = this.#releases.get(releaseId);
    if (known) return known;
    const row = await this.summaries.get(safeKey(releaseId), RELEASE_ROW);
    if (row === undefined) return undefined;
    const { shards, pages, joinsBySignal } = row.values;
    const release = {
      ...{ releaseId, shards: Number(shards), pages: Number(pages) },
      joinsBySignal: joinsBySignal === true,
    };
    this.#releases.set(releaseId, release);
    return release;
  }

  /** @throws AppError `not_found` when nothing was ever enrolled for it */
  async release(releaseId: string): Promise<LedgerRelease> {
    const release = await this.find(releaseId);
    if (release) return release;
    throw new AppError("not_found", `Release ${releaseId} has no ledger. Enrol its devices first.`);
  }

  /** Creates the release with as many shards as `devices` need; an existing one keeps its number. */
  async create(releaseId: string, devices: number, joinsBySignal: boolean): Promise<LedgerRelease> {
    const known = await this.find(releaseId);
    if (known) return known;
    const shards = Math.max(1, Math.ceil(devices / DEVICES_PER_SHARD));
    const pages = Math.max(1, Math.ceil(devices / shards / DEVICES_PER_PAGE));
    await ensure(this.summaries, safeKey(releaseId), RELEASE_ROW, { releaseId, shards, pages, joinsBySignal });
    return this.release(releaseId);
  }

  /** Drops what is kept in memory of a release's devices. */
  forget({ releaseId, shards }: LedgerRelease): void {
    for (let index = 0; index < shards; index++) this.#shards.delete(shardPartition(releaseId, index));
  }

  shard(release: LedgerRelease, index: number): Shard {
    const partition = shardPartition(release.releaseId, index);
    const shard = this.#shards.get(partition) ?? new Shard(this.devices, release, index);
    this.#shards.delete(partition);
    this.#shards.set(partition, shard);
    if (this.#shards.size > MAX_CACHED_SHARDS) {
      const [oldest] = this.#shards.keys();
      if (oldest !== undefined) this.#shards.delete(oldest);
    }
    return shard;
  }
}
