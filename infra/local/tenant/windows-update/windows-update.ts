import type { Clock, Timer } from "../../time/clock.js";
import type { Catalogue } from "../catalogue/catalogue.js";
import type { DeviceRow, Directory, MembershipChange } from "../directory/directory.js";
import type { Store } from "../state/store.js";
import type { DeviceUpdateView, UpdateRingView } from "../types.js";
import { type Assigned, AssignmentIndex } from "./assignments.js";
import { ReplicatedMembership } from "./membership.js";
import { type Candidate, newestOffer, nextOffer, type OfferSource, revisionFor } from "./offer-source.js";
import { Replication } from "./replication.js";

/** An update ring with its assignment. A pause ends by itself. */
export interface AssignedRing extends Assigned {
  readonly createdAt: number;
  readonly ring: UpdateRingView;
  /** When a running pause ends, ms. */
  readonly pausedUntil?: number;
}

export interface AssignedExpedite extends Assigned {
  readonly entryId: string;
  readonly daysUntilForcedReboot: number;
}

/** A policy that sets how often devices scan, hours. */
export interface AssignedScan extends Assigned {
  readonly createdAt: number;
  readonly hours: number;
}

/** Relation that holds the devices of audiences; they are no groups of the directory. */
const AUDIENCES = "audienceDevices";

interface OfferRow {
  readonly id: string;
  readonly entryId: string;
  readonly since: number;
}

export interface WindowsUpdateDeps {
  readonly clock: Clock;
  readonly store: Store;
  readonly directory: Directory;
  readonly catalogue: Catalogue;
  /** From a change in the directory until it counts here, ms of domain time. */
  readonly replicationDelayMs: () => number;
}

type ChangeListener = (deviceIds: ReadonlySet<string> | "all") => void;

/** Windows Update and Intune as devices see them: what each device is told now, and who must be told again. */
export class WindowsUpdate {
  readonly #sources = new AssignmentIndex<OfferSource>();
  readonly #rings = new AssignmentIndex<AssignedRing>();
  readonly #expedites = new AssignmentIndex<AssignedExpedite>();
  readonly #scans = new AssignmentIndex<AssignedScan>();
  readonly #membership = new ReplicatedMembership();
  readonly #replication: Replication;
  readonly #offers;
  readonly #audiences;
  readonly #listeners: ChangeListener[] = [];
  #timer: Timer | undefined;
  #started = false;

  constructor(private readonly deps: WindowsUpdateDeps) {
    const { clock, store, directory, replicationDelayMs } = deps;
    this.#replication = new Replication(clock, replicationDelayMs);
    this.#offers = store.table<OfferRow>("offers");
    this.#audiences = store.relation(AUDIENCES);
    for (const [groupId, members] of [...directory.memberships(), ...this.#audiences.entries()]) {
      this.#membership.apply({ groupId, added: [...members], removed: [] });
    }
    directory.onMembership((change) => this.#replication.later(() => this.#replicate(change)));
  }

  /** Begins to judge devices, once everything kept from before has been put in place. */
  start(): void {
    this.#started = true;
    this.#refresh(this.deps.directory.devices.all().map(({ id }) => id));
    this.#arm();
  }

  onChange(listener: ChangeListener): void {
    this.#listeners.push(listener);
  }

  /** What a device is told now. Costs no more than the policies of that device. */
  view(deviceId: string): DeviceUpdateView {
    const device = this.deps.directory.byDeviceId(deviceId);
    if (device === undefined) return {};
    const groups = this.#membership.groupsOf(device.id);
    const offer = this.#offer(device, groups);
    const ring = this.#ring(groups);
    const expedite = this.#expedite(device, groups);
    const scan = oldest(this.#scans.covering(groups));
    const noted = this.#offers.get(device.id);
    const since = noted?.entryId === offer?.entry.id ? noted?.since : undefined;
    return {
      ...(offer === undefined
        ? {}
        : {
            offer: {
              catalogEntryId: offer.entry.id,
              kb: offer.revision.kb,
              build: offer.revision.build,
              since: since ?? this.deps.clock.now(),
            },
          }),
      ...(ring === undefined ? {} : { ring }),
      ...(expedite === undefined ? {} : { expedite }),
      ...(scan === undefined ? {} : { detectionFrequencyHours: scan.hours }),
    };
  }

  setSource(source: OfferSource): void {
    this.#change(this.#sources, source);
  }

  deleteSource(id: string): void {
    this.#remove(this.#sources, id);
  }

  setRing(ring: AssignedRing): void {
    this.#change(this.#rings, ring);
  }

  deleteRing(id: string): void {
    this.#remove(this.#rings, id);
  }

  setExpedite(expedite: AssignedExpedite): void {
    this.#change(this.#expedites, expedite);
  }

  deleteExpedite(id: string): void {
    this.#remove(this.#expedites, id);
  }

  setScan(scan: AssignedScan): void {
    this.#change(this.#scans, scan);
  }

  deleteScan(id: string): void {
    this.#remove(this.#scans, id);
  }

  /** Changes who is in a deployment audience, or excluded from it: here that is a group of device objects. */
  changeAudience(change: MembershipChange): void {
    if (change.added.length > 0) this.#audiences.add(change.groupId, change.added);
    if (change.removed.length > 0) this.#audiences.remove(change.groupId, change.removed);
    this.#replicate(change);
  }

  /** Devices that are new, or whose Windows version may have changed. */
  devicesChanged(ids: readonly string[]): void {
    this.#refresh(ids);
  }

  /** The catalogue has grown. */
  catalogueChanged(): void {
    this.#refreshCovered([...this.#sources.all()].filter(({ rules }) => rules.length > 0));
    this.#arm();
  }

  stop(): void {
    this.#timer?.cancel();
    this.#replication.stop();
  }

  #offer(device: DeviceRow, groups: readonly string[]): Candidate | undefined {
    const now = this.deps.clock.now();
    let newest: Candidate | undefined;
    for (const source of this.#sources.covering(groups)) {
      const found = newestOffer(source, device, this.deps.catalogue, now);
      if (found !== undefined && found.entry.publishedAt > (newest?.entry.publishedAt ?? -Infinity)) newest = found;
    }
    return newest;
  }

  #ring(groups: readonly string[]): UpdateRingView | undefined {
    const found = oldest(this.#rings.covering(groups));
    if (found === undefined) return undefined;
    const { ring, pausedUntil } = found;
    const ended = ring.qualityPaused && pausedUntil !== undefined && pausedUntil <= this.deps.clock.now();
    return ended ? { ...ring, qualityPaused: false } : ring;
  }

  #expedite(device: DeviceRow, groups: readonly string[]): DeviceUpdateView["expedite"] {
    let newest: { build: string; daysUntilForcedReboot: number; publishedAt: number } | undefined;
    for (const { entryId, daysUntilForcedReboot } of this.#expedites.covering(groups)) {
      const entry = this.deps.catalogue.get(entryId);
      const revision = entry && revisionFor(entry, device);
      if (entry === undefined || revision === undefined) continue;
      if (newest !== undefined && newest.publishedAt >= entry.publishedAt) continue;
      newest = { build: revision.build, daysUntilForcedReboot, publishedAt: entry.publishedAt };
    }
    return newest === undefined
      ? undefined
      : { build: newest.build, daysUntilForcedReboot: newest.daysUntilForcedReboot };
  }

  #replicate(change: MembershipChange): void {
    this.#membership.apply(change);
    const { directory } = this.deps;
    this.#refresh([...change.added, ...change.removed].flatMap((id) => [id, ...directory.transitiveMembers(id)]));
  }

  #change<T extends Assigned>(index: AssignmentIndex<T>, item: T): void {
    const before = index.get(item.id);
    index.set(item);
    this.#refreshCovered(before === undefined ? [item] : [before, item]);
    this.#arm();
  }

  #remove<T extends Assigned>(index: AssignmentIndex<T>, id: string): void {
    const before = index.get(id);
    if (before === undefined) return;
    index.delete(id);
    this.#refreshCovered([before]);
    this.#arm();
  }

  #refreshCovered(items: readonly Assigned[]): void {
    const { directory } = this.deps;
    const everyone = items.some((item) => item.everyone) ? directory.devices.all().map(({ id }) => id) : [];
    const groups = new Set(items.flatMap(({ include, exclude }) => [...include, ...exclude]));
    const below = (id: string) => [id, ...directory.transitiveMembers(id)];
    const members = [...groups].flatMap((group) => [...below(group), ...[...this.#audiences.of(group)].flatMap(below)]);
    this.#refresh([...everyone, ...members]);
  }

  /** Notes for each device whether its offer changed, and since when, then tells the listeners. */
  #refresh(objectIds: readonly string[]): void {
    if (!this.#started) return;
    const touched = new Set<string>();
    this.deps.store.atomically(() => {
      for (const id of objectIds) {
        const device = this.deps.directory.devices.get(id);
        if (device === undefined || touched.has(device.deviceId)) continue;
        touched.add(device.deviceId);
        this.#note(device);
      }
    });
    if (touched.size > 0) for (const listener of this.#listeners) listener(touched);
  }

  #note(device: DeviceRow): void {
    const offer = this.#offer(device, this.#membership.groupsOf(device.id));
    const known = this.#offers.get(device.id);
    if (known?.entryId === offer?.entry.id) return;
    if (offer === undefined) this.#offers.delete(device.id);
    else this.#offers.set({ id: device.id, entryId: offer.entry.id, since: this.deps.clock.now() });
  }

  /** Wakes at the next instant at which a view changes by time alone. */
  #arm(): void {
    if (!this.#started) return;
    const { clock, catalogue } = this.deps;
    const now = clock.now();
    const due = new Map<Assigned, number>();
    for (const source of this.#sources.all()) {
      const next = nextOffer(source, catalogue, now);
      if (next !== undefined) due.set(source, next);
    }
    for (const ring of this.#rings.all()) {
      if (ring.pausedUntil !== undefined && ring.pausedUntil > now) due.set(ring, ring.pausedUntil);
    }
    this.#timer?.cancel();
    this.#timer = undefined;
    if (due.size === 0) return;
    const first = Math.min(...due.values());
    const items = [...due].filter(([, at]) => at === first).map(([item]) => item);
    this.#timer = clock.at(first, () => {
      this.#refreshCovered(items);
      this.#arm();
    });
  }
}

/** Of several policies that say different things the oldest counts: Intune reports a conflict, a device obeys one. */
function oldest<T extends { readonly createdAt: number }>([first, ...others]: readonly T[]): T | undefined {
  if (first === undefined) return undefined;
  return others.reduce((found, each) => (each.createdAt < found.createdAt ? each : found), first);
}
