import type { Store } from "../state/store.js";

interface TimesRow {
  readonly id: string;
  /** ms by what is offered. */
  readonly since: Readonly<Record<string, number>>;
}

/** Since when devices are offered what they are offered now, for one kind of update. */
export class OfferTimes {
  readonly #rows;

  constructor(store: Store, kind: string) {
    this.#rows = store.table<TimesRow>(`${kind}OfferTimes`);
  }

  /** ms; undefined where the offer has not been noted. */
  since(deviceId: string, key: string): number | undefined {
    return this.#rows.get(deviceId)?.since[key];
  }

  /** Notes what a device is offered at `now` (ms), and nothing else: what was offered before keeps its time. */
  note(deviceId: string, keys: readonly string[], now: number): boolean {
    const known = this.#rows.get(deviceId)?.since ?? {};
    if (Object.keys(known).length === keys.length && keys.every((key) => Object.hasOwn(known, key))) return false;
    if (keys.length === 0) this.#rows.delete(deviceId);
    else this.#rows.set({ id: deviceId, since: Object.fromEntries(keys.map((key) => [key, known[key] ?? now])) });
    return true;
  }
}
