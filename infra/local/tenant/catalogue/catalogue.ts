import { hexId } from "../state/ids.js";
import type { Store } from "../state/store.js";
import type { CatalogueEntry, Revision } from "./entry.js";
import { emulatedHotpatches } from "./hotpatch.js";
import { entryOf, type Publication, seedEntries } from "./releases.js";

/** Every quality update there is, oldest first; readers see those already published. */
export class Catalogue {
  readonly #entries = new Map<string, CatalogueEntry>();
  readonly #added;
  #ordered: readonly CatalogueEntry[] = [];
  readonly #baselines = new Map<string, string>();
  readonly #cumulative = new Map<string, Revision>();

  constructor(store: Store) {
    this.#added = store.table<CatalogueEntry>("catalogue");
    this.#index([...seedEntries(), ...this.#added.all()]);
  }

  /** Adds an update, for instance one out of band. The same update twice is one entry. */
  publish(update: Publication): CatalogueEntry {
    const builds = update.revisions.map(({ build }) => build).join(",");
    const entry = entryOf(update, hexId("quality update", update.date, update.kind, builds));
    this.#added.set(entry);
    this.#index([entry]);
    return entry;
  }

  /** Gives an entry hotpatches that never were; which ones. */
  emulateHotpatches(id: string): readonly Revision[] {
    const entry = this.get(id);
    if (entry === undefined) return [];
    const hotpatches = emulatedHotpatches(entry, this.all());
    const isNew = ({ build }: Revision) => entry.revisions.every((each) => each.build !== build);
    const whole = { ...entry, revisions: [...entry.revisions, ...hotpatches.filter(isNew)] };
    this.#added.set(whole);
    this.#index([whole]);
    return hotpatches;
  }

  /** An entry, published or not. */
  get(id: string): CatalogueEntry | undefined {
    return this.#entries.get(id.toLowerCase());
  }

  /** All entries in order of publication. */
  all(): readonly CatalogueEntry[] {
    return this.#ordered;
  }

  /** The entries published by `now`, in order of publication. */
  published(now: number): readonly CatalogueEntry[] {
    return this.#ordered.filter((entry) => entry.publishedAt <= now);
  }

  /** Build of the baseline that a device with this build is on, by itself or by a hotpatch of it. */
  baselineOf(build: string): string | undefined {
    return this.#baselines.get(build);
  }

  /** The cumulative update that brings a build. */
  cumulativeUpdate(build: string): Revision | undefined {
    return this.#cumulative.get(build);
  }

  #index(entries: readonly CatalogueEntry[]): void {
    for (const entry of entries) this.#entries.set(entry.id, entry);
    for (const revision of entries.flatMap(({ revisions }) => revisions)) {
      const { build, hotpatchOf } = revision;
      if (hotpatchOf === undefined) this.#cumulative.set(build, revision);
      else this.#baselines.set(build, hotpatchOf).set(hotpatchOf, hotpatchOf);
    }
    this.#ordered = [...this.#entries.values()].sort((a, b) => a.publishedAt - b.publishedAt || (a.id < b.id ? -1 : 1));
  }
}
