import { hash32 } from "../random.js";
import { safeKey } from "../store/table.js";

/** What is fixed when a release's first devices are enrolled. */
export interface LedgerRelease {
  readonly releaseId: string;
  readonly shards: number;
  /** Pages of a shard. */
  readonly pages: number;
  /** No wave is marked ahead: a device has been offered the update once it says so. */
  readonly joinsBySignal: boolean;
}

/** About this many devices to a partition, because an entity-group transaction has one partition. */
export const DEVICES_PER_SHARD = 2000;
/** About this many devices to a page; at most 40 signals each keep a page far below the size of a row. */
export const DEVICES_PER_PAGE = 64;
export const PAGE_PREFIX = "page-";

export function shardOf(release: LedgerRelease, deviceId: string): number {
  return hash32(deviceId, "shard") % release.shards;
}

export function pageOf(release: LedgerRelease, deviceId: string): number {
  return hash32(deviceId, "page") % release.pages;
}

export const pageKey = (page: number): string => `${PAGE_PREFIX}${String(page).padStart(4, "0")}`;

export function shardPartition(releaseId: string, index: number): string {
  return `${safeKey(releaseId)}|${String(index).padStart(4, "0")}`;
}

export const pageNumber = (rowKey: string): number => Number(rowKey.slice(PAGE_PREFIX.length));
