import { DAY_MS, HOUR_MS } from "../calendar/days.js";
import { logNormalCdf, REPORT } from "./arrivals.js";
import { ARRIVAL_DAYS, type EvidenceLevels, LEVELS } from "./method.js";

/** Shares of devices that an update may leave unable to come back; equally weighted (gate.md §4). */
export const BRICK_SHARES = [0.01, 0.02, 0.05, 0.1, 0.2] as const;
/** Shares among which `upperShare` answers: from 0.1 % to 100 %, each an eighth or so above the one before. */
const SHARES: readonly number[] = Array.from({ length: 64 }, (_, k) => 0.001 ** (1 - k / 63));
/** A healthy device may stay away this many times more often than it did before, without being evidence (gate.md §4). */
export const NO_RETURN_MARGIN = 1.5;
/** A pause needs at least so many devices that are overdue (gate.md §4). */
export const LEAST_SILENT = 3;
/** A device is overdue once more healthy devices than this share would have come back. */
const OVERDUE = 0.5;
/** S is never known better than this, however few devices stayed away before. */
const LEAST_NO_RETURN = 0.001;

/** S: share of healthy devices that have not come back at the ends of the days 1 to 15 after their installation began. */
export type NoReturnCurve = readonly number[];

/** Devices that began to install within the hour from `since` (ms) and have not come back. */
export interface SilentGroup {
  readonly since: number;
  readonly devices: number;
}

/** Check-ins of devices that were not offered the update: the concurrent control against holidays and outages. */
export interface CheckInControl {
  /** Their usual gap between two check-ins, hours. */
  readonly usualHours: number;
  /** Their gap now. */
  readonly currentHours: number;
}

export interface SilenceInput {
  /** ms */
  readonly now: number;
  /** Devices whose installation has begun. */
  readonly started: number;
  /** Those of them that have not come back, by the hour in which they began. */
  readonly silent: readonly SilentGroup[];
  readonly noReturn: NoReturnCurve;
  /** Null: everybody has been offered the update, or nothing is known of the others. */
  readonly control: CheckInControl | null;
  /** Default: hold from 5, pause from 100. */
  readonly levels?: EvidenceLevels;
}

/** The evidence of silence and what it says. Plain JSON; `computeSilence(silence.input)` gives it again to the bit. */
export interface Silence {
  readonly input: SilenceInput;
  /** By how much the no-return curve was stretched. */
  readonly stretch: number;
  /** Silent devices that should be back. */
  readonly overdue: number;
  readonly logE: number;
  /** E, at most the largest double. */
  readonly e: number;
  readonly decision: "continue" | "hold" | "pause";
}

/** S at an age in ms: 1 at the start, falling by a constant factor within each day, flat after the last. */
export function notBackBy(curve: NoReturnCurve, ageMs: number): number {
  const days = Math.min(Math.max(ageMs / DAY_MS, 0), ARRIVAL_DAYS);
  const whole = Math.floor(days);
  const before = Math.max(LEAST_NO_RETURN, whole === 0 ? 1 : (curve[whole - 1] ?? 0));
  const after = Math.max(LEAST_NO_RETURN, curve[whole] ?? before);
  return before * (after / before) ** (days - whole);
}

/**
 * The learned curve: of devices of finished deployments whose installation began, the share not back by age. `bins[i]`
 * counts those that came back on day i + 1 after they began, the last bin all later ones. Undefined where none began.
 */
export function learnNoReturn(started: number, bins: readonly number[]): NoReturnCurve | undefined {
  if (started <= 0) return undefined;
  let back = 0;
  return Array.from({ length: ARRIVAL_DAYS }, (_, day) => {
    back += bins[day] ?? 0;
    return Math.max(0, 1 - back / started);
  });
}

/** Share of healthy devices that never report (gate.md §1a). */
const NEVER_REPORT = 0.02;

/** The curve assumed while nothing is learned: the report delay of gate.md §2.1, and 2 % that never report. */
export const DEFAULT_NO_RETURN: NoReturnCurve = Array.from(
  { length: ARRIVAL_DAYS },
  (_, day) => 1 - (1 - NEVER_REPORT) * logNormalCdf(day + 1, REPORT.median, REPORT.sigma),
);

/** Longest age that matters, hours: S is flat after it. */
const HOURS = ARRIVAL_DAYS * 24;

interface Factors {
  readonly stretch: number;
  /** Ages in hours that the tables have. */
  readonly hours: number;
  /** ln((1 − b) + b/S) by brick share and whole hours of age. */
  readonly logs: readonly Float64Array[];
  /** The same for the shares of `upperShare`. */
  readonly shareLogs: readonly Float64Array[];
  /** Whole hours from which a silent device is overdue. */
  readonly overdueFrom: number;
}

const known = new WeakMap<NoReturnCurve, Factors>();

/** The factors of one silent device by its age; kept for the curve, since a month asks for them thousands of times. */
function factorsOf(curve: NoReturnCurve, stretch: number): Factors {
  const kept = known.get(curve);
  if (kept?.stretch === stretch) return kept;
  const hours = Math.ceil(HOURS * stretch) + 1;
  const healthy = Array.from({ length: hours }, (_, age) => notBackBy(curve, (age * HOUR_MS) / stretch));
  const margin = healthy.map((s) => Math.min(1, NO_RETURN_MARGIN * s));
  const table = (b: number) => Float64Array.from(margin, (s) => Math.log(1 - b + b / s));
  const logs = BRICK_SHARES.map(table);
  const shareLogs = SHARES.map(table);
  const overdueFrom = healthy.findIndex((s) => s < OVERDUE);
  const factors = { stretch, hours, logs, shareLogs, overdueFrom: overdueFrom < 0 ? hours : overdueFrom };
  known.set(curve, factors);
  return factors;
}

/** Steps of the stretch, so that a control that wavers does not make a new table at every look. */
const STRETCH_STEPS = 8;

/**
 * How many times longer than usual devices are away now, in eighths rounded up. Never less than 1, so that a brisk day is
 * no evidence.
 */
export function stretchOf(control: CheckInControl | null): number {
  if (control === null || !(control.usualHours > 0)) return 1;
  return Math.max(1, Math.ceil((STRETCH_STEPS * control.currentHours) / control.usualHours) / STRETCH_STEPS);
}

/**
 * Evidence that devices which began to install do not come back (gate.md §4). A device that came back contributes the
 * factor 1 − b, one that has not (1 − b) + b/S(age): a nonnegative supermartingale in age while healthy devices come
 * back no worse than S, so that it may be looked at at any time. Ages count from the end of the hour of the start.
 * Evidence ≥ 5 holds and asks a person; ≥ 100 with at least three overdue devices pauses.
 */
export function computeSilence(input: SilenceInput): Silence {
  const stretch = stretchOf(input.control);
  const factors = factorsOf(input.noReturn, stretch);
  const ages = agesOf(input, factors);
  const logE = logMean(BRICK_SHARES.map((share, k) => logFactor(share, factors.logs[k] ?? NOTHING, ages)));
  const overdue = ages.silent.slice(factors.overdueFrom).reduce((sum, devices) => sum + devices, 0);
  return {
    input,
    stretch,
    overdue,
    logE,
    e: Math.min(Math.exp(logE), Number.MAX_VALUE),
    decision: decide(logE, overdue, input.levels ?? LEVELS),
  };
}

/**
 * The highest share of devices that the update may leave unable to come back, as far as the evidence goes: the product
 * of factors for a share b is the likelihood ratio of b against a healthy update, so a share is ruled out, at every look
 * at once, when its product falls below `risk` (Ville). For the blast-radius controller: devices that break cannot
 * report, and without this the controller would take their silence for lateness.
 */
export function upperShare(input: SilenceInput, risk: number): number {
  const factors = factorsOf(input.noReturn, stretchOf(input.control));
  const ages = agesOf(input, factors);
  const possible = (k: number) => logFactor(SHARES[k] ?? 1, factors.shareLogs[k] ?? NOTHING, ages) > Math.log(risk);
  // ln of the product is concave in the share and 0 at a share of 0: possible shares lie below the impossible ones.
  let low = -1;
  let high = SHARES.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (possible(middle)) low = middle;
    else high = middle;
  }
  return SHARES[high] ?? 1;
}

const NOTHING = new Float64Array();

interface Ages {
  /** Devices that came back. */
  readonly back: number;
  /** Devices that have not, by whole hours since the end of the hour in which they began; older ones in the last. */
  readonly silent: Float64Array;
}

function agesOf({ now, started, silent: groups }: SilenceInput, { hours }: Factors): Ages {
  const silent = new Float64Array(hours);
  let back = started;
  for (const { since, devices } of groups) {
    const age = Math.min(hours - 1, Math.max(0, Math.floor((now - since) / HOUR_MS) - 1));
    silent[age] = (silent[age] ?? 0) + devices;
    back -= devices;
  }
  return { back: Math.max(0, back), silent };
}

/** ln of the product of all devices' factors for one share; `table` has the factors of silent ones by age. */
function logFactor(share: number, table: Float64Array, { back, silent }: Ages): number {
  let sum = back === 0 ? 0 : back * Math.log1p(-share);
  for (let age = 0; age < silent.length; age++) sum += (silent[age] ?? 0) * (table[age] ?? 0);
  return sum;
}

/** ln of the mean of numbers given by their logarithms. */
function logMean(logs: readonly number[]): number {
  const largest = Math.max(...logs);
  return largest + Math.log(logs.reduce((sum, log) => sum + Math.exp(log - largest), 0) / logs.length);
}

function decide(logE: number, overdue: number, { hold, pause }: EvidenceLevels): Silence["decision"] {
  if (logE >= Math.log(pause) && overdue >= LEAST_SILENT) return "pause";
  return logE >= Math.log(hold) ? "hold" : "continue";
}
