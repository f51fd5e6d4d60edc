/** Something targeted at groups: a ring of an update policy, an update ring, an expedite profile. */
export interface Assigned {
  readonly id: string;
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  /** Targeted at all devices. */
  readonly everyone: boolean;
}

/** Finds what is assigned to a device by its groups, without looking at anything else. */
export class AssignmentIndex<T extends Assigned> {
  readonly #items = new Map<string, T>();
  readonly #byGroup = new Map<string, Set<string>>();
  readonly #everyone = new Set<string>();

  get(id: string): T | undefined {
    return this.#items.get(id);
  }

  all(): Iterable<T> {
    return this.#items.values();
  }

  set(item: T): void {
    this.delete(item.id);
    this.#items.set(item.id, item);
    if (item.everyone) this.#everyone.add(item.id);
    for (const group of item.include) {
      const ids = this.#byGroup.get(group) ?? new Set();
      this.#byGroup.set(group, ids.add(item.id));
    }
  }

  delete(id: string): void {
    const item = this.#items.get(id);
    if (item === undefined) return;
    this.#items.delete(id);
    this.#everyone.delete(id);
    for (const group of item.include) {
      const ids = this.#byGroup.get(group);
      ids?.delete(id);
      if (ids?.size === 0) this.#byGroup.delete(group);
    }
  }

  /** What targets a device in these groups: included, and not excluded. */
  covering(groups: readonly string[]): T[] {
    const ids = new Set(this.#everyone);
    for (const group of groups) for (const id of this.#byGroup.get(group) ?? []) ids.add(id);
    const found: T[] = [];
    for (const id of ids) {
      const item = this.#items.get(id);
      if (item !== undefined && !item.exclude.some((group) => groups.includes(group))) found.push(item);
    }
    return found;
  }
}
