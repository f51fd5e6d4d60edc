import { AppError } from "../errors.js";
import { type Operation, type Row, safeKey, scan, type Table, transactions, type Values } from "./table.js";

/** From so many rows on, one scan is cheaper than reading them one by one. */
const SCAN_FROM = 50;
/** Tries of a write against others who write the same rows. */
const TRIES = 8;

/** What something told of itself at an instant. */
export interface Told {
  readonly key: string;
  /** ISO 8601 */
  readonly at: string;
  /** What the row holds besides `at`. */
  readonly values: Values;
}

/**
 * Keeps what was told, a row for each key. The newest by its own time counts: a late report never overwrites a newer one,
 * whoever writes at the same moment, and the same report again writes nothing.
 * @throws AppError `unavailable` when others go on writing
 */
export async function keepNewest(rows: Table, partition: string, told: readonly Told[]): Promise<void> {
  const newest = newestByKey(told);
  if (newest.size === 0) return;
  for (let attempt = 1; attempt <= TRIES; attempt++) {
    const known = await knownRows(rows, partition, [...newest.keys()]);
    const operations = [...newest].flatMap(([rowKey, one]) => operationOf(rowKey, one, known.get(rowKey)) ?? []);
    if (await committed(rows, partition, operations)) return;
  }
  throw new AppError("unavailable", "Others keep writing what the same devices tell. It is tried again.");
}

function newestByKey(told: readonly Told[]): Map<string, Told> {
  const newest = new Map<string, Told>();
  for (const one of told) {
    const rowKey = safeKey(one.key);
    if (one.at > (newest.get(rowKey)?.at ?? "")) newest.set(rowKey, one);
  }
  return newest;
}

async function knownRows(rows: Table, partition: string, keys: readonly string[]): Promise<Map<string, Row>> {
  const known = new Map<string, Row>();
  if (keys.length >= SCAN_FROM) {
    for await (const row of scan(rows, partition, { select: ["at"] })) known.set(row.rowKey, row);
    return known;
  }
  for (const key of keys) {
    const row = await rows.get(partition, key);
    if (row !== undefined) known.set(key, row);
  }
  return known;
}

function operationOf(rowKey: string, told: Told, known: Row | undefined): Operation | undefined {
  if (known !== undefined && told.at <= String(known.values.at)) return undefined;
  const values = { ...told.values, at: told.at };
  return known === undefined
    ? { kind: "insert", rowKey, values }
    : { kind: "replace", rowKey, values, etag: known.etag };
}

/** False when somebody else has written one of the rows meanwhile. */
async function committed(rows: Table, partition: string, operations: readonly Operation[]): Promise<boolean> {
  try {
    for (const part of transactions(operations)) await rows.commit(partition, part);
    return true;
  } catch (error) {
    if (error instanceof AppError && (error.code === "conflict" || error.code === "not_found")) return false;
    throw error;
  }
}
