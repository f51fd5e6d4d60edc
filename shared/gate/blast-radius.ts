import { EXPEDITED } from "./method.js";

/** 1 − confidence of the bound on the failure rate (gate.md §3: β = .05). */
export const HARM_RISK = 0.05;
/**
 * Devices that may come to harm by default: at least this many, or this share of the fleet. gate.md §3 says at least 5:
 * that costs 2,000 devices six days (23.3 instead of 17.2 until 95 % have a healthy update) and spares less than one
 * device of a regression of 2 or 10 % (4.2 and 4.7 harmed instead of 5.8 and 5.4). With 20 it costs hours.
 */
export const LEAST_HARM_BOUND = 20;
export const HARM_SHARE = 0.001;
/** Shape of the gamma mixture; its mean is the tolerated rate (gate.md §3: a = 0.5, b = a/p_tol). */
const SHAPE = 0.5;
/** Enough halvings for a double. */
const HALVINGS = 60;
/** What `allowed` says where nothing limits it; JSON has no Infinity. */
export const UNLIMITED = Number.MAX_SAFE_INTEGER;

/** What the controller knows of a deployment. */
export interface Exposure {
  /** Failures and rollbacks so far. */
  readonly failures: number;
  /** Exposure in devices (evidence.ts). */
  readonly nEff: number;
  /** Tolerated failure rate, 0–1. */
  readonly pTol: number;
}

export interface BlastRadiusInput extends Exposure {
  /** Devices offered so far. */
  readonly offered: number;
  /** H: devices above the tolerated rate that may come to harm unseen. */
  readonly harmBound: number;
}

/** What the controller says. Plain JSON; the same input gives the same bits. */
export interface BlastRadius {
  /** UCB: the highest failure rate that the evidence leaves possible, 0–1. */
  readonly ucb: number;
  /** Devices that may be offered and unheard of at once; `UNLIMITED` where the rate is surely tolerable. */
  readonly bound: number;
  /** How many more devices may be offered now. */
  readonly allowed: number;
}

/** H of a fleet: max(20, 0.1 % of it), four times that for an expedited update (gate.md §2.6, §3). */
export function harmBound(fleet: number, expedited = false): number {
  return Math.max(LEAST_HARM_BOUND, HARM_SHARE * fleet) * (expedited ? EXPEDITED.exposureFactor : 1);
}

const LANCZOS = [
  676.5203681218851, -1259.1392167224028, 771.3234287776531, -176.6150291621406, 12.507343278686905,
  -0.13857109526572012, 9.984369578019572e-6, 1.5056327351493116e-7,
];

/** ln Γ(z) for z ≥ 0.5 (Lanczos, g = 7; relative error about 1e-15). */
export function logGamma(z: number): number {
  const x = z - 1;
  const t = x + 7.5;
  const series = LANCZOS.reduce((sum, c, i) => sum + c / (x + i + 1), 0.9999999999998099);
  return 0.5 * Math.log(2 * Math.PI) + (x + 0.5) * Math.log(t) - t + Math.log(series);
}

const LOG_GAMMA_SHAPE = logGamma(SHAPE);

/** The part of ln M(p) that does not hang on p. */
function mixtureTerm({ failures, nEff, pTol }: Exposure): number {
  const b = SHAPE / pTol;
  // a·ln b − (a + x)·ln(b + n), written so that nothing cancels when b is large.
  const scale = -SHAPE * Math.log1p(nEff / b) - failures * Math.log(b + nEff);
  return scale + logGamma(SHAPE + failures) - LOG_GAMMA_SHAPE;
}

/** ln M(p): how much better a gamma mixture of rates explains the failures than the rate p does (gate.md §3). */
export function logMixtureRatio(p: number, exposure: Exposure): number {
  const { failures, nEff } = exposure;
  return mixtureTerm(exposure) - (failures === 0 ? 0 : failures * Math.log(p)) + p * nEff;
}

/**
 * UCB: the largest rate p with M(p) < 1/β. M is a nonnegative martingale at the true rate, so the true rate stays below
 * at every look at once with probability 1 − β. M falls to the observed rate, where it is at most 1, and rises from
 * there: the bound is found by bisection, at most 1 because no rate is higher.
 */
export function upperRate(exposure: Exposure): number {
  const { failures, nEff } = exposure;
  const constant = mixtureTerm(exposure) + Math.log(HARM_RISK);
  const above = (p: number) => constant - (failures === 0 ? 0 : failures * Math.log(p)) + p * nEff >= 0;
  if (failures >= nEff || !above(1)) return 1;
  let low = failures / nEff;
  let high = 1;
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (low + high) / 2;
    if (above(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/**
 * The blast-radius controller (gate.md §3): new offers while (offered − n_eff)·(UCB − p_tol) ≤ H, that is while the
 * devices not heard of yet could, at the worst rate that the evidence leaves possible, harm at most H.
 * @returns how many more devices may be offered now, never more than keeps the bound
 */
export function blastRadius({ offered, harmBound: bound, ...exposure }: BlastRadiusInput): BlastRadius {
  const ucb = upperRate(exposure);
  const excess = ucb - exposure.pTol;
  if (excess <= 0) return { ucb, bound: UNLIMITED, allowed: UNLIMITED };
  const unheard = bound / excess;
  if (unheard >= UNLIMITED) return { ucb, bound: UNLIMITED, allowed: UNLIMITED };
  let allowed = Math.max(0, Math.floor(unheard + exposure.nEff - offered));
  // The division above may round up by a hair.
  while (allowed > 0 && (offered + allowed - exposure.nEff) * excess > bound) allowed--;
  return { ucb, bound: unheard, allowed };
}
