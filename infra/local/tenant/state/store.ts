import { Journal, type Operation } from "./journal.js";
import { addAll, Relation, type Row, removeAll, Table, type TableHost } from "./table.js";

export interface StoreOptions {
  /** Journal file; absent = memory only. */
  readonly file?: string;
  /** Domain time. */
  readonly now: () => number;
  /** How long readers may see the state before a write, milliseconds of domain time. */
  readonly readDelayMs: () => number;
}

/** Beyond this many operations since the last rewrite, and twice the live state, the journal is rewritten. */
const REWRITE_FLOOR = 50_000;

/** All state of the tenant: tables, relations and one counter, journalled as atomic changes. */
export class Store implements TableHost {
  readonly #rows = new Map<string, Map<string, Row>>();
  readonly #sets = new Map<string, Map<string, Set<string>>>();
  readonly #tables = new Map<string, Table<Row>>();
  readonly #journal: Journal | undefined;
  readonly now: () => number;
  readonly readDelayMs: () => number;
  #counter = 0;
  #pending: Operation[] = [];
  #depth = 0;
  #written = 0;

  constructor(options: StoreOptions) {
    this.now = options.now;
    this.readDelayMs = options.readDelayMs;
    this.#journal = options.file === undefined ? undefined : Journal.open(options.file, (entry) => this.#apply(entry));
    this.#rewriteWhenLarge();
  }

  table<T extends Row>(name: string): Table<T> {
    const known = this.#tables.get(name) ?? new Table<Row>(name, mapOf(this.#rows, name), this);
    this.#tables.set(name, known);
    return known as unknown as Table<T>;
  }

  relation(name: string): Relation {
    return new Relation(name, mapOf(this.#sets, name), this);
  }

  /** A number never handed out before, also not before a restart. */
  nextNumber(): number {
    this.#counter++;
    this.wrote(["counter", this.#counter]);
    return this.#counter;
  }

  /** Everything written inside is one line of the journal: after a crash all of it is there, or nothing. */
  atomically<T>(change: () => T): T {
    this.#depth++;
    try {
      return change();
    } finally {
      this.#depth--;
      if (this.#depth === 0) this.#flush();
    }
  }

  wrote(operation: Operation): void {
    if (this.#journal === undefined) return;
    this.#pending.push(operation);
    if (this.#depth === 0) this.#flush();
  }

  close(): void {
    this.#flush();
    this.#journal?.close();
  }

  #flush(): void {
    if (this.#pending.length === 0) return;
    this.#journal?.append(this.#pending);
    this.#written += this.#pending.length;
    this.#pending = [];
    this.#rewriteWhenLarge();
  }

  #rewriteWhenLarge(): void {
    if (this.#journal === undefined || this.#written < REWRITE_FLOOR) return;
    let live = 0;
    for (const rows of this.#rows.values()) live += rows.size;
    if (this.#written < 2 * live) return;
    this.#journal.rewrite(this.#snapshot());
    this.#written = 0;
  }

  *#snapshot(): Generator<Operation> {
    yield ["counter", this.#counter];
    for (const [name, rows] of this.#rows) for (const row of rows.values()) yield ["set", name, row];
    for (const [name, sets] of this.#sets) for (const [key, ids] of sets) yield ["add", name, key, [...ids]];
  }

  #apply([kind, name, ...rest]: Operation): void {
    this.#written++;
    if (kind === "counter") this.#counter = name as number;
    else if (kind === "set") mapOf(this.#rows, name as string).set((rest[0] as Row).id, rest[0] as Row);
    else if (kind === "delete") mapOf(this.#rows, name as string).delete(rest[0] as string);
    else if (kind === "add") addAll(mapOf(this.#sets, name as string), rest[0] as string, rest[1] as string[]);
    else if (kind === "remove") removeAll(mapOf(this.#sets, name as string), rest[0] as string, rest[1] as string[]);
  }
}

function mapOf<V>(maps: Map<string, Map<string, V>>, name: string): Map<string, V> {
  const map = maps.get(name) ?? new Map<string, V>();
  maps.set(name, map);
  return map;
}
