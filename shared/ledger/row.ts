import { holdsBack, setsAside } from "../cohorts/cohort.js";
import { SignalKind } from "../signals/signal.js";
import { type LogEntry, unpackLog } from "./log.js";
import { isFailure, isResolved, isStarted, type LedgerState, STATE_OF_KIND } from "./state.js";

/** What decides how a device is counted; kept in memory for every device of a cached shard, hence small. */
export interface LedgerRow {
  readonly ring: string;
  /** NO_WAVE until offered. */
  readonly wave: number;
  /** ISO 8601, "" until offered. */
  readonly offeredAt: string;
  /** Why the service holds the device back, or that it is exempted from a hold (cohort.ts); empty when neither. */
  readonly holds: readonly string[];
  /** Packed signal log (log.ts). */
  readonly log: string;
}

/** How one device adds to the counters of its ring and wave. */
export interface Contribution {
  readonly ring: string;
  readonly wave: number;
  readonly state: LedgerState;
  /** Its cohort is held: it counts for its ring, not for the gate (gate.md §5). */
  readonly setAside?: boolean;
  /** The installation has begun at least once. */
  readonly started: boolean;
  /** An attempt has failed or was rolled back, whatever came after it. */
  readonly failedOnce: boolean;
  /** Day between offer and final report, 0–14 (14 = later too); only for devices offered and resolved. */
  readonly reportAgeBin?: number;
  /** Days between the end of the installation and its final report, 0–14 (14 = later too); see `Outcome.returnedAfter`. */
  readonly returnAgeBin?: number;
  /** Hours since the epoch at which the installation began from which the device has not come back. */
  readonly silentSince?: number;
  /** Of a device that has said since that it waits for its restart: the hour at which it began to wait. */
  readonly pendingSince?: number;
}

/** What a device's log says, newest attempt first in importance. */
export interface Outcome {
  readonly latest?: LogEntry;
  /** The latest final report; a device that tries again keeps it until it has another. */
  readonly final?: LogEntry;
  /** Beginning of the latest attempt's installation, domain time, ms. */
  readonly startedAt?: number;
  /** First receipt of the final report, domain time, ms. */
  readonly reportedAt?: number;
  /**
   * How long the final report let wait, ms: from the end of the attempt where the device had said that it waits for its
   * restart, for how long people let it wait says nothing; else from the beginning. Absent where no beginning was told.
   */
  readonly returnedAfter?: number;
  /** Any attempt has begun to install. */
  readonly started: boolean;
  /** Any attempt has failed or was rolled back. */
  readonly failedOnce: boolean;
}

/** The wave of devices that the service has not offered the update. */
export const NO_WAVE = -1;

export const REPORT_AGE_BINS = 15;
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** Reads a log, oldest entry first. */
export function outcome(log: readonly LogEntry[]): Outcome {
  const latest = log.at(-1);
  if (latest === undefined) return { started: false, failedOnce: false };
  const begin = beginning(log, latest.attempt);
  const at = log.findLastIndex(({ kind }) => isResolved(STATE_OF_KIND[kind]));
  const final = log[at];
  const reportedAt = final === undefined ? undefined : firstReceipt(log, at, final);
  const returnedAfter = final && reportedAt && returnOf(log, final, reportedAt);
  return {
    latest,
    ...(final === undefined ? {} : { final }),
    started: log.some((entry) => isStarted(entry.kind)),
    failedOnce: log.some((entry) => isFailure(STATE_OF_KIND[entry.kind])),
    ...(begin === undefined ? {} : { startedAt: begin.at }),
    ...(reportedAt === undefined ? {} : { reportedAt }),
    ...(returnedAfter === undefined ? {} : { returnedAfter }),
  };
}

/** The first sign that an attempt's installation began. */
function beginning(log: readonly LogEntry[], attempt: number): LogEntry | undefined {
  return log.find((entry) => entry.attempt === attempt && isStarted(entry.kind));
}

function returnOf(log: readonly LogEntry[], final: LogEntry, reportedAt: number): number | undefined {
  const began = beginning(log, final.attempt);
  if (began === undefined) return undefined;
  const waited = log.some((entry) => entry.attempt === final.attempt && entry.kind === SignalKind.restartPending);
  return Math.max(0, reportedAt - (waited ? final.at : began.at));
}

/** A device may repeat its final report; the first one of the run counts. */
function firstReceipt(log: readonly LogEntry[], at: number, final: LogEntry): number {
  let first = final.receivedAt;
  for (let i = at; i >= 0; i--) {
    const entry = log[i];
    if (entry === undefined || entry.kind !== final.kind || entry.attempt !== final.attempt) break;
    first = Math.min(first, entry.receivedAt);
  }
  return first;
}

/**
 * The one state a device is counted in. An outcome outlives a hold and the beginning of another attempt, because it is
 * evidence; a hold takes the device out of the offered ones; a device that reports progress though it was not offered
 * stays not offered.
 */
export function stateOf(row: LedgerRow, { final, latest }: Pick<Outcome, "final" | "latest">): LedgerState {
  if (final !== undefined) return STATE_OF_KIND[final.kind];
  if (row.holds.some(holdsBack) || (latest !== undefined && STATE_OF_KIND[latest.kind] === "held")) return "held";
  return row.wave === NO_WAVE ? "notOffered" : "open";
}

/** Pure: counters are the sum of the contributions of the rows (design.md §3.1). */
export function contribution(row: LedgerRow): Contribution {
  const reported = outcome(unpackLog(row.log));
  const { latest, started, failedOnce, startedAt, reportedAt, returnedAfter } = reported;
  const silent = latest !== undefined && isStarted(latest.kind) && startedAt !== undefined;
  return {
    ring: row.ring,
    wave: row.wave,
    state: stateOf(row, reported),
    ...(row.holds.some(setsAside) ? { setAside: true } : {}),
    started,
    failedOnce,
    ...(reportedAt !== undefined && row.wave !== NO_WAVE
      ? { reportAgeBin: ageBin(reportedAt - Date.parse(row.offeredAt)) }
      : {}),
    ...(returnedAfter === undefined ? {} : { returnAgeBin: ageBin(returnedAfter) }),
    ...(silent ? silence(latest, startedAt) : {}),
  };
}

function silence({ kind, at }: LogEntry, startedAt: number): Pick<Contribution, "silentSince" | "pendingSince"> {
  if (kind === SignalKind.restartPending) return { pendingSince: Math.floor(at / HOUR_MS) };
  return { silentSince: Math.floor(startedAt / HOUR_MS) };
}

function ageBin(ageMs: number): number {
  return Math.min(REPORT_AGE_BINS - 1, Math.max(0, Math.floor(ageMs / DAY_MS)));
}
