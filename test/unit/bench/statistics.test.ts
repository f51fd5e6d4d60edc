import { expect, it } from "vitest";
import { percentage, spread } from "../../bench/statistics.js";

it("tells the mean with its confidence interval, and the 95th percentile", () => {
  const sample = Array.from({ length: 100 }, (_, i) => i + 1);
  const { mean, low, high, p95 } = spread(sample);
  expect([mean, p95]).toEqual([50.5, 95]);
  // 1.96 · standard deviation 29.011 / √100
  expect(high - mean).toBeCloseTo(5.686, 3);
  expect(mean - low).toBeCloseTo(5.686, 3);
  expect(spread([7])).toEqual({ mean: 7, low: 7, high: 7, p95: 7 });
});

it("does not claim that what never happened in a thousand runs cannot", () => {
  expect(percentage(0, 1000)).toMatchObject({ mean: 0, low: 0 });
  expect(percentage(0, 1000).high).toBeCloseTo(0.383, 3);
  expect(percentage(50, 100).mean).toBe(50);
  expect(percentage(50, 100).low).toBeCloseTo(40.38, 2);
});
