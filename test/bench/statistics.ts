import { distributionOf, shareOf } from "../../shared/statistics.js";

/** What a sample of runs says about a quantity. */
export interface Spread {
  readonly mean: number;
  /** 95 % confidence interval of the mean. */
  readonly low: number;
  readonly high: number;
  /** 95th percentile of the runs. */
  readonly p95: number;
}

const NOTHING = { mean: Number.NaN, low: Number.NaN, high: Number.NaN, p95: Number.NaN };

/** Mean, its 95 % confidence interval (normal approximation) and the 95th percentile. */
export function spread(sample: readonly number[]): Spread {
  const { mean, low, high, p95 } = distributionOf(sample) ?? NOTHING;
  return { mean, low, high, p95 };
}

/** A share of runs in percent with Wilson's 95 % interval, which is honest about zero in a thousand. */
export function percentage(hits: number, runs: number): Omit<Spread, "p95"> {
  const { percent: mean, low, high } = shareOf(hits, runs) ?? { percent: Number.NaN, ...NOTHING };
  return { mean, low, high };
}
