import { AppError } from "../errors.js";
import type { Operation, Page, PageOptions, Row, Table, Values } from "./table.js";

/** A table in memory, for tests and for runs in process: atomic commits, ETags, row-key order, `$select`, simple conditions. */
export class MemoryTable implements Table {
  readonly #partitions = new Map<string, Map<string, Row>>();
  #etag = 0;

  async get(partition: string, rowKey: string): Promise<Row | undefined> {
    return this.#partitions.get(partition)?.get(rowKey);
  }

  async page(partition: string, options: PageOptions = {}): Promise<Page> {
    const { from = "", before, where, size = 1000, token, select } = options;
    const sorted = [...(this.#partitions.get(partition)?.values() ?? [])].sort((a, b) =>
      a.rowKey < b.rowKey ? -1 : 1,
    );
    const wanted = sorted.filter(
      ({ rowKey, values }) =>
        rowKey >= (token ?? from) && (before === undefined || rowKey < before) && matches(values, where),
    );
    const rows = wanted.slice(0, size).map((row) => (select ? { ...row, values: pick(row.values, select) } : row));
    const next = wanted[size];
    return next === undefined ? { rows } : { rows, token: next.rowKey };
  }

  async commit(partition: string, operations: readonly Operation[]): Promise<readonly string[]> {
    if (operations.length > 100) throw new AppError("invalid_input", "A transaction holds at most 100 operations.");
    const rows = new Map(this.#partitions.get(partition));
    const etags = operations.map((operation) => this.#apply(rows, partition, operation));
    this.#partitions.set(partition, rows);
    return etags;
  }

  /** Everything that is stored, ETags left out. */
  dump(): Record<string, Values> {
    const all: Record<string, Values> = {};
    for (const [partition, rows] of [...this.#partitions].sort(([a], [b]) => (a < b ? -1 : 1))) {
      for (const [rowKey, { values }] of [...rows].sort(([a], [b]) => (a < b ? -1 : 1))) {
        all[`${partition}/${rowKey}`] = values;
      }
    }
    return all;
  }

  #apply(rows: Map<string, Row>, partition: string, operation: Operation): string {
    const { kind, rowKey } = operation;
    const old = rows.get(rowKey);
    if (kind === "insert" && old) throw new AppError("conflict", `${rowKey} exists.`);
    if (kind !== "insert" && kind !== "upsert") {
      if (old === undefined) throw new AppError("not_found", `${rowKey} does not exist.`);
      if (operation.etag !== undefined && operation.etag !== old.etag)
        throw new AppError("conflict", `${rowKey} changed.`);
    }
    if (kind === "delete") {
      rows.delete(rowKey);
      return "";
    }
    const etag = String(++this.#etag);
    const values = kind === "merge" ? { ...old?.values, ...operation.values } : operation.values;
    rows.set(rowKey, { partition, rowKey, etag, values });
    return etag;
  }
}

function pick(values: Values, names: readonly string[]): Values {
  return Object.fromEntries(Object.entries(values).filter(([name]) => names.includes(name)));
}

/** `a eq 'x'` and `a eq 1` joined by `and`, `or` and parentheses of one level. */
function matches(values: Values, where: string | undefined): boolean {
  if (where === undefined) return true;
  const truths = where.replace(
    /(\w+) (eq|gt) ('(?:[^']|'')*'|-?\d+)/g,
    (_all, name: string, verb: string, literal: string) => {
      const wanted = literal.startsWith("'") ? literal.slice(1, -1).replaceAll("''", "'") : Number(literal);
      const value = values[name];
      return (verb === "eq" ? value === wanted : value !== undefined && value > wanted) ? "1" : "0";
    },
  );
  const inner = truths.replace(/\(([01](?: or [01])*)\)/g, (_all, group: string) => (group.includes("1") ? "1" : "0"));
  return inner.split(" or ").some((part) => part.split(" and ").every((truth) => truth === "1"));
}
