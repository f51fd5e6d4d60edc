import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { gradualGroups, gradualSizes, LEAST_DEVICES } from "../../../../shared/feature-releases/gradual-groups.js";

const devices = (count: number) => Array.from({ length: count }, (_, n) => `device-${n}`);

describe("gradual groups", () => {
  it("are even, hold every device once, and have at least 100 devices each", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 3000 }), fc.integer({ min: 1, max: 52 }), (count, wanted) => {
        const groups = gradualGroups(devices(count), wanted, "seed");
        const sizes = groups.map(({ length }) => length);
        expect(new Set(groups.flat()).size).toBe(count);
        expect(sizes).toEqual(gradualSizes(count, wanted));
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
        expect(sizes.length === 1 || Math.min(...sizes) >= LEAST_DEVICES).toBe(true);
        expect(sizes.length).toBeLessThanOrEqual(wanted);
      }),
      { numRuns: 40 },
    );
  });

  it("are as many as wanted where there are devices enough", () => {
    expect(gradualSizes(400, 4)).toEqual([100, 100, 100, 100]);
    expect(gradualSizes(399, 4)).toEqual([133, 133, 133]);
    expect(gradualSizes(99, 4)).toEqual([99]);
  });

  it("are drawn by the seed, whatever the order of the devices", () => {
    const groups = gradualGroups(devices(400), 4, "one");
    expect(gradualGroups(devices(400).reverse(), 4, "one")).toEqual(groups);
    expect(gradualGroups(devices(400), 4, "two")).not.toEqual(groups);
    // Names in a row come into all groups alike.
    const early = groups.map((group) => group.filter((id) => devices(100).includes(id)).length);
    expect(Math.min(...early)).toBeGreaterThan(10);
  });
});
