import { compareVersions } from "../../../shared/drivers/version.js";
import type { DeploymentRing } from "../../../shared/groups/ring.js";
import type { UpdateRevision } from "../../../shared/updates/quality-update.js";
import { isQuality, publishedAt, type Update, Workload, workloadOf } from "../../../shared/updates/update.js";
import { workloadFor } from "../../../shared/workloads/index.js";
import type {
  DeviceRecord,
  DeviceUpdateView,
  DriverOffer,
  FeatureOffer,
  InventoryPatch,
  UpdateRingView,
} from "../tenant/types.js";
import { canRunWindows11 } from "../tenant/windows-update/hardware.js";
import { buildNumber, windowsVersionOf } from "../tenant/windows-update/windows-versions.js";

/** The scan policy that the service brings to every tenant (autopatch.md §5.4). */
const DETECTION_HOURS = 4;

/** An update that a device may install. */
interface Offer {
  readonly update: Update;
  /** ms */
  readonly since: number;
}

/**
 * What devices are told by Windows Update and Intune about the releases of one group. It stands for the tenant: offers,
 * approvals and holds take effect at once, and devices hear of them as they do of changes in the tenant.
 */
export class DevicesTenant {
  readonly #records = new Map<string, DeviceRecord>();
  readonly #rings = new Map<string, UpdateRingView>();
  readonly #ringOf = new Map<string, string>();
  /** By device and update. */
  readonly #offers = new Map<string, Map<string, Offer>>();
  /** Updates that are suspended in a ring. */
  readonly #suspended = new Set<string>();
  #listener: (deviceIds: ReadonlySet<string>) => void = () => undefined;

  addDevices(records: readonly DeviceRecord[]): void {
    for (const record of records) this.#records.set(record.deviceId, record);
  }

  reportInventory(deviceId: string, patch: InventoryPatch): void {
    const record = this.#records.get(deviceId);
    if (record !== undefined) this.#records.set(deviceId, { ...record, ...patch });
  }

  onChange(listener: (deviceIds: ReadonlySet<string>) => void): void {
    this.#listener = listener;
  }

  view(deviceId: string): DeviceUpdateView {
    const ring = this.#ringOf.get(deviceId) ?? "";
    const settings = this.#rings.get(ring);
    const record = this.record(deviceId);
    const live = [...(this.#offers.get(deviceId)?.values() ?? [])].filter(
      ({ update }) => !this.#suspended.has(`${update.catalogEntryId} ${ring}`),
    );
    const offer = qualityOffer(live, record);
    const feature = featureOffer(live, record);
    const drivers = driverOffers(live);
    return {
      ...(offer === undefined ? {} : { offer }),
      ...(feature === undefined ? {} : { feature }),
      ...(drivers.length === 0 ? {} : { drivers }),
      ...(settings === undefined ? {} : { ring: settings }),
      detectionFrequencyHours: DETECTION_HOURS,
    };
  }

  /** When devices last synchronised with Intune. */
  lastSyncs(): ReadonlyMap<string, { readonly lastSyncAt: string }> {
    return new Map([...this.#records].map(([id, { lastSyncDateTime }]) => [id, { lastSyncAt: lastSyncDateTime }]));
  }

  /** All devices as Intune has them now. */
  records(): readonly DeviceRecord[] {
    return [...this.#records.values()];
  }

  /** The device's record as Intune has it. */
  record(deviceId: string): DeviceRecord {
    const record = this.#records.get(deviceId);
    if (record === undefined) throw new Error(`There is no device ${deviceId}.`);
    return record;
  }

  /** Puts devices into a ring with its update policy. */
  assign(ring: DeploymentRing, deviceIds: readonly string[]): void {
    this.#rings.set(ring.name, {
      id: ring.name,
      qualityDeferralDays: ring.qualityDeferralDays,
      deadlineDays: ring.qualityDeadlineDays,
      graceDays: ring.gracePeriodDays,
      qualityPaused: false,
      rollBackQuality: false,
      automaticUpdateMode: "windowsDefault",
      featureDeadlineDays: ring.featureDeadlineDays,
      featurePaused: false,
      rollBackFeature: false,
      featureUninstallDays: 30,
    });
    for (const deviceId of deviceIds) this.#ringOf.set(deviceId, ring.name);
  }

  /** Offers the update to devices at `now` (ms); what it replaces is offered no longer. Apps follow their channel instead. */
  offer(deviceIds: readonly string[], update: Update, now: number): void {
    if (workloadFor(update).reports === "inventory") return;
    for (const deviceId of deviceIds) {
      const offers = this.#offers.get(deviceId) ?? new Map<string, Offer>();
      this.#offers.set(deviceId, offers);
      if (offers.has(update.catalogEntryId)) continue;
      for (const [id, other] of offers) if (replaces(update, other.update)) offers.delete(id);
      offers.set(update.catalogEntryId, { update, since: now });
    }
    this.#listener(new Set(deviceIds));
  }

  /** Takes devices out of an update's release. */
  withdraw(deviceIds: readonly string[], update: Update): void {
    for (const deviceId of deviceIds) this.#offers.get(deviceId)?.delete(update.catalogEntryId);
    this.#listener(new Set(deviceIds));
  }

  /** Suspends or approves an update in a ring. */
  approve(ring: string, update: Update, approved: boolean): void {
    const key = `${update.catalogEntryId} ${ring}`;
    if (approved) this.#suspended.delete(key);
    else this.#suspended.add(key);
    this.#listener(new Set([...this.#ringOf].flatMap(([deviceId, of]) => (of === ring ? [deviceId] : []))));
  }
}

function replaces(newer: Update, older: Update): boolean {
  if (workloadOf(newer) !== workloadOf(older)) return false;
  const sameDriver = newer.revisions[0]?.product === older.revisions[0]?.product;
  return (workloadOf(newer) !== Workload.driver || sameDriver) && publishedAt(newer) > publishedAt(older);
}

/** The revision, with a restart, for the version that the device has now. */
function qualityOffer(offers: readonly Offer[], { product, version }: DeviceRecord): DeviceUpdateView["offer"] {
  const fits = (one: UpdateRevision) => one.version === version && one.product === product && !one.isHotpatch;
  for (const { update, since } of offers) {
    const revision = isQuality(update) ? update.revisions.find(fits) : undefined;
    if (revision !== undefined) return { catalogEntryId: "", since, kb: revision.kb, build: revision.build };
  }
  return undefined;
}

/** A newer version of Windows, where the hardware allows it. */
function featureOffer(offers: readonly Offer[], record: DeviceRecord): FeatureOffer | undefined {
  const found = offers.find(({ update }) => workloadOf(update) === Workload.feature);
  const revision = found?.update.revisions[0];
  const target = windowsVersionOf(revision?.build ?? "");
  if (found === undefined || target === undefined) return undefined;
  if (buildNumber(target.firstBuild) <= buildNumber(record.osVersion)) return undefined;
  if (target.product === "Windows 11" && !canRunWindows11(record)) return undefined;
  return {
    version: target.name,
    product: target.product,
    versionName: target.version,
    build: target.firstBuild,
    since: found.since,
  };
}

/** The newest offered version of every component. */
function driverOffers(offers: readonly Offer[]): DriverOffer[] {
  const newest = new Map<string, DriverOffer>();
  for (const { update, since } of offers) {
    const [revision] = update.revisions;
    if (workloadOf(update) !== Workload.driver || revision === undefined) continue;
    const { product: name, build: version, kb: id } = revision;
    const known = newest.get(name);
    if (known === undefined || compareVersions(version, known.version) > 0)
      newest.set(name, { id, name, version, since });
  }
  return [...newest.values()];
}
