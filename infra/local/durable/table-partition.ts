import type { Change, Row, StoredInstance } from "./store.js";
import type { PhysicalTable } from "./table-client.js";
import { type Action, batches, drop, overflowKey, type PhysicalRow, put, toRows, toText } from "./table-rows.js";

const HEAD = "!head";
const DROP = "!drop-";

/**
 * One instance in Azure Tables. Small changes are one transaction. Large ones are staged: rows tagged with the next
 * commit number stay invisible until the head takes that number (functions-host.md §4.9). What such a change drops is
 * listed in a row of its own and removed after the flip, by the next reader if need be.
 */
export class TablePartition {
  #commit = 0;
  #etag: string | undefined;
  /** Rows staged by attempts that failed, which must never become visible. */
  #staged = new Set<string>();
  /** Rows dropped by a flip whose removal failed. */
  #garbage = new Set<string>();
  /** Rows that a text took beyond its first, by key. */
  readonly #overflow = new Map<string, number>();

  constructor(
    private readonly table: PhysicalTable,
    private readonly key: string,
    private readonly writer: string,
  ) {}

  async load(): Promise<StoredInstance | undefined> {
    const found = await this.table.query(this.key);
    const rows = new Map(found.map((row) => [row.rowKey, row]));
    const headRow = rows.get(HEAD);
    this.#commit = headRow?.c ?? 0;
    this.#etag = headRow?.etag;
    const visible = new Map([...rows].filter(([, row]) => row.c <= this.#commit));
    const unwanted = new Set([...rows.keys()].filter((key) => !visible.has(key)));
    for (const key of this.#droppedKeys(visible)) unwanted.add(key);
    const stored = this.#assemble(visible, unwanted);
    await this.#removeKeys(unwanted);
    return found.length === 0 ? undefined : stored;
  }

  async commit(change: Change): Promise<void> {
    if (change.head === undefined) return this.#insert(change);
    const number = this.#commit + 1;
    const rows = change.put.flatMap((row) => toRows(this.key, row.key, row.text, number));
    const head = toRows(this.key, HEAD, change.head, number);
    const dropped = new Set([...change.drop.flatMap((key) => this.#physicalKeys(key)), ...this.#garbage]);
    const fresh = new Set(rows.map((row) => row.rowKey));
    for (const key of this.#staged) if (!fresh.has(key)) dropped.add(key);
    await this.#write(number, head, rows, dropped);
    this.#staged.clear();
    for (const key of change.drop) this.#overflow.delete(key);
    this.#remember(rows);
  }

  /** Adds rows beside a commit that may be going on; they are visible at once. */
  async #insert(change: Change): Promise<void> {
    for (const row of change.put) {
      const rows = toRows(this.key, row.key, row.text, 0);
      // The first row makes the text count, so it comes last.
      for (const batch of batches([...rows.slice(1), ...rows.slice(0, 1)].map(put))) await this.table.transact(batch);
      this.#remember(rows);
    }
  }

  async remove(): Promise<void> {
    const rows = await this.table.query(this.key);
    await this.#removeKeys(rows.map((row) => row.rowKey));
  }

  async #write(number: number, head: PhysicalRow[], rows: PhysicalRow[], dropped: ReadonlySet<string>): Promise<void> {
    const removals = [...dropped].map((key) => drop(this.key, key));
    const whole = [...head.map((row) => this.#headAction(row)), ...rows.map(put), ...removals];
    const [only, ...more] = batches(whole);
    if (only === undefined) return;
    if (more.length === 0) {
      await this.#flip(only, number);
      this.#garbage.clear();
      return;
    }
    const list = dropped.size === 0 ? [] : toRows(this.key, `${DROP}${number}`, JSON.stringify([...dropped]), number);
    const [first, ...rest] = head;
    const ahead = [...rows, ...rest, ...list];
    for (const row of ahead) this.#staged.add(row.rowKey);
    for (const batch of batches(ahead.map(put))) await this.table.transact(batch);
    if (first !== undefined) await this.#flip([this.#headAction(first)], number);
    await this.#sweep(dropped, list);
  }

  /** After a flip the commit stands, so a failing removal is only postponed. */
  async #sweep(dropped: ReadonlySet<string>, list: readonly PhysicalRow[]): Promise<void> {
    for (const key of dropped) this.#garbage.add(key);
    for (const row of list) this.#garbage.add(row.rowKey);
    try {
      await this.#removeKeys(dropped);
      await this.#removeKeys(list.map((row) => row.rowKey));
      this.#garbage.clear();
    } catch {
      // They stay in #garbage and in the drop list.
    }
  }

  async #flip(actions: readonly Action[], number: number): Promise<void> {
    const etag = await this.table.transactOnce(actions, HEAD, {
      wasMine: (head) => head?.w === this.writer && head.c === number,
    });
    this.#commit = number;
    this.#etag = etag;
  }

  #headAction(row: PhysicalRow): Action {
    if (row.rowKey !== HEAD) return put(row);
    const signed = { ...row, w: this.writer };
    return this.#etag === undefined ? put(signed) : ["update", signed, "Replace", { etag: this.#etag }];
  }

  async #removeKeys(keys: Iterable<string>): Promise<void> {
    for (const batch of batches([...keys].map((key) => drop(this.key, key)))) {
      await this.table.transactOnce(batch, HEAD, { wasMine: () => false });
    }
  }

  #physicalKeys(key: string): string[] {
    const count = this.#overflow.get(key) ?? 1;
    return Array.from({ length: count }, (_, i) => (i === 0 ? key : overflowKey(key, i)));
  }

  #remember(rows: readonly PhysicalRow[]): void {
    for (const row of rows) if ((row.n ?? 1) > 1) this.#overflow.set(row.rowKey, row.n ?? 1);
  }

  #droppedKeys(visible: ReadonlyMap<string, PhysicalRow>): string[] {
    return [...visible.values()]
      .filter((row) => row.rowKey.startsWith(DROP) && row.n !== undefined)
      .flatMap((row) => {
        const text = toText(row, (key) => visible.get(key));
        return [...(text === undefined ? [] : (JSON.parse(text) as string[])), row.rowKey];
      });
  }

  #assemble(visible: ReadonlyMap<string, PhysicalRow>, unwanted: Set<string>): StoredInstance {
    const rows: Row[] = [];
    let head: string | undefined;
    for (const row of visible.values()) {
      if (row.n === undefined || unwanted.has(row.rowKey)) continue;
      const text = toText(row, (key) => visible.get(key));
      if (text === undefined) continue;
      if (row.n > 1) this.#overflow.set(row.rowKey, row.n);
      if (row.rowKey === HEAD) head = text;
      else rows.push({ key: row.rowKey, text });
    }
    rows.sort((a, b) => (a.key < b.key ? -1 : 1));
    return { ...(head === undefined ? {} : { head }), rows };
  }
}
