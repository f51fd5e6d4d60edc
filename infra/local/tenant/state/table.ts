export interface Row {
  readonly id: string;
}

/** What a table needs from its store: where changes go, and for how long readers may see the state before them. */
export interface TableHost {
  wrote(operation: readonly unknown[]): void;
  now(): number;
  readDelayMs(): number;
}

interface Recent<T> {
  readonly until: number;
  readonly before: T | undefined;
}

/**
 * Rows by id. `get` and `all` are the truth; `visible` and `visibleAll` are what a reader gets while a write has not
 * reached every replica (graph.md §6.3).
 */
export class Table<T extends Row> {
  readonly #rows: Map<string, T>;
  readonly #recent = new Map<string, Recent<T>>();

  constructor(
    readonly name: string,
    rows: Map<string, T>,
    private readonly host: TableHost,
  ) {
    this.#rows = rows;
  }

  get size(): number {
    return this.#rows.size;
  }

  get(id: string): T | undefined {
    return this.#rows.get(id) ?? this.#rows.get(id.toLowerCase());
  }

  all(): T[] {
    return [...this.#rows.values()];
  }

  set(row: T): void {
    this.#remember(row.id);
    this.#rows.set(row.id, row);
    this.host.wrote(["set", this.name, row]);
  }

  delete(id: string): void {
    if (!this.#rows.has(id)) return;
    this.#remember(id);
    this.#rows.delete(id);
    this.host.wrote(["delete", this.name, id]);
  }

  visible(id: string): T | undefined {
    const recent = this.#recent.get(id.toLowerCase());
    if (recent === undefined) return this.get(id);
    return recent.until > this.host.now() ? recent.before : this.get(id);
  }

  visibleAll(): T[] {
    this.#forget();
    if (this.#recent.size === 0) return this.all();
    const rows = new Map(this.#rows);
    for (const [id, { before }] of this.#recent) {
      if (before === undefined) rows.delete(id);
      else rows.set(id, before);
    }
    return [...rows.values()];
  }

  #remember(id: string): void {
    const delay = this.host.readDelayMs();
    if (delay > 0) this.#recent.set(id, { until: this.host.now() + delay, before: this.visible(id) });
  }

  #forget(): void {
    const now = this.host.now();
    for (const [id, { until }] of this.#recent) if (until <= now) this.#recent.delete(id);
  }
}

/** A many-to-many relation such as group members: per key an ordered set of ids. */
export class Relation {
  readonly #sets: Map<string, Set<string>>;

  constructor(
    readonly name: string,
    sets: Map<string, Set<string>>,
    private readonly host: TableHost,
  ) {
    this.#sets = sets;
  }

  of(key: string): ReadonlySet<string> {
    return this.#sets.get(key) ?? EMPTY;
  }

  entries(): Iterable<[string, ReadonlySet<string>]> {
    return this.#sets;
  }

  add(key: string, ids: readonly string[]): void {
    addAll(this.#sets, key, ids);
    this.host.wrote(["add", this.name, key, ids]);
  }

  remove(key: string, ids: readonly string[]): void {
    removeAll(this.#sets, key, ids);
    this.host.wrote(["remove", this.name, key, ids]);
  }
}

const EMPTY: ReadonlySet<string> = new Set();

export function addAll(sets: Map<string, Set<string>>, key: string, ids: readonly string[]): void {
  const set = sets.get(key) ?? new Set();
  for (const id of ids) set.add(id);
  sets.set(key, set);
}

export function removeAll(sets: Map<string, Set<string>>, key: string, ids: readonly string[]): void {
  const set = sets.get(key);
  for (const id of ids) set?.delete(id);
  if (set?.size === 0) sets.delete(key);
}
