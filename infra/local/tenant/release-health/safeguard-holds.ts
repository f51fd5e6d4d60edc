import type { Store } from "../state/store.js";
import type { DeviceRecord } from "../types.js";

/** Keeps a feature update from devices that match a known issue (autopatch.md §12). Instants are ms of domain time. */
export interface SafeguardHold {
  /** Eight digits. */
  readonly id: number;
  /** The feature update it keeps away: `Windows 11, version 24H2`. */
  readonly featureVersion: string;
  /** The attribute that devices with the issue have in common (`systemTool`, `gpuDriver`, `model`), and its value. */
  readonly attribute: string;
  readonly value: string;
  readonly title: string;
  readonly startedAt: number;
  /** When a fix was verified; absent, there is none yet. */
  readonly liftedAt?: number;
}

/** Invented ones; those of versions that are older than the sample catalogue are long lifted. */
const INVENTED: readonly SafeguardHold[] = [
  {
    id: 54_157_480,
    featureVersion: "Windows 11, version 24H2",
    attribute: "systemTool",
    value: "Audio suite 8",
    title: "Devices with an older audio suite may have no sound",
    startedAt: Date.parse("2024-10-08T17:00:00Z"),
    liftedAt: Date.parse("2025-02-11T18:00:00Z"),
  },
  {
    id: 57_006_213,
    featureVersion: "Windows 11, version 25H2",
    attribute: "systemTool",
    value: "Screen recorder 8",
    title: "Devices with an older screen recorder may stop responding",
    startedAt: Date.parse("2025-10-07T17:00:00Z"),
  },
];

/** The safeguard holds there are: some invented ones, and what tests add. */
export class SafeguardHolds {
  readonly #added;

  constructor(store: Store) {
    this.#added = store.table<Omit<SafeguardHold, "id"> & { readonly id: string }>("safeguardHolds");
  }

  /** Every hold that has ever been, lifted ones included. */
  all(): SafeguardHold[] {
    const added = this.#added.all().map((row) => ({ ...row, id: Number(row.id) }));
    const known = new Set(added.map(({ id }) => id));
    return [...INVENTED.filter(({ id }) => !known.has(id)), ...added];
  }

  /** Adds a hold, or replaces the one with its id. */
  set(hold: SafeguardHold): void {
    this.#added.set({ ...hold, id: String(hold.id) });
  }

  /** Holds that keep a device from a feature update at `now` (ms). */
  matching(featureVersion: string, device: DeviceRecord, now: number): number[] {
    const facts: Readonly<Record<string, string>> = { ...device.attributes, model: device.model };
    return this.all()
      .filter((hold) => hold.featureVersion === featureVersion && isActive(hold, now))
      .filter(({ attribute, value }) => facts[attribute] === value)
      .map(({ id }) => id);
  }

  /** The next instant after `now` (ms) at which a hold begins or is lifted, if there is one. */
  nextChange(now: number): number | undefined {
    const instants = this.all().flatMap(({ startedAt, liftedAt = Infinity }) => [startedAt, liftedAt]);
    const next = Math.min(...instants.filter((at) => at > now));
    return next === Infinity ? undefined : next;
  }
}

function isActive({ startedAt, liftedAt = Infinity }: SafeguardHold, now: number): boolean {
  return startedAt <= now && now < liftedAt;
}
