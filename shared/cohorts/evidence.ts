import { type Cohort, cohortId } from "./cohort.js";
import {
  ALPHA_BY_DEVICES,
  ALPHA_OF_KIND,
  COHORT_METHOD,
  COHORT_RATIOS,
  type CohortKind,
  LARGEST_FAVOURED,
} from "./method.js";

/** What the evidence against a cohort rests on: counts of devices. */
export interface CohortCounts {
  readonly cohort: Cohort;
  /** Devices of the release in the cohort, exposed or not. */
  readonly devices: number;
  /** Exposed devices, and those among them in the cohort. */
  readonly exposed: number;
  readonly cohortExposed: number;
  /** X: failures among the exposed devices, and X_a: those in the cohort. */
  readonly failures: number;
  readonly cohortFailures: number;
  readonly family: Family;
  /** ln of the gate's evidence against the update when the cohort was tested, at least 0. */
  readonly gateLogE: number;
}

/** The hypotheses of one kind in a release. Fixed before anything is exposed. */
export interface Family {
  readonly kind: CohortKind;
  /** Devices of the release. */
  readonly release: number;
  /** K: how many hypotheses there are. */
  readonly hypotheses: number;
  /** Devices of the favoured ones, those with at most a tenth of the release, added up. */
  readonly favouredDevices: number;
}

/**
 * Why a cohort is held, or why not yet; `computeCohortEvidence(evidence.input)` gives the same record to the bit.
 * Plain JSON.
 */
export interface CohortEvidence {
  readonly method: string;
  readonly input: CohortCounts;
  /** `cohortId` of the cohort. */
  readonly cohort: string;
  /** π_a: share of the exposed devices in the cohort. */
  readonly share: number;
  /** e_a, at most the largest double; its logarithm is what decides. */
  readonly e: number;
  readonly logE: number;
  /** The part of α that this hypothesis may spend. */
  readonly alpha: number;
  /** 1 / alpha: a hold is due when e·E reaches it (method.ts). */
  readonly threshold: number;
  /** e alone is below the threshold: held, if it is, on the strength of E too. */
  readonly provisional: boolean;
}

const LOG_RATIOS = COHORT_RATIOS.map((ratio) => Math.log(ratio));
const LOG_WEIGHT = -Math.log(COHORT_RATIOS.length);

/**
 * ln Σ w·ρ^X_a / (1 − π_a + ρ·π_a)^X: evidence that devices of a cohort fail more often than the others (gate.md §5). It
 * is relative: a failure rate that rises for everybody does not raise it.
 */
export function logCohortEvidence(failures: number, cohortFailures: number, share: number): number {
  const terms = COHORT_RATIOS.map(
    (ratio, k) => cohortFailures * (LOG_RATIOS[k] ?? 0) - failures * Math.log(1 - share + ratio * share),
  );
  const largest = Math.max(...terms);
  let sum = 0;
  for (const term of terms) sum += Math.exp(term - largest);
  return LOG_WEIGHT + largest + Math.log(sum);
}

/** Evidence against one cohort. */
export function computeCohortEvidence(input: CohortCounts): CohortEvidence {
  const share = input.exposed === 0 ? 0 : input.cohortExposed / input.exposed;
  const logE = logCohortEvidence(input.failures, input.cohortFailures, share);
  const alpha = alphaOf(input.devices, input.family);
  const threshold = 1 / alpha;
  return {
    method: COHORT_METHOD,
    input,
    cohort: cohortId(input.cohort),
    share,
    // JSON has no Infinity; beyond the range of a double the logarithm still tells.
    e: Math.min(Math.exp(logE), Number.MAX_VALUE),
    logE,
    alpha,
    threshold,
    provisional: logE < Math.log(threshold),
  };
}

/** Whether a cohort takes part in the α that is shared out by number of devices. */
export function isFavoured(devices: number, release: number): boolean {
  return devices > 0 && devices <= LARGEST_FAVOURED * release;
}

/**
 * The part of α that a hypothesis with these devices may spend: half of the α of its kind is shared out equally, half by
 * the number of devices among cohorts with at most a tenth of the release. Weighted e-Bonferroni keeps the promise of
 * the plain one (K/α, gate.md §5), because the weights are fixed before anything is exposed and add up to at most one.
 * The cohorts that a bad update usually strikes are held a failure sooner; rare ones, which harm few, and those that are
 * half of the fleet, which are no cohort but the gate's affair, wait a fraction of a failure longer.
 */
export function alphaOf(devices: number, { kind, release, hypotheses, favouredDevices }: Family): number {
  const equal = (1 - ALPHA_BY_DEVICES) / hypotheses;
  const favour = isFavoured(devices, release) ? (ALPHA_BY_DEVICES * devices) / favouredDevices : 0;
  return ALPHA_OF_KIND[kind] * (equal + favour);
}

/** ln of the evidence from which a cohort with these devices is held, whenever one looks. */
export function logThreshold(devices: number, family: Family): number {
  return -Math.log(alphaOf(devices, family));
}

/** The fewest failures in a cohort with which its evidence can reach `logE`, however small the cohort is. */
export function failuresNeeded(logE: number): number {
  let failures = 1;
  while (logCohortEvidence(failures, failures, 0) < logE) failures++;
  return failures;
}

/**
 * How many of the hypotheses with the most evidence the e-BH procedure rejects: the largest k of which the k-th has
 * evidence of at least its threshold / k. For advice only: on evidence that is looked at again and again e-BH keeps no
 * promise (gate.md §8).
 * @param margins ln of evidence / threshold, in descending order
 */
export function eBenjaminiHochberg(margins: readonly number[]): number {
  return margins.findLastIndex((margin, at) => margin >= -Math.log(at + 1)) + 1;
}
