/** What a sample of runs says about a quantity. */
export interface Distribution {
  /** Runs. */
  readonly runs: number;
  readonly mean: number;
  /** 95 % confidence interval of the mean. */
  readonly low: number;
  readonly high: number;
  /** Percentiles of the runs: the smallest value that so many of them do not exceed. */
  readonly p5: number;
  readonly p50: number;
  readonly p95: number;
}

/** How often something happened: per cent of runs with Wilson's 95 % interval, which is honest about zero in a thousand. */
export interface Share {
  readonly runs: number;
  readonly hits: number;
  readonly percent: number;
  readonly low: number;
  readonly high: number;
}

/** 97.5th percentile of the standard normal. */
const Z = 1.96;

/** Mean, its 95 % confidence interval (normal approximation) and percentiles; null of no runs. */
export function distributionOf(sample: readonly number[]): Distribution | null {
  const runs = sample.length;
  if (runs === 0) return null;
  const mean = sample.reduce((sum, value) => sum + value, 0) / runs;
  const variance = runs < 2 ? 0 : sample.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (runs - 1);
  const half = Z * Math.sqrt(variance / runs);
  const sorted = sample.toSorted((a, b) => a - b);
  const percentile = (p: number) => sorted[Math.max(0, Math.ceil((p / 100) * runs) - 1)] ?? Number.NaN;
  return {
    ...{ runs, mean, low: mean - half, high: mean + half },
    ...{ p5: percentile(5), p50: percentile(50), p95: percentile(95) },
  };
}

/** The share of runs in which something happened; null of no runs. */
export function shareOf(hits: number, runs: number): Share | null {
  if (runs === 0) return null;
  const p = hits / runs;
  const centre = (p + Z ** 2 / (2 * runs)) / (1 + Z ** 2 / runs);
  const half = (Z * Math.sqrt((p * (1 - p)) / runs + Z ** 2 / (4 * runs ** 2))) / (1 + Z ** 2 / runs);
  const [low, high] = [100 * Math.max(0, centre - half), 100 * Math.min(1, centre + half)];
  return { runs, hits, percent: 100 * p, low, high };
}
