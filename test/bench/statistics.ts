/** What a sample of runs says about a quantity. */
export interface Spread {
  readonly mean: number;
  /** 95 % confidence interval of the mean. */
  readonly low: number;
  readonly high: number;
  /** 95th percentile of the runs. */
  readonly p95: number;
}

/** 97.5th percentile of the standard normal. */
const Z = 1.96;

/** Mean, its 95 % confidence interval (normal approximation) and the 95th percentile. */
export function spread(sample: readonly number[]): Spread {
  const n = sample.length;
  const mean = sample.reduce((sum, value) => sum + value, 0) / n;
  const variance = n < 2 ? 0 : sample.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1);
  const half = Z * Math.sqrt(variance / n);
  const sorted = sample.toSorted((a, b) => a - b);
  return { mean, low: mean - half, high: mean + half, p95: sorted[Math.ceil(0.95 * n) - 1] ?? Number.NaN };
}

/** A share of runs in percent with Wilson's 95 % interval, which is honest about zero in a thousand. */
export function percentage(hits: number, runs: number): Omit<Spread, "p95"> {
  const p = hits / runs;
  const centre = (p + Z ** 2 / (2 * runs)) / (1 + Z ** 2 / runs);
  const half = (Z * Math.sqrt((p * (1 - p)) / runs + Z ** 2 / (4 * runs ** 2))) / (1 + Z ** 2 / runs);
  return { mean: 100 * p, low: 100 * Math.max(0, centre - half), high: 100 * Math.min(1, centre + half) };
}
