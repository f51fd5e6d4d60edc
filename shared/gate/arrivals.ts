import { DAY_MS } from "../calendar/days.js";
import { ARRIVAL_DAYS } from "./method.js";

/**
 * F: the probability that a report that will come has come by a given age, at the ends of the days 1 to 15 after the
 * offer. F is 0 at the offer, linear in between, and stays at its last value.
 */
export type ArrivalCurve = readonly number[];

/** F at an age in ms. */
export function arrivedBy(curve: ArrivalCurve, ageMs: number): number {
  const days = Math.min(Math.max(ageMs / DAY_MS, 0), ARRIVAL_DAYS);
  const whole = Math.floor(days);
  const before = whole === 0 ? 0 : (curve[whole - 1] ?? 1);
  const after = curve[whole] ?? before;
  return before + (after - before) * (days - whole);
}

/**
 * The learned curve: cumulative share of the reports of finished rings by age. `bins[i]` counts reports that came on day
 * i + 1 after the offer, the last bin all later ones. Undefined while there are no reports.
 */
export function learnArrivals(bins: readonly number[]): ArrivalCurve | undefined {
  const total = bins.reduce((sum, count) => sum + count, 0);
  if (total === 0) return undefined;
  let sum = 0;
  return Array.from({ length: ARRIVAL_DAYS }, (_, day) => {
    sum += bins[day] ?? 0;
    return sum / total;
  });
}

/** Standard normal distribution function (Abramowitz and Stegun 7.1.26; error below 2e-7). */
function normalCdf(z: number): number {
  const x = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * x);
  const poly = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t;
  const upper = 0.5 * poly * Math.exp(-x * x);
  return z < 0 ? upper : 1 - upper;
}

/** P(a log-normal delay ≤ x), by its median and the sigma of its logarithm. */
export function logNormalCdf(x: number, median: number, sigma: number): number {
  return x <= 0 ? 0 : normalCdf(Math.log(x / median) / sigma);
}

/** Reports follow the installation after a log-normal delay (gate.md §1a): median 1 day, sigma 0.6. */
export const REPORT = { median: 1, sigma: 0.6 };
/** Sigma of the log-normal installation delay; with the median below it has the spread of gate.md §1a's devices. */
const INSTALL_SIGMA = 1;
/** Strips per day of the convolution. */
const STRIPS = 48;

/** Shortest period, in days, in which even a ring without deadline installs (gate.md §1a). */
const SHORTEST_DEADLINE = 0.75;

/** Median of the installation delay in days: that of an exponential delay with mean 0.6·D + 0.2 (gate.md §1a). */
function installMedian(deadlineDays: number): number {
  return Math.LN2 * (0.6 * deadlineDays + 0.2);
}

/** P(install + report ≤ age): whoever has not installed by the deadline is forced to at the deadline. */
function arrivedAfter(age: number, deadlineDays: number): number {
  const median = installMedian(deadlineDays);
  const strips = Math.ceil(deadlineDays * STRIPS);
  const width = deadlineDays / strips;
  let installed = 0;
  let arrived = 0;
  for (let strip = 0; strip < strips; strip++) {
    const until = logNormalCdf((strip + 1) * width, median, INSTALL_SIGMA);
    arrived += (until - installed) * logNormalCdf(age - (strip + 0.5) * width, REPORT.median, REPORT.sigma);
    installed = until;
  }
  return arrived + (1 - installed) * logNormalCdf(age - deadlineDays, REPORT.median, REPORT.sigma);
}

const defaults = new Map<number, ArrivalCurve>();

/**
 * The curve assumed while nothing is learned (gate.md §2.1): log-normal installation delay within the ring's deadline
 * (days), then a log-normal report delay with a median of one day. Ends at 1, since F is about reports that do come.
 */
export function defaultArrivals(deadlineDays: number): ArrivalCurve {
  const deadline = Math.max(deadlineDays, SHORTEST_DEADLINE);
  const known = defaults.get(deadline);
  if (known !== undefined) return known;
  const curve = Array.from({ length: ARRIVAL_DAYS }, (_, day) => arrivedAfter(day + 1, deadline));
  defaults.set(deadline, curve);
  return curve;
}
