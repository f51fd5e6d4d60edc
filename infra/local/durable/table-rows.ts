import type { TransactionAction } from "@azure/data-tables";

/** A row as Azure Tables holds it: keys, the commit it belongs to, and a slice of text in properties p0, p1, … */
export interface PhysicalRow {
  readonly partitionKey: string;
  readonly rowKey: string;
  /** Number of the commit that makes the row visible; 0 = visible at once. */
  readonly c: number;
  /** Rows that the text takes; on the first of them only. */
  readonly n?: number;
  /** The store object that wrote a head. */
  readonly w?: string;
  readonly [part: `p${number}`]: string;
}

export type Action = TransactionAction;

/** A string property holds 32 K characters at most (functions-host.md §8.4). */
const PART_CHARACTERS = 30_000;
/** An entity holds 1 MB of UTF-16 at most. */
const PARTS_PER_ROW = 10;
const ACTIONS_PER_TRANSACTION = 100;
/** A transaction holds 4 MB at most; JSON escaping and envelopes need room. */
const BYTES_PER_TRANSACTION = 2_000_000;

/** Keys must not contain / \ # ? or control characters; `~` and four hex digits stand for anything unusual. */
export const escapeKey = (text: string): string =>
  text.replace(/[^A-Za-z0-9@:._-]/g, (unit) => `~${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);

/** Key of the following rows of a long text. */
export const overflowKey = (key: string, index: number): string => `${key}~${String(index).padStart(6, "0")}`;

/** The row or rows of a text. */
export function toRows(partitionKey: string, key: string, text: string, commit: number): PhysicalRow[] {
  const parts = slices(text);
  const count = Math.max(1, Math.ceil(parts.length / PARTS_PER_ROW));
  return Array.from({ length: count }, (_, row) => {
    const own = parts.slice(row * PARTS_PER_ROW, (row + 1) * PARTS_PER_ROW);
    const properties = Object.fromEntries(own.map((part, i) => [`p${i}`, part]));
    const keys = { partitionKey, rowKey: row === 0 ? key : overflowKey(key, row), c: commit };
    return { ...keys, ...(row === 0 ? { n: count } : {}), ...properties } as PhysicalRow;
  });
}

/** The text of a row and its overflow rows; undefined when some are missing. */
export function toText(first: PhysicalRow, find: (key: string) => PhysicalRow | undefined): string | undefined {
  const rows = [first];
  for (let i = 1; i < (first.n ?? 1); i++) {
    const next = find(overflowKey(first.rowKey, i));
    if (next === undefined) return undefined;
    rows.push(next);
  }
  return rows.map(textOf).join("");
}

function textOf(row: PhysicalRow): string {
  let text = "";
  for (let i = 0; i < PARTS_PER_ROW; i++) {
    const part = row[`p${i}`];
    if (part === undefined) break;
    text += part;
  }
  return text;
}

/** Cuts without separating surrogate pairs. */
function slices(text: string): string[] {
  const parts: string[] = [];
  for (let at = 0; at < text.length; ) {
    let end = Math.min(text.length, at + PART_CHARACTERS);
    const last = text.charCodeAt(end - 1);
    if (end < text.length && last >= 0xd800 && last <= 0xdbff) end--;
    parts.push(text.slice(at, end));
    at = end;
  }
  return parts;
}

export const put = (row: PhysicalRow): Action => ["upsert", { ...row }, "Replace"];

export const drop = (partitionKey: string, rowKey: string): Action => ["delete", { partitionKey, rowKey }];

/** Groups actions so that each group is small enough for one transaction. */
export function batches(actions: readonly Action[]): Action[][] {
  const groups: Action[][] = [];
  let group: Action[] = [];
  let bytes = 0;
  for (const action of actions) {
    const size = sizeOf(action);
    if (group.length === ACTIONS_PER_TRANSACTION || (group.length > 0 && bytes + size > BYTES_PER_TRANSACTION)) {
      groups.push(group);
      group = [];
      bytes = 0;
    }
    group.push(action);
    bytes += size;
  }
  if (group.length > 0) groups.push(group);
  return groups;
}

function sizeOf([, entity]: Action): number {
  const values = Object.values(entity as object);
  return values.reduce((sum: number, value) => sum + (typeof value === "string" ? Buffer.byteLength(value) : 16), 200);
}
