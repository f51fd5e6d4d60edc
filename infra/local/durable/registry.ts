import { Entity } from "./entity.js";
import type { Instance } from "./instance.js";
import { isEntityId } from "./messages.js";
import { Orchestration } from "./orchestration.js";
import type { Services } from "./services.js";
import type { IndexRow, StoredInstance } from "./store.js";

/** How many instances are read at the same time during recovery. */
const PARALLEL_READS = 8;
/** How many finished instances are kept for those who ask for their status. */
const RESTING = 64;

/** All instances: those with work to do are in memory, of the others the index is. */
export class Registry {
  readonly #live = new Map<string, Instance>();
  readonly #byOrigin = new Map<string, Instance>();
  readonly #index = new Map<string, IndexRow>();
  /** Finished instances that were in memory last, the oldest first. */
  readonly #resting = new Map<string, Instance>();
  readonly #loading = new Map<string, Promise<Instance | undefined>>();

  constructor(private readonly services: Services) {}

  /** The instance, when it is in memory. */
  find(id: string): Instance | undefined {
    return this.#live.get(id);
  }

  /** What is known of every instance without reading it. */
  rows(): IndexRow[] {
    const live = [...this.#live.values()].map((instance) => this.#row(instance, true));
    return [...[...this.#index.values()].filter((row) => !this.#live.has(row.id) && row.purging !== true), ...live];
  }

  /** The instance, read when it is not in memory; undefined when there is none. */
  async get(id: string): Promise<Instance | undefined> {
    const live = this.#live.get(id);
    if (live !== undefined) return live;
    const row = this.#index.get(id);
    if (row === undefined || row.purging === true) return undefined;
    const resting = this.#resting.get(id);
    if (resting !== undefined) return this.#reawaken(resting);
    const loading = this.#loading.get(id) ?? this.#load(row);
    this.#loading.set(id, loading);
    try {
      return await loading;
    } finally {
      this.#loading.delete(id);
    }
  }

  create(id: string): Instance {
    const instance = isEntityId(id) ? new Entity(id, this.services) : new Orchestration(id, this.services);
    this.#add(instance);
    return instance;
  }

  /** Reads the index, and of the instances those that are open. */
  async recover(): Promise<Instance[]> {
    for (const row of await this.services.store.index()) this.#index.set(row.id, row);
    const rows = [...this.#index.values()];
    for (const row of rows.filter((candidate) => candidate.purging === true)) await this.#removeRows(row.id);
    const open = rows
      .filter((row) => row.open && row.purging !== true)
      .sort((a, b) => compare(a.created, b.created) || compare(a.id, b.id));
    const found: Instance[] = [];
    for (let at = 0; at < open.length; at += PARALLEL_READS) {
      const read = await Promise.all(open.slice(at, at + PARALLEL_READS).map((row) => this.#load(row)));
      found.push(...read.filter((instance) => instance !== undefined));
    }
    for (const instance of found) instance.indexed = true;
    // Announced in the index, but the host died before anything of it was saved.
    const known = new Set(found.map((instance) => instance.id));
    for (const row of open) if (!known.has(row.id)) await this.#removeRows(row.id);
    for (const instance of found) this.#prune(instance);
    for (const instance of found) if (instance instanceof Entity && instance.idle) await this.#rest(instance);
    return found;
  }

  /** Marks the instance as one that a restarted host has to read, before its first row is written. */
  ensureOpen(instance: Instance): Promise<void> {
    return this.#inOrder(instance, async () => {
      if (instance.indexed) return;
      await this.#put(this.#row(instance, true));
      instance.indexed = true;
      if (!this.#live.has(instance.id)) this.#add(instance);
    });
  }

  /** Closes a finished instance in the index and drops it from memory; a deleted entity goes for good. */
  close(instance: Instance): Promise<void> {
    return this.#inOrder(instance, async () => {
      if (!instance.finished || this.#live.get(instance.id) !== instance) return;
      if (instance instanceof Entity) return this.purge(instance.id);
      if (instance.indexed) {
        instance.indexed = false;
        try {
          await this.#put({ ...this.#row(instance, false), settled: instance.seq });
        } catch (error) {
          instance.indexed = true;
          throw error;
        }
        instance.closed();
      }
      if (instance.finished && !instance.queued) this.#layToRest(instance);
    });
  }

  #layToRest(instance: Instance): void {
    this.#live.delete(instance.id);
    this.#byOrigin.delete(instance.origin);
    this.#resting.set(instance.id, instance);
    const [oldest] = this.#resting.keys();
    if (this.#resting.size > RESTING && oldest !== undefined) this.#forget(oldest);
  }

  #reawaken(instance: Instance): Instance {
    this.#resting.delete(instance.id);
    this.#add(instance);
    this.#prune(instance);
    return instance;
  }

  #forget(id: string): void {
    this.#resting.delete(id);
    this.services.store.release(id);
  }

  /** Removes every trace. */
  async purge(id: string): Promise<void> {
    const row = this.#index.get(id);
    const instance = this.#live.get(id);
    if (instance !== undefined) this.#drop(instance);
    this.#forget(id);
    if (row === undefined) return;
    await this.#put({ ...row, open: true, purging: true });
    await this.#removeRows(id);
  }

  async #removeRows(id: string): Promise<void> {
    await this.services.store.remove(id);
    await this.services.store.deleteIndex(id);
    this.#index.delete(id);
  }

  /** An entity with nothing to do: a restarted host need not read it. */
  #rest(instance: Entity): Promise<void> {
    return this.#inOrder(instance, async () => {
      await this.#put({ ...this.#row(instance, false), settled: instance.seq });
      instance.indexed = false;
      instance.closed();
    });
  }

  async #load(row: IndexRow): Promise<Instance | undefined> {
    const stored = await this.services.store.load(row.id);
    if (stored === undefined) return undefined;
    const instance = restored(row, this.services, stored);
    this.#add(instance);
    if (!row.open) this.#prune(instance);
    return instance;
  }

  #prune(instance: Instance): void {
    instance.pruneMarks((origin, to) => this.#byOrigin.get(origin)?.owes(to) ?? false);
  }

  #row(instance: Instance, open: boolean): IndexRow {
    const settled = this.#index.get(instance.id)?.settled ?? 0;
    return { id: instance.id, open, settled, ...instance.summary() };
  }

  async #put(row: IndexRow): Promise<void> {
    await this.services.store.putIndex(row);
    this.#index.set(row.id, row);
  }

  #add(instance: Instance): void {
    this.#live.set(instance.id, instance);
    this.#byOrigin.set(instance.origin, instance);
  }

  #drop(instance: Instance): void {
    this.#live.delete(instance.id);
    this.#byOrigin.delete(instance.origin);
    this.#forget(instance.id);
  }

  /** Index writes of one instance never overtake each other. */
  #inOrder(instance: Instance, write: () => Promise<void>): Promise<void> {
    const result = instance.indexing.then(write);
    instance.indexing = result.catch(() => undefined);
    return result;
  }
}

function restored(row: IndexRow, services: Services, stored: StoredInstance): Instance {
  return isEntityId(row.id)
    ? Entity.restored(row.id, services, stored, row.settled)
    : Orchestration.restored(row.id, services, stored, row.settled);
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
