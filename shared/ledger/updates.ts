import { safeKey, scan, type Table } from "../store/table.js";
import { wall } from "../wall.js";

/** The build an update brings to one Windows version. */
export interface Revision {
  readonly kb: string;
  readonly build: string;
}

/** A release that waits for signals about a revision. */
export interface ExpectedRelease {
  readonly releaseId: string;
  /** Signals that happened before this are older than the release; domain time, ms. */
  readonly startedAt: number;
}

const PARTITION = "!updates";
const TTL_MS = 15 * 60_000;

/** Which releases a signal may be about, by kb and build; several Autopatch groups may release the same update. */
export class UpdateIndex {
  readonly #table: Table;
  #index = new Map<string, ExpectedRelease[]>();
  #readAt = Number.NEGATIVE_INFINITY;

  constructor(table: Table) {
    this.#table = table;
  }

  /** @param startedAt ISO 8601; idempotent */
  async register(releaseId: string, revisions: readonly Revision[], startedAt: string): Promise<void> {
    for (const { kb, build } of revisions) {
      const rowKey = `${safeKey(kb)}|${safeKey(build)}|${safeKey(releaseId)}`;
      const values = { kb, build, releaseId, startedAt };
      await this.#table.commit(PARTITION, [{ kind: "upsert", rowKey, values }]);
    }
    this.#readAt = Number.NEGATIVE_INFINITY;
  }

  /** Signals find the release no longer. */
  async forget(releaseId: string): Promise<void> {
    const own = `|${safeKey(releaseId)}`;
    for await (const { rowKey } of scan(this.#table, PARTITION)) {
      if (rowKey.endsWith(own)) await this.#table.commit(PARTITION, [{ kind: "delete", rowKey }]);
    }
    this.#readAt = Number.NEGATIVE_INFINITY;
  }

  /**
   * A look-up for one batch: releases are read again when the cache is 15 minutes old (wall time: it is other instances
   * that it may have missed), and once more when a signal names an update that the cache does not hold.
   */
  lookup(): (kb: string, build: string) => Promise<readonly ExpectedRelease[]> {
    let mayRead = true;
    return async (kb, build) => {
      const now = wall.monotonic();
      const aged = now - this.#readAt >= TTL_MS;
      if (aged || (mayRead && !this.#index.has(`${kb} ${build}`))) {
        mayRead = false;
        await this.#read(now);
      }
      return this.#index.get(`${kb} ${build}`) ?? [];
    };
  }

  async #read(now: number): Promise<void> {
    const index = new Map<string, ExpectedRelease[]>();
    for await (const { values } of scan(this.#table, PARTITION)) {
      const key = `${values.kb} ${values.build}`;
      const release = { releaseId: String(values.releaseId), startedAt: Date.parse(String(values.startedAt)) };
      index.set(key, [...(index.get(key) ?? []), release]);
    }
    for (const releases of index.values()) releases.sort((a, b) => b.startedAt - a.startedAt);
    this.#index = index;
    this.#readAt = now;
  }
}
