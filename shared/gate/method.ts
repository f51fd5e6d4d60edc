/**
 * Constants of the e-gate (gate.md §2). Evidence is stored with `METHOD_VERSION`: change any of these, or the arithmetic
 * in evidence.ts, and the version must change with it.
 */
export const METHOD_VERSION = "e-gate/2";

/** Rate ratios against the tolerated rate and their prior weights. */
export const MIXTURE: readonly { readonly ratio: number; readonly weight: number }[] = [
  { ratio: 1.5, weight: 0.1 },
  { ratio: 2, weight: 0.15 },
  { ratio: 3, weight: 0.2 },
  { ratio: 5, weight: 0.2 },
  { ratio: 8, weight: 0.15 },
  { ratio: 13, weight: 0.1 },
  { ratio: 21, weight: 0.07 },
  { ratio: 34, weight: 0.03 },
];

/** E from which everything pauses, once enough failures count: 1/α with α = 0.01. */
export const PAUSE_EVIDENCE = 100;
/** E from which new offers wait. */
export const HOLD_EVIDENCE = 5;

/**
 * Beyond gate.md §2.4: a pause at once needs so many failures. Of fewer, among the first hundred devices, nobody can tell
 * a bad cohort from a bad update: two of one model and one by chance are E ≥ 100 already, and once everybody is paused no
 * fourth can come that would show the model. So the release is held, probes go on (controller.ts), cohorts are tested with
 * every failure, people are asked as after any hold, and it pauses with the sixth failure, or … (The evidence itself is
 * the same with any such number: `METHOD_VERSION` does not tell of it.)
 */
export const FEWEST_TO_PAUSE = 6;
/** … after so many hours in which no cohort was found and the evidence did not fall below the level of a hold. */
export const DOUBT_HOURS = 168;

/** Evidence from which the gate acts (gate.md §2.4). */
export interface EvidenceLevels {
  readonly hold: number;
  /** 1/α. */
  readonly pause: number;
}

export const LEVELS: EvidenceLevels = { hold: HOLD_EVIDENCE, pause: PAUSE_EVIDENCE };

/** Reported failure rate assumed while there is no history. */
export const DEFAULT_P0 = 0.002;
/** Tolerated rate: this many times p0 … */
const TOLERANCE_FACTOR = 1.5;
/**
 * … or up to this many times where p0 varies from month to month. gate.md §2.5 goes from 1.5 to 2 at a coefficient of
 * variation of 40 %. Months at 30 % drift then pause falsely in 1.6 % of cases, because the variation is estimated from
 * six months and held ones, the bad ones, are not among them. A factor that rises with the variation, from 1.5 at 15 % to
 * 2 at 30 %, brings that to 0.6 % and leaves a steady tenant at 1.5.
 */
const DRIFT_TOLERANCE_FACTOR = 2;
const DRIFT_VARIATION = { from: 0.15, full: 0.3 } as const;
/** … but at least p0 plus this. */
const TOLERANCE_MARGIN = 0.0005;

/** Days for which the arrival curve F has a value: the ends of the days 1 to 15 after the offer. */
export const ARRIVAL_DAYS = 15;

/** What an expedited update changes (gate.md §2.6): hours ring by ring before it opens, and the allowed exposure. */
export const EXPEDITED = { ringWaitHours: [0, 6, 12], exposureFactor: 4 } as const;

/** The tolerated failure rate for a historical rate p0; `variation` is its coefficient of variation over releases. */
export function toleratedRate(p0: number, variation = 0): number {
  const { from, full } = DRIFT_VARIATION;
  const drifting = Math.min(1, Math.max(0, (variation - from) / (full - from)));
  const factor = TOLERANCE_FACTOR + drifting * (DRIFT_TOLERANCE_FACTOR - TOLERANCE_FACTOR);
  return Math.max(factor * p0, p0 + TOLERANCE_MARGIN);
}
