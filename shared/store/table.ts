/**
 * What the product needs of a table, small enough to be faked in memory or wrapped with faults. A commit is an
 * entity-group transaction: all of its operations or none. Errors are AppErrors (errors.ts of this folder).
 */
export type Value = string | number | boolean;
export type Values = Readonly<Record<string, Value>>;

export interface Row {
  readonly partition: string;
  readonly rowKey: string;
  readonly etag: string;
  readonly values: Values;
}

/**
 * `etag` makes the operation conditional (If-Match); without it the row must merely exist. A deletion is conditional
 * only when it is the single operation of its commit.
 */
export type Operation =
  | { readonly kind: "insert"; readonly rowKey: string; readonly values: Values }
  | { readonly kind: "upsert"; readonly rowKey: string; readonly values: Values }
  | { readonly kind: "replace" | "merge"; readonly rowKey: string; readonly values: Values; readonly etag?: string }
  | { readonly kind: "delete"; readonly rowKey: string; readonly etag?: string };

export interface PageOptions {
  /** First row key, inclusive. */
  readonly from?: string;
  /** Row keys stop before this one. */
  readonly before?: string;
  /** Further OData condition on properties, e.g. `state eq 'failed'`. */
  readonly where?: string;
  /** Properties to fetch; all when absent. */
  readonly select?: readonly string[];
  /** Rows per page, 1–1,000. */
  readonly size?: number;
  readonly token?: string | undefined;
}

export interface Page {
  readonly rows: readonly Row[];
  /** Present when there is more. */
  readonly token?: string;
}

export interface Table {
  /** The row, or undefined when there is none. */
  get(partition: string, rowKey: string): Promise<Row | undefined>;
  /** Rows of one partition in row-key order. */
  page(partition: string, options?: PageOptions): Promise<Page>;
  /**
   * Applies 1–100 operations on different rows of one partition atomically.
   * @returns the new ETags in the order of the operations, "" for deletions
   * @throws AppError `conflict` when a row exists or an ETag differs, `not_found` when a row is missing
   */
  commit(partition: string, operations: readonly Operation[]): Promise<readonly string[]>;
}

/** Limits of an entity-group transaction; bytes with room left for the multipart envelope. */
const MAX_TRANSACTION_ROWS = 100;
const MAX_TRANSACTION_BYTES = 3_500_000;
const ENVELOPE_BYTES_PER_ROW = 700;

/** All rows of a partition, page after page. */
export async function* scan(table: Table, partition: string, options: PageOptions = {}): AsyncGenerator<Row> {
  let token: string | undefined;
  do {
    const page: Page = await table.page(partition, { ...options, token });
    yield* page.rows;
    token = page.token;
  } while (token !== undefined);
}

/** Inserts a row unless there is one. @returns the row that is there now */
export async function ensure(table: Table, partition: string, rowKey: string, values: Values): Promise<Row> {
  const known = await table.get(partition, rowKey);
  if (known) return known;
  try {
    const [etag = ""] = await table.commit(partition, [{ kind: "insert", rowKey, values }]);
    return { partition, rowKey, etag, values };
  } catch (error) {
    const winner = await table.get(partition, rowKey);
    if (winner) return winner;
    throw error;
  }
}

/** Splits operations into transactions within the limits, `reserved` rows being kept free in each. */
export function transactions<T extends Operation>(operations: readonly T[], reserved = 0): T[][] {
  const out: T[][] = [];
  let bytes = 0;
  for (const operation of operations) {
    const size = operationBytes(operation);
    const last = out.at(-1);
    if (last && last.length < MAX_TRANSACTION_ROWS - reserved && bytes + size <= MAX_TRANSACTION_BYTES) {
      last.push(operation);
      bytes += size;
    } else {
      out.push([operation]);
      bytes = size;
    }
  }
  return out;
}

/** Upper bound of what an operation adds to a transaction's body, in bytes. */
function operationBytes(operation: Operation): number {
  let bytes = ENVELOPE_BYTES_PER_ROW;
  if (operation.kind === "delete") return bytes;
  for (const [name, value] of Object.entries(operation.values)) {
    bytes += name.length + (typeof value === "string" ? 3 * value.length : 24);
  }
  return bytes;
}

/** Domain time (ms) as the beginning of a row key: keys sort by it. */
export const timeKey = (at: number): string => String(Math.max(0, Math.floor(at))).padStart(13, "0");

/** Makes any text fit for a partition or row key, distinct texts staying distinct. `|` and `!` stay free as separators. */
export function safeKey(text: string): string {
  return text.replace(/[^A-Za-z0-9 ._@:-]/g, (char) => `~${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
