import type { Clock, Timer } from "../../time/clock.js";
import type { Catalogue } from "../catalogue/catalogue.js";
import type { DeviceRow, Directory, MembershipChange } from "../directory/directory.js";
import type { SafeguardHolds } from "../release-health/safeguard-holds.js";
import type { Store } from "../state/store.js";
import type { DeviceUpdateView } from "../types.js";
import type { Assigned, AssignmentIndex } from "./assignments.js";
import { AudienceDevices } from "./audience-devices.js";
import type { DriverSource } from "./driver-source.js";
import { EnrolmentGrace } from "./enrolment-grace.js";
import { buildAfter, type FeatureSource } from "./feature-source.js";
import { type Judgement, judge } from "./judgement.js";
import { lotsOf } from "./lots.js";
import { ReplicatedMembership } from "./membership.js";
import { nextOffer, type OfferSource } from "./offer-source.js";
import { OfferTimes } from "./offer-times.js";
import { type AssignedExpedite, AssignedPolicies, type AssignedRing, type AssignedScan } from "./policies.js";
import { Replication } from "./replication.js";
import { nextChange, type Queue } from "./rollout.js";
import { type OfferKind, viewOf } from "./view.js";

export interface WindowsUpdateDeps {
  readonly clock: Clock;
  readonly store: Store;
  readonly directory: Directory;
  readonly catalogue: Catalogue;
  readonly holds: SafeguardHolds;
  /** From a change in the directory until it counts here, ms of domain time. */
  readonly replicationDelayMs: () => number;
}

type ChangeListener = (deviceIds: ReadonlySet<string> | "all") => void;

/** Windows Update and Intune as devices see them: what each device is told now, and who must be told again. */
export class WindowsUpdate {
  readonly #policies = new AssignedPolicies();
  readonly #membership = new ReplicatedMembership();
  readonly #replication: Replication;
  readonly #times: Readonly<Record<OfferKind, OfferTimes>>;
  readonly #grace: EnrolmentGrace;
  readonly #audiences;
  readonly #listeners: ChangeListener[] = [];
  #timer: Timer | undefined;
  #started = false;
  /** Changes of groups that have replicated. */
  #replicated = 0;

  constructor(private readonly deps: WindowsUpdateDeps) {
    const { clock, store, directory, replicationDelayMs } = deps;
    this.#replication = new Replication(clock, replicationDelayMs);
    this.#times = {
      quality: new OfferTimes(store, "quality"),
      feature: new OfferTimes(store, "feature"),
      driver: new OfferTimes(store, "driver"),
    };
    this.#grace = new EnrolmentGrace(clock, store, (id, groupId) => this.#leave(id, groupId));
    this.#audiences = new AudienceDevices(store);
    for (const [groupId, members] of [...directory.memberships(), ...this.#audiences.entries()]) {
      this.#membership.apply({ groupId, added: [...members], removed: [] });
    }
    directory.onMembership((change) => this.#replication.later(() => this.#replicate(change)));
  }

  /** Begins to judge devices, once everything kept from before has been put in place. */
  start(): void {
    this.#started = true;
    this.#grace.start();
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
    const now = this.deps.clock.now();
    return viewOf(this.#judge(device, now), {
      since: (kind, key) => this.#times[kind].since(device.id, key) ?? now,
      buildOf: (version) => buildAfter(version, this.deps.catalogue, now),
    });
  }

  setSource(source: OfferSource): void {
    const { quality } = this.#policies;
    this.#grace.change(source.id, quality.get(source.id)?.include ?? [], source.include);
    this.#change(quality, { ...source, include: [...source.include, ...this.#grace.of(source.id)] });
  }

  deleteSource(id: string): void {
    this.#grace.forget(id);
    this.#remove(this.#policies.quality, id);
  }

  setRing(ring: AssignedRing): void {
    this.#change(this.#policies.rings, ring);
  }

  deleteRing(id: string): void {
    this.#remove(this.#policies.rings, id);
  }

  setExpedite(expedite: AssignedExpedite): void {
    this.#change(this.#policies.expedites, expedite);
  }

  deleteExpedite(id: string): void {
    this.#remove(this.#policies.expedites, id);
  }

  setScan(scan: AssignedScan): void {
    this.#change(this.#policies.scans, scan);
  }

  deleteScan(id: string): void {
    this.#remove(this.#policies.scans, id);
  }

  setFeature(source: FeatureSource): void {
    this.#change(this.#policies.feature, source);
  }

  deleteFeature(id: string): void {
    this.#remove(this.#policies.feature, id);
  }

  setDrivers(source: DriverSource): void {
    this.#change(this.#policies.drivers, source);
  }

  deleteDrivers(id: string): void {
    this.#remove(this.#policies.drivers, id);
  }

  /** Lets devices have feature updates in spite of safeguard holds. */
  setSafeguardOptOut(assigned: Assigned): void {
    this.#change(this.#policies.safeguardOptOuts, assigned);
  }

  deleteSafeguardOptOut(id: string): void {
    this.#remove(this.#policies.safeguardOptOuts, id);
  }

  /** Sets which device objects a deployment audience reaches. */
  setAudience(id: string, devices: ReadonlySet<string>): void {
    const change = this.#audiences.set(id, devices);
    if (change.added.length + change.removed.length === 0) return;
    this.#replicate(change);
    // Where devices are offered something one after the other, the others move up.
    if (change.removed.length > 0) {
      this.#refreshCovered([{ id, include: [id], exclude: [], everyone: false }], "changed");
    }
    this.#arm();
  }

  /** The devices of an audience, one after the other. */
  queueOf(audienceId: string): Queue {
    return this.#audiences.queueOf(audienceId);
  }

  /** The devices that something is assigned to, in an order that chance draws. */
  lotsOf(item: Assigned): Queue {
    const { devices } = this.deps.directory;
    return lotsOf(item, {
      devices: () => devices.all(),
      groupsOf: (id) => this.#membership.groupsOf(id),
      version: () => `${this.#replicated} ${devices.size}`,
    });
  }

  /** Devices that are new, or whose Windows version may have changed. */
  devicesChanged(ids: readonly string[]): void {
    this.#refresh(ids);
  }

  /** The catalogue has grown. */
  catalogueChanged(): void {
    this.#refreshCovered([...this.#policies.quality.all()].filter(({ rules }) => rules.length > 0));
    this.#arm();
  }

  /** A driver was published or withdrawn. */
  driversChanged(): void {
    this.#refreshCovered([...this.#policies.drivers.all()]);
    this.#arm();
  }

  /** A safeguard hold was added or lifted. */
  safeguardsChanged(): void {
    this.#refreshCovered([...this.#policies.feature.all()]);
    this.#arm();
  }

  stop(): void {
    this.#timer?.cancel();
    this.#grace.stop();
    this.#replication.stop();
  }

  #judge(device: DeviceRow, now: number): Judgement {
    const { catalogue, holds } = this.deps;
    const groups = this.#membership.groupsOf(device.id);
    return judge({ policies: this.#policies, catalogue, holds }, device, groups, now);
  }

  /** The day of grace of a group is over. */
  #leave(sourceId: string, groupId: string): void {
    const { quality } = this.#policies;
    const source = quality.get(sourceId);
    if (source === undefined) return;
    this.#change(quality, { ...source, include: source.include.filter((id) => id !== groupId) });
  }

  #replicate(change: MembershipChange): void {
    this.#membership.apply(change);
    this.#replicated++;
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

  #refreshCovered(items: readonly Assigned[], about: "all" | "changed" = "all"): void {
    const { directory } = this.deps;
    const everyone = items.some((item) => item.everyone) ? directory.devices.all().map(({ id }) => id) : [];
    const groups = new Set(items.flatMap(({ include, exclude }) => [...include, ...exclude]));
    const below = (id: string) => [id, ...directory.transitiveMembers(id)];
    const members = [...groups].flatMap((group) => [...below(group), ...[...this.#audiences.of(group)].flatMap(below)]);
    this.#refresh([...everyone, ...members], about);
  }

  /**
   * Notes for each device since when it is offered what it is offered, then tells the listeners: about every device, or
   * only about those whose offers have changed.
   */
  #refresh(objectIds: readonly string[], about: "all" | "changed" = "all"): void {
    if (!this.#started) return;
    const seen = new Set<string>();
    const told = new Set<string>();
    this.deps.store.atomically(() => {
      for (const id of objectIds) {
        const device = this.deps.directory.devices.get(id);
        if (device === undefined || seen.has(id)) continue;
        seen.add(id);
        if (this.#note(device) || about === "all") told.add(device.deviceId);
      }
    });
    if (told.size > 0) for (const listener of this.#listeners) listener(told);
  }

  #note(device: DeviceRow): boolean {
    const now = this.deps.clock.now();
    const { quality, feature, drivers } = this.#judge(device, now);
    const { quality: updates, feature: versions, driver } = this.#times;
    const changes = [
      updates.note(device.id, quality === undefined ? [] : [quality.entry.id], now),
      versions.note(device.id, feature === undefined ? [] : [feature.version.name], now),
      driver.note(
        device.id,
        drivers.map((entry) => entry.id),
        now,
      ),
    ];
    return changes.includes(true);
  }

  /** Wakes at the next instant at which a view changes by time alone. */
  #arm(): void {
    if (!this.#started) return;
    const { clock } = this.deps;
    const changes = this.#changesAfter(clock.now());
    this.#timer?.cancel();
    this.#timer = undefined;
    if (changes.length === 0) return;
    const first = Math.min(...changes.map(({ at }) => at));
    const due = changes.filter(({ at }) => at === first);
    this.#timer = clock.at(first, () => {
      this.#refreshCovered(due.filter(({ about }) => about === "all").map(({ item }) => item));
      this.#refreshCovered(
        due.filter(({ about }) => about === "changed").map(({ item }) => item),
        "changed",
      );
      this.#arm();
    });
  }

  #changesAfter(now: number): TimedChange[] {
    const { catalogue, holds } = this.deps;
    const { quality, rings, feature, drivers } = this.#policies;
    const on = (item: Assigned, at: number | undefined, about: TimedChange["about"] = "all"): TimedChange[] =>
      at === undefined || at <= now ? [] : [{ item, at, about }];
    const lifted = holds.nextChange(now);
    return [
      ...[...quality.all()].flatMap((source) => on(source, nextOffer(source, catalogue, now))),
      ...[...rings.all()].flatMap((ring) => [...on(ring, ring.pausedUntil), ...on(ring, ring.featurePausedUntil)]),
      ...[...feature.all()].flatMap((source) => [
        ...on(source, nextChange(source.rollout, now), "changed"),
        ...on(source, lifted),
      ]),
      ...[...drivers.all()].flatMap((source) => on(source, source.nextChange(now), "changed")),
    ];
  }
}

/** Something assigned that changes at an instant (ms): for all devices that it covers, or for some of them. */
interface TimedChange {
  readonly item: Assigned;
  readonly at: number;
  readonly about: "all" | "changed";
}
