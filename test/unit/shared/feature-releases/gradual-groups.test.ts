import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  evenSizes,
  gradualGroupCount,
  LEAST_DEVICES,
  rolloutOf,
} from "../../../../shared/feature-releases/gradual-groups.js";

const sizesOf = (devices: number, wanted: number) => evenSizes(devices, gradualGroupCount(devices, wanted));
const refusal = (rule: string) =>
  expect.objectContaining({ field: "phases[0].lastDate", details: expect.objectContaining({ rule }) });

describe("gradual groups", () => {
  it("are even, hold every device, and have at least 100 devices each", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3000 }), fc.integer({ min: 1, max: 52 }), (count, wanted) => {
        const sizes = sizesOf(count, wanted);
        expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(count);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
        expect(sizes.length === 1 || Math.min(...sizes) >= LEAST_DEVICES).toBe(true);
        expect(sizes.length).toBeLessThanOrEqual(wanted);
      }),
    );
  });

  it("are as many as wanted where there are devices enough, or none yet", () => {
    expect(sizesOf(400, 4)).toEqual([100, 100, 100, 100]);
    expect(sizesOf(399, 4)).toEqual([133, 133, 133]);
    expect(sizesOf(99, 4)).toEqual([99]);
    expect(gradualGroupCount(0, 4)).toBe(4);
  });
});

describe("the rollout that is wanted", () => {
  const firstDate = "2026-01-01";
  const rollout = (wanted: object) => rolloutOf({ firstDate, ...wanted }, "phases[0]");

  it("has so many groups, or as many as there is time for until its last date", () => {
    expect(rollout({ lastDate: "2026-01-10", daysBetween: 3 })).toEqual({
      firstDate,
      gradualGroups: 4,
      daysBetween: 3,
    });
    expect(rollout({ gradualGroups: 2 })).toEqual({ firstDate, gradualGroups: 2, daysBetween: 7 });
    expect(rollout({})).toEqual({ firstDate, gradualGroups: 1, daysBetween: 7 });
  });

  it("is refused where it says both, ends before it begins, or has more than 52 groups", () => {
    expect(() => rollout({ lastDate: "2026-01-10", gradualGroups: 4 })).toThrow(refusal("gradualGroups"));
    expect(() => rollout({ lastDate: "2025-12-31" })).toThrow(refusal("lastDate"));
    expect(() => rollout({ lastDate: "2026-02-22", daysBetween: 1 })).toThrow(refusal("gradualGroups"));
  });
});
