import type { AppError } from "../errors.js";
import { hash32 } from "../random.js";
import { type Rejection, RejectReason, textOf } from "../signals/intake.js";
import { STORAGE_BACKOFF, withBackoff } from "../store/backoff.js";
import { type Row, safeKey, scan, type Table, type Values } from "../store/table.js";

export type RejectCounts = Record<RejectReason, number>;

/** Partition of the totals; a release's own share is in its summary partition. */
const TOTALS = "!rejected";
export const REJECTED_PREFIX = "rejected-";
const REMEMBERED = 1000;

/**
 * Counts refused signals by reason and day. The counter remembers the last 1,000 it has counted, so that a batch that
 * is delivered again is not counted again.
 * @param now domain time, ms
 */
export async function countRejections(table: Table, rejections: readonly Rejection[], now: number): Promise<void> {
  const day = `${REJECTED_PREFIX}${new Date(now).toISOString().slice(0, 10)}`;
  for (const [partition, part] of byPartition(rejections)) {
    const retry = (error: AppError) => error.retryable || error.code === "conflict";
    await withBackoff({ ...STORAGE_BACKOFF, tries: 10, firstMs: 10, retry, seed: partition }, async () => {
      const row = await table.get(partition, day);
      const values = add(row, part);
      if (values === undefined) return;
      await table.commit(partition, [
        row === undefined
          ? { kind: "insert", rowKey: day, values }
          : { kind: "replace", rowKey: day, values, etag: row.etag },
      ]);
    });
  }
}

/** Refused signals of all days by reason, all releases and none together. */
export async function totalRejections(table: Table): Promise<RejectCounts> {
  const counts = noRejections();
  for await (const row of scan(table, TOTALS)) addRejections(counts, row.values);
  return counts;
}

export function noRejections(): RejectCounts {
  return { malformed: 0, tooLarge: 0, future: 0, tooOld: 0, unknownRelease: 0, unknownDevice: 0 };
}

export function addRejections(counts: RejectCounts, values: Values): void {
  for (const reason of Object.values(RejectReason)) counts[reason] += Number(values[reason] ?? 0);
}

function byPartition(rejections: readonly Rejection[]): Map<string, Rejection[]> {
  const groups = new Map<string, Rejection[]>();
  for (const rejection of rejections) {
    const own = rejection.releaseId === undefined ? [] : [safeKey(rejection.releaseId)];
    for (const partition of [TOTALS, ...own]) groups.set(partition, [...(groups.get(partition) ?? []), rejection]);
  }
  return groups;
}

/** The counter after these rejections; undefined when it has counted all of them before. */
function add(row: Row | undefined, rejections: readonly Rejection[]): Values | undefined {
  const seen = new Set(String(row?.values.seen ?? "").split(" "));
  const counts = noRejections();
  if (row) addRejections(counts, row.values);
  const before = seen.size;
  for (const rejection of rejections) {
    const digest = rejectionDigest(rejection);
    if (!seen.has(digest)) counts[rejection.reason]++;
    seen.add(digest);
  }
  return seen.size === before ? undefined : { ...counts, seen: [...seen].slice(-REMEMBERED).join(" ") };
}

/** The same refused message has the same digest: two hashes of its text. */
export function rejectionDigest({ reason, body }: Rejection): string {
  const text = textOf(body);
  return `${hash32(reason, text).toString(36)}${hash32(text, "second", text.length).toString(36)}`;
}
