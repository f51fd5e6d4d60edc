import { hash32 } from "../../../../shared/random.js";
import type { Directory } from "../directory/directory.js";
import { hexId } from "../state/ids.js";
import type { Store } from "../state/store.js";
import { type Component, componentsOf, FIRMWARE } from "./components.js";

const DAY = 86_400_000;
/** Manufacturers published nothing before; what devices have at the start of a fleet is older. */
const EPOCH = Date.parse("2024-01-01T17:00:00Z");
/** Versions of a component that can be deployed at a time: the oldest expires with the next one. */
const DEPLOYABLE = 3;
/** Days between two versions, by class. */
const INTERVAL_DAYS: Readonly<Record<string, number>> = { Display: 45, Net: 90, [FIRMWARE]: 150 };

/** A driver or firmware that a manufacturer has published through Windows Update. Instants are ms of domain time. */
export interface DriverEntry {
  /** 64 hexadecimal digits. */
  readonly id: string;
  /** Name of its component. */
  readonly component: string;
  readonly manufacturer: string;
  readonly driverClass: string;
  readonly version: string;
  /** Whether the publisher marks it as required: the newest such version is the recommended one. */
  readonly isRequired: boolean;
  readonly releasedAt: number;
  /** From then on it cannot be deployed any more; null: no such day is known. */
  readonly deployableUntil: number | null;
}

interface WithdrawnRow {
  readonly id: string;
}

/**
 * Drivers and firmware of the hardware that the tenant's devices have, published one after another since 2024 on days
 * that the component alone decides, together with what tests publish and withdraw.
 */
export class DriverCatalogue {
  readonly #published;
  readonly #withdrawn;

  constructor(
    store: Store,
    private readonly directory: Directory,
  ) {
    this.#published = store.table<DriverEntry>("driverPublications");
    this.#withdrawn = store.table<WithdrawnRow>("withdrawnDrivers");
  }

  /** What can be deployed for a component now, the oldest first. */
  deployable(component: Component, now: number): DriverEntry[] {
    return this.#ever(component, now).filter(
      ({ id, deployableUntil }) => (deployableUntil === null || deployableUntil > now) && !this.isWithdrawn(id),
    );
  }

  /** Any driver published by now that was not withdrawn, those that have expired included. */
  get(id: string, now: number): DriverEntry | undefined {
    if (this.isWithdrawn(id)) return undefined;
    const parts = new Map(this.directory.devices.all().flatMap((row) => componentsOf(row).map((p) => [p.name, p])));
    for (const part of parts.values()) {
      const found = this.#ever(part, now).find((entry) => entry.id === id);
      if (found !== undefined) return found;
    }
    const published = this.#published.get(id);
    return published === undefined || published.releasedAt > now ? undefined : published;
  }

  publish(driver: Omit<DriverEntry, "id">): string {
    const id = hexId("driver", driver.component, driver.version);
    this.#published.set({ id, ...driver });
    return id;
  }

  /** How often tests have published and withdrawn something. */
  changes(): number {
    return this.#published.all().length + this.#withdrawn.all().length;
  }

  /** When drivers came out that were published beside the regular ones, ms. */
  publishedAt(): number[] {
    return this.#published.all().map(({ releasedAt }) => releasedAt);
  }

  /** The publisher takes a driver back; devices that have it keep it. */
  withdraw(id: string): void {
    this.#withdrawn.set({ id });
  }

  isWithdrawn(id: string): boolean {
    return this.#withdrawn.get(id) !== undefined;
  }

  #ever(component: Component, now: number): DriverEntry[] {
    const added = this.#published
      .all()
      .filter((entry) => entry.component === component.name && entry.releasedAt <= now);
    return [...publications(component, now), ...added].toSorted((a, b) => a.releasedAt - b.releasedAt);
  }
}

/** The first instant after `now` (ms) at which a regular publication or expiry is possible: once a day. */
export function nextPublication(now: number): number {
  return EPOCH + (Math.floor((now - EPOCH) / DAY) + 1) * DAY;
}

/** What the manufacturer of a component publishes by itself until an instant (ms), the oldest first. */
export function* publications(component: Component, until: number): Generator<DriverEntry> {
  const { name, manufacturer, driverClass } = component;
  const interval = (INTERVAL_DAYS[driverClass] ?? 120) * DAY;
  const first = EPOCH + (hash32("driver series", name) % (interval / DAY)) * DAY;
  for (let nth = 0; first + nth * interval <= until; nth++) {
    const version = versionOf(component, nth + 1);
    if (version === undefined) return;
    yield {
      id: hexId("driver", name, version),
      component: name,
      ...{ manufacturer, driverClass, version },
      isRequired: driverClass !== FIRMWARE && hash32("driver required", name, nth) % 3 > 0,
      releasedAt: first + nth * interval,
      deployableUntil: first + (nth + DEPLOYABLE) * interval,
    };
  }
}

const NETWORK_MAJOR: Readonly<Record<string, number>> = {
  Intel: 23,
  Realtek: 10,
  Qualcomm: 3,
  MediaTek: 3,
  Broadcom: 7,
};

/**
 * The n-th version after the newest that devices begin with (shared/model/attributes/components.ts counts them back);
 * undefined for makers that publish nothing by themselves.
 */
function versionOf({ manufacturer, driverClass }: Component, nth: number): string | undefined {
  if (driverClass === FIRMWARE) return `1.${30 + nth}.0`;
  const major = NETWORK_MAJOR[manufacturer];
  if (driverClass === "Net") return major === undefined ? undefined : `${major}.${110 + 10 * nth}.0.0`;
  if (manufacturer === "NVIDIA") return `32.0.15.${7652 + 61 * nth}`;
  if (manufacturer === "AMD") return `32.0.${21025 + 211 * nth}.1000`;
  return manufacturer === "Intel" ? `32.0.101.${6881 + 37 * nth}` : undefined;
}
