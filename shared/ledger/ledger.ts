import type { RawSignal } from "../signals/intake.js";
import { safeKey, type Table } from "../store/table.js";
import type { LedgerContext } from "./context.js";
import { type DeviceProgress, type DeviceRow, readDevice, readDevices, readProgress } from "./device-row.js";
import { type Enrolment, type EnrolOptions, enrolDevices } from "./enrol.js";
import { type FoldResult, foldSignals } from "./fold.js";
import { holdDevices, releaseDevices } from "./holds.js";
import { noteOutcomes, type Proved } from "./outcomes.js";
import { type Recount, recount } from "./recount.js";
import { type RejectCounts, totalRejections } from "./rejections.js";
import { LedgerStore, RELEASE_ROW } from "./releases.js";
import { dropExpiredDevices } from "./retention.js";
import { Snapshots } from "./snapshots.js";
import { type ReleaseSummary, summary } from "./summary.js";
import { type Revision, UpdateIndex } from "./updates.js";
import { offerWave, type WaveOffer, type WaveOrder } from "./waves.js";

/**
 * The exactly-once ledger of device outcomes (design.md §3.1). Every method may be repeated, and may be called by
 * several instances at once; all throw AppErrors, retryable ones when storage stays away.
 */
export class Ledger {
  readonly #context: LedgerContext;

  constructor(devices: Table, summaries: Table) {
    const store = new LedgerStore(devices, summaries);
    this.#context = { store, updates: new UpdateIndex(summaries), snapshots: new Snapshots(summaries) };
  }

  /** Enrols devices as not offered. The first call fixes the number of shards by its number of devices. */
  enrolDevices(releaseId: string, devices: readonly Enrolment[], options?: EnrolOptions): Promise<void> {
    return enrolDevices(this.#context, releaseId, devices, options);
  }

  /** Lets signals find the release by kb and build. @param update `startedAt` is ISO 8601: older signals are refused */
  registerUpdate(releaseId: string, update: { revisions: readonly Revision[]; startedAt: string }): Promise<void> {
    return this.#context.updates.register(releaseId, update.revisions, update.startedAt);
  }

  /** Marks the next devices of a ring as offered; the same (ring, wave) again gives the same devices. */
  offerWave(
    releaseId: string,
    ring: string,
    wave: number,
    choose: { readonly count: number } | "rest",
    at: string,
    order?: WaveOrder,
  ): Promise<WaveOffer> {
    return offerWave(this.#context, releaseId, ring, wave, choose, at, order);
  }

  /** Adds a reason to hold to each device. @returns how many changed */
  holdDevices(releaseId: string, deviceIds: readonly string[], reason: string): Promise<number> {
    return holdDevices(this.#context, releaseId, deviceIds, reason);
  }

  /** Takes a reason to hold from each device. @returns how many changed */
  releaseDevices(releaseId: string, deviceIds: readonly string[], reason: string): Promise<number> {
    return releaseDevices(this.#context, releaseId, deviceIds, reason);
  }

  /** Joins a batch of signals into the ledger. @param now domain time, ms */
  foldSignals(batch: readonly RawSignal[], now: number): Promise<FoldResult> {
    return foldSignals(this.#context, batch, now);
  }

  /** Notes what the daily inventory proves of devices at `at` (ms). @returns how many changed */
  noteOutcomes(releaseId: string, deviceIds: readonly string[], kind: Proved, at: number): Promise<number> {
    return noteOutcomes(this.#context, releaseId, deviceIds, kind, at);
  }

  /** Counts of a release from one query. */
  summary(releaseId: string): Promise<ReleaseSummary> {
    return summary(this.#context, releaseId);
  }

  /** Whether any device was ever enrolled for a release. */
  async knows(releaseId: string): Promise<boolean> {
    return (await this.#context.store.find(releaseId)) !== undefined;
  }

  /** One device of a release. */
  async device(releaseId: string, deviceId: string): Promise<DeviceRow | undefined> {
    const release = await this.#context.store.find(releaseId);
    if (release === undefined) return undefined;
    return readDevice(this.#context.store.devices, release, deviceId.toLowerCase());
  }

  /** All devices of a release in a fixed order, or those behind the device `after`. */
  rows(releaseId: string, after?: string): AsyncGenerator<DeviceRow> {
    return this.#rows(releaseId, after === undefined ? {} : { after });
  }

  /** All of them at once, for those who look at every device. */
  async devices(releaseId: string): Promise<DeviceRow[]> {
    const devices: DeviceRow[] = [];
    for await (const row of this.rows(releaseId)) devices.push(row);
    return devices;
  }

  /** How far all of them are, for those who need to know nothing else: in half the reads. */
  async progress(releaseId: string): Promise<DeviceProgress[]> {
    return readProgress(this.#context.store.devices, await this.#context.store.release(releaseId));
  }

  /** Devices that failed or rolled back. */
  async *failures(releaseId: string): AsyncGenerator<DeviceRow> {
    for await (const row of this.#rows(releaseId, { where: "failures gt 0" })) {
      if (row.state === "failed" || row.state === "rolledBack") yield row;
    }
  }

  /** Checks that counters and summary say what the rows say. */
  recount(releaseId: string): Promise<Recount> {
    return recount(this.#context, releaseId);
  }

  /** Marks the beginning of the 90 days for which device rows are kept; late signals still count. First call wins. Nothing to mark where no device was enrolled. */
  async endRelease(releaseId: string, at: string): Promise<void> {
    const { summaries } = this.#context.store;
    const row = await summaries.get(safeKey(releaseId), RELEASE_ROW);
    if (row === undefined || row.values.endedAt !== undefined) return;
    await summaries.commit(safeKey(releaseId), [{ kind: "merge", rowKey: RELEASE_ROW, values: { endedAt: at } }]);
  }

  /** Deletes the device rows of a release that ended 90 days ago or earlier. @param now domain time, ms */
  dropExpiredDevices(releaseId: string, now: number): Promise<boolean> {
    return dropExpiredDevices(this.#context, releaseId, now);
  }

  /** Refused signals by reason, all releases and none together. */
  rejections(): Promise<RejectCounts> {
    return totalRejections(this.#context.store.summaries);
  }

  async *#rows(releaseId: string, part: { where?: string; after?: string }): AsyncGenerator<DeviceRow> {
    const release = await this.#context.store.release(releaseId);
    yield* readDevices(this.#context.store.devices, release, part);
  }
}
