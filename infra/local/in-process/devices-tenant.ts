import type { DeploymentRing } from "../../../shared/groups/ring.js";
import type { QualityUpdate } from "../../../shared/updates/quality-update.js";
import type { DeviceRecord, DeviceUpdateView, InventoryPatch, UpdateRingView } from "../tenant/types.js";

/** The scan policy that the service brings to every tenant (autopatch.md §5.4). */
const DETECTION_HOURS = 4;

/** What a ring's release policy does. */
interface Offer {
  readonly since: number;
  readonly revision: { readonly kb: string; readonly build: string };
}

/**
 * What devices are told by Windows Update and Intune, as far as one release of one group goes. It stands for the tenant:
 * offers, approvals and holds take effect at once, and devices hear of them as they do of changes in the tenant.
 */
export class DevicesTenant {
  readonly #records = new Map<string, DeviceRecord>();
  readonly #rings = new Map<string, UpdateRingView>();
  readonly #ringOf = new Map<string, string>();
  readonly #offers = new Map<string, Offer>();
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
    const offer = this.#suspended.has(ring) ? undefined : this.#offers.get(deviceId);
    return {
      ...(offer === undefined ? {} : { offer: { catalogEntryId: "", since: offer.since, ...offer.revision } }),
      ...(settings === undefined ? {} : { ring: settings }),
      detectionFrequencyHours: DETECTION_HOURS,
    };
  }

  /** When devices last synchronised with Intune. */
  lastSyncs(): ReadonlyMap<string, { readonly lastSyncAt: string }> {
    return new Map([...this.#records].map(([id, { lastSyncDateTime }]) => [id, { lastSyncAt: lastSyncDateTime }]));
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
    });
    for (const deviceId of deviceIds) this.#ringOf.set(deviceId, ring.name);
  }

  /** Offers the update to devices for which it has a revision, at `now` (ms). */
  offer(deviceIds: readonly string[], update: QualityUpdate, now: number): void {
    for (const deviceId of deviceIds) {
      const { version } = this.record(deviceId);
      const revision = update.revisions.find((one) => one.version === version);
      if (revision !== undefined && !this.#offers.has(deviceId)) this.#offers.set(deviceId, { since: now, revision });
    }
    this.#listener(new Set(deviceIds));
  }

  /** Takes devices out of the release. */
  withdraw(deviceIds: readonly string[]): void {
    for (const deviceId of deviceIds) this.#offers.delete(deviceId);
    this.#listener(new Set(deviceIds));
  }

  /** Suspends or approves the release in a ring. */
  approve(ring: string, approved: boolean): void {
    if (approved) this.#suspended.delete(ring);
    else this.#suspended.add(ring);
    this.#listener(new Set([...this.#ringOf].flatMap(([deviceId, of]) => (of === ring ? [deviceId] : []))));
  }
}
