import { type LogEntry, unpackLog } from "./log.js";
import { isResolved, isStarted, type LedgerState, STATE_OF_KIND } from "./state.js";

/** What decides how a device is counted; kept in memory for every device of a cached shard, hence small. */
export interface LedgerRow {
  readonly ring: string;
  /** NO_WAVE until offered. */
  readonly wave: number;
  /** ISO 8601, "" until offered. */
  readonly offeredAt: string;
  /** Why the service holds the device back; empty when it does not. */
  readonly holds: readonly string[];
  /** Packed signal log (log.ts). */
  readonly log: string;
}

/** How one device adds to the counters of its ring and wave. */
export interface Contribution {
  readonly ring: string;
  readonly wave: number;
  readonly state: LedgerState;
  /** The installation has begun at least once. */
  readonly started: boolean;
  /** Day between offer and final report, 0–14 (14 = later too); only for devices offered and resolved. */
  readonly reportAgeBin?: number;
  /** Hours since the epoch at which the installation began from which the device has not come back. */
  readonly silentSince?: number;
}

/** What a device's log says, newest attempt first in importance. */
export interface Outcome {
  readonly latest?: LogEntry;
  /** Beginning of the latest attempt's installation, domain time, ms. */
  readonly startedAt?: number;
  /** First receipt of the final report, domain time, ms. */
  readonly reportedAt?: number;
  /** Any attempt has begun to install. */
  readonly started: boolean;
}

/** The wave of devices that the service has not offered the update. */
export const NO_WAVE = -1;

export const REPORT_AGE_BINS = 15;
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** Reads a log, oldest entry first. */
export function outcome(log: readonly LogEntry[]): Outcome {
  const latest = log.at(-1);
  if (latest === undefined) return { started: false };
  const begin = log.find((entry) => entry.attempt === latest.attempt && isStarted(entry.kind));
  const reportedAt = isResolved(STATE_OF_KIND[latest.kind]) ? firstReceipt(log, latest) : undefined;
  return {
    latest,
    started: log.some((entry) => isStarted(entry.kind)),
    ...(begin === undefined ? {} : { startedAt: begin.at }),
    ...(reportedAt === undefined ? {} : { reportedAt }),
  };
}

/** A device may repeat its final report; the first one of the run counts. */
function firstReceipt(log: readonly LogEntry[], latest: LogEntry): number {
  let first = latest.receivedAt;
  for (let i = log.length - 1; i >= 0; i--) {
    const entry = log[i];
    if (entry === undefined || entry.kind !== latest.kind || entry.attempt !== latest.attempt) break;
    first = Math.min(first, entry.receivedAt);
  }
  return first;
}

/**
 * The one state a device is counted in. An outcome outlives a hold, because it is evidence; a hold takes the device
 * out of the offered ones; a device that reports progress though it was not offered stays not offered.
 */
export function stateOf(row: LedgerRow, latest: LogEntry | undefined): LedgerState {
  const reported = latest && STATE_OF_KIND[latest.kind];
  if (reported !== undefined && isResolved(reported)) return reported;
  if (row.holds.length > 0 || reported === "held") return "held";
  return row.wave === NO_WAVE ? "notOffered" : "open";
}

/** Pure: counters are the sum of the contributions of the rows (design.md §3.1). */
export function contribution(row: LedgerRow): Contribution {
  const { latest, started, startedAt, reportedAt } = outcome(unpackLog(row.log));
  const silent = latest !== undefined && isStarted(latest.kind) && startedAt !== undefined;
  return {
    ring: row.ring,
    wave: row.wave,
    state: stateOf(row, latest),
    started,
    ...(reportedAt !== undefined && row.wave !== NO_WAVE
      ? { reportAgeBin: ageBin(reportedAt - Date.parse(row.offeredAt)) }
      : {}),
    ...(silent ? { silentSince: Math.floor(startedAt / HOUR_MS) } : {}),
  };
}

function ageBin(ageMs: number): number {
  return Math.min(REPORT_AGE_BINS - 1, Math.max(0, Math.floor(ageMs / DAY_MS)));
}
