import { expect, it } from "vitest";
import { TokenBuckets } from "../../../shared/token-buckets.js";

const buckets = () => new TokenBuckets({ perMinute: 60, burst: 3 });

it("a burst is let through, then one call for every token that has come back", () => {
  const calls = buckets();
  expect([0, 0, 0, 0].map((at) => calls.take("ada", at))).toEqual([0, 0, 0, 1000]);
  expect(calls.take("ada", 999)).toBeCloseTo(1);
  expect(calls.take("ada", 1000)).toBe(0);
  expect(calls.take("ada", 1000)).toBe(1000);
});

it("callers do not spend each other's tokens", () => {
  const calls = buckets();
  for (let i = 0; i < 4; i++) calls.take("ada", 0);
  expect(calls.take("ben", 0)).toBe(0);
});

it("a bucket never holds more than its burst, and says how much it has", () => {
  const calls = buckets();
  calls.take("ada", 0);
  expect(calls.state("ada", 0)).toEqual({ left: 2, fullInMs: 1000 });
  expect(calls.state("ada", 3_600_000)).toEqual({ left: 3, fullInMs: 0 });
});

it("many callers are not remembered for ever", () => {
  const calls = buckets();
  for (let i = 0; i < 25_000; i++) calls.take(`caller ${i}`, i * 1000);
  expect(calls.size).toBeLessThanOrEqual(10_000);
});
