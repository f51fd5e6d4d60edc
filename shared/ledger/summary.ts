import { safeKey, scan, type Values } from "../store/table.js";
import type { LedgerContext } from "./context.js";
import { Counters, type WaveCounts } from "./counters.js";
import { addRejections, noRejections, REJECTED_PREFIX, type RejectCounts } from "./rejections.js";
import { RELEASE_ROW } from "./releases.js";
import { REPORT_AGE_BINS } from "./row.js";
import { SNAPSHOT_PREFIX } from "./snapshots.js";
import { LEDGER_STATES } from "./state.js";
import { WAVE_PREFIX } from "./waves.js";

/** `size = held + notOffered + offered`; `offered = open + upToDate + failed + rolledBack`. */
export interface RingSummary {
  size: number;
  held: number;
  notOffered: number;
  offered: number;
  open: number;
  upToDate: number;
  failed: number;
  rolledBack: number;
}

/** Devices that began to install in an hour, or to wait for their restart, and have not come back (gate.md §4). */
export interface SilentDevices {
  /** ISO 8601, the full hour. */
  readonly since: string;
  readonly devices: number;
}

/** What the gate counts of a wave: all its devices but those of held cohorts. */
export interface WaveSummary {
  readonly ring: string;
  readonly wave: number;
  /** ISO 8601 */
  readonly offeredAt: string;
  readonly offered: number;
  /** All its devices have been marked. */
  readonly done: boolean;
  /** Final reports: upToDate + failed + rolledBack. */
  readonly resolved: number;
  readonly upToDate: number;
  readonly failed: number;
  readonly rolledBack: number;
  /** Devices of which an attempt has failed or was rolled back, whatever came after it. */
  readonly failedOnce: number;
  /** Final reports by whole days since the offer; the 15th also counts later ones. */
  readonly reportAgeBins: readonly number[];
  /** Final reports by whole days since the installation ended (row.ts); the 15th also counts later ones. */
  readonly returnAgeBins: readonly number[];
  /** Devices that have begun to install. */
  readonly started: number;
  readonly startedSilent: readonly SilentDevices[];
  /** Devices that wait for their restart, by the hour in which they began to. */
  readonly restartPending: readonly SilentDevices[];
}

/** All that a gate needs to know of a release, from one query. */
export interface ReleaseSummary {
  readonly releaseId: string;
  readonly rings: Readonly<Record<string, RingSummary>>;
  /** By ring and wave; the order of their offers is that of `offeredAt`. */
  readonly waves: readonly WaveSummary[];
  /** Of all waves together, without held cohorts. */
  readonly startedSilent: readonly SilentDevices[];
  /** Refused signals about this release, by reason. */
  readonly rejected: RejectCounts;
  /** ISO 8601; from then on device rows are kept for 90 days. */
  readonly endedAt?: string;
}

const HOUR_MS = 3_600_000;
const NO_AGES: readonly number[] = Array<number>(REPORT_AGE_BINS).fill(0);

/** One query of the summary partition, never the devices. */
export async function summary({ store }: LedgerContext, releaseId: string): Promise<ReleaseSummary> {
  const counters = new Counters();
  const offers: Values[] = [];
  const rejected = noRejections();
  let endedAt: string | undefined;
  for await (const { rowKey, values } of scan(store.summaries, safeKey(releaseId))) {
    if (rowKey.startsWith(SNAPSHOT_PREFIX)) counters.addAll(Counters.fromValues(values));
    else if (rowKey.startsWith(WAVE_PREFIX)) offers.push(values);
    else if (rowKey.startsWith(REJECTED_PREFIX)) addRejections(rejected, values);
    else if (rowKey === RELEASE_ROW && values.endedAt !== undefined) endedAt = String(values.endedAt);
  }
  const cells = counters.cells();
  const counted = cells.filter(({ setAside }) => !setAside);
  return {
    releaseId,
    rings: ringSummaries(cells),
    waves: offers.map((offer) => waveSummary(offer, counted)),
    startedSilent: byHour(counted.map(({ silent }) => silent)),
    rejected,
    ...(endedAt === undefined ? {} : { endedAt }),
  };
}

/** The counts of a ring without devices. */
export function noDevices(): RingSummary {
  return { size: 0, held: 0, notOffered: 0, offered: 0, open: 0, upToDate: 0, failed: 0, rolledBack: 0 };
}

/** Sums the waves of each ring. */
export function ringSummaries(cells: readonly WaveCounts[]): Record<string, RingSummary> {
  const rings: Record<string, RingSummary> = {};
  for (const { ring, states } of cells) {
    const total = rings[ring] ?? noDevices();
    for (const state of LEDGER_STATES) total[state] += states[state];
    total.offered = total.open + total.upToDate + total.failed + total.rolledBack;
    total.size = total.held + total.notOffered + total.offered;
    rings[ring] = total;
  }
  return rings;
}

function waveSummary(offer: Values, cells: readonly WaveCounts[]): WaveSummary {
  const cell = cells.find(({ ring, wave }) => ring === offer.ring && wave === offer.wave);
  const { open = 0, upToDate = 0, failed = 0, rolledBack = 0 } = cell?.states ?? {};
  const resolved = upToDate + failed + rolledBack;
  return {
    ring: String(offer.ring),
    wave: Number(offer.wave),
    offeredAt: String(offer.offeredAt),
    offered: open + resolved,
    done: offer.done === true,
    resolved,
    upToDate,
    failed,
    rolledBack,
    failedOnce: cell?.failedOnce ?? 0,
    reportAgeBins: cell?.reportAgeBins ?? NO_AGES,
    returnAgeBins: cell?.returnAgeBins ?? NO_AGES,
    started: cell?.started ?? 0,
    startedSilent: cell ? byHour([cell.silent]) : [],
    restartPending: cell ? byHour([cell.pending]) : [],
  };
}

function byHour(counts: readonly ReadonlyMap<number, number>[]): SilentDevices[] {
  const total = new Map<number, number>();
  for (const one of counts) {
    for (const [hour, count] of one) total.set(hour, (total.get(hour) ?? 0) + count);
  }
  return [...total]
    .sort(([a], [b]) => a - b)
    .map(([hour, devices]) => ({ since: new Date(hour * HOUR_MS).toISOString(), devices }));
}
