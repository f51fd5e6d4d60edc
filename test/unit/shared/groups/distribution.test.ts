import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { distribute, ringSizes, type Share } from "../../../../shared/groups/distribution.js";

const RINGS = ["Ring1", "Ring2", "Ring3", "Ring4", "Ring5"];

/** One to five rings whose percentages are at least 1 and add up to 100. */
const shares: fc.Arbitrary<Share[]> = fc
  .uniqueArray(fc.integer({ min: 1, max: 99 }), { maxLength: 4 })
  .map((cuts) => [0, ...cuts.sort((a, b) => a - b), 100])
  .map((cuts) => cuts.slice(1).map((cut, n) => ({ ring: RINGS[n] ?? "", percent: cut - (cuts[n] ?? 0) })));
const pool = fc.uniqueArray(fc.uuid(), { maxLength: 120 });
/** Rings of an earlier time, one of which is dynamic no more. */
const earlier = fc.array(fc.constantFrom(...RINGS, "Last", undefined), { minLength: 120, maxLength: 120 });

const input = fc.tuple(pool, shares, earlier).map(([devices, split, before]) => {
  const current = new Map<string, string>();
  for (const [n, device] of devices.entries()) {
    const ring = before[n];
    if (ring !== undefined) current.set(device, ring);
  }
  return { devices, split, current };
});

function sizesOf(placed: ReadonlyMap<string, string>): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const ring of placed.values()) sizes.set(ring, (sizes.get(ring) ?? 0) + 1);
  return sizes;
}

describe("sizes of dynamic rings", () => {
  it("1,000 devices at 10/25/65 are 100, 250 and 650", () => {
    const split = [10, 25, 65].map((percent, n) => ({ ring: `Ring${n + 1}`, percent }));
    expect([...ringSizes(1_000, split).values()]).toEqual([100, 250, 650]);
  });

  it.each([
    [1, [0, 0, 1]],
    [2, [0, 1, 1]],
    [3, [0, 1, 2]],
    [5, [1, 1, 3]],
    [7, [1, 2, 4]],
  ])("%i devices at 10/25/65 go where the remainders are largest", (devices, sizes) => {
    const split = [10, 25, 65].map((percent, n) => ({ ring: `Ring${n + 1}`, percent }));
    expect([...ringSizes(devices, split).values()]).toEqual(sizes);
  });

  it("add up to the pool and stay within one device of the percentages", () => {
    fc.assert(
      fc.property(fc.nat(20_000), shares, (devices, split) => {
        const sizes = ringSizes(devices, split);
        expect([...sizes.values()].reduce((sum, size) => sum + size, 0)).toBe(devices);
        for (const { ring, percent } of split) {
          expect(Math.abs((sizes.get(ring) ?? 0) - (devices * percent) / 100)).toBeLessThan(1);
        }
      }),
    );
  });

  it("give no rounded-up device to a smaller remainder while a larger one goes without", () => {
    fc.assert(
      fc.property(fc.nat(20_000), shares, (devices, split) => {
        const sizes = ringSizes(devices, split);
        const parts = split.map(({ ring, percent }) => ({
          remainder: (devices * percent) % 100,
          up: (sizes.get(ring) ?? 0) > Math.floor((devices * percent) / 100),
        }));
        const least = Math.min(...parts.filter(({ up }) => up).map(({ remainder }) => remainder));
        for (const { remainder, up } of parts) if (!up) expect(remainder).toBeLessThanOrEqual(least);
      }),
    );
  });
});

describe("the distribution of a pool", () => {
  it("has exactly the sizes of the percentages, every device once", () => {
    fc.assert(
      fc.property(input, ({ devices, split, current }) => {
        const placed = distribute(devices, split, current);
        expect([...placed.keys()].sort()).toEqual([...devices].sort());
        for (const [ring, size] of ringSizes(devices.length, split)) expect(sizesOf(placed).get(ring) ?? 0).toBe(size);
      }),
    );
  });

  it("moves no more devices than the rings that are too full have too many", () => {
    fc.assert(
      fc.property(input, ({ devices, split, current }) => {
        const placed = distribute(devices, split, current);
        const before = new Map([...current].filter(([, ring]) => split.some((share) => share.ring === ring)));
        const moved = [...before].filter(([device, ring]) => placed.get(device) !== ring).length;
        const sizes = ringSizes(devices.length, split);
        const excess = [...sizesOf(before)].map(([ring, size]) => Math.max(0, size - (sizes.get(ring) ?? 0)));
        expect(moved).toBe(excess.reduce((sum, many) => sum + many, 0));
      }),
    );
  });

  it("depends neither on the order of the devices, nor of the rings, nor of what was before", () => {
    fc.assert(
      fc.property(input, ({ devices, split, current }) => {
        const once = distribute(devices, split, current);
        const again = distribute([...devices].reverse(), [...split].reverse(), new Map([...current].reverse()));
        expect(new Map([...again].sort())).toEqual(new Map([...once].sort()));
      }),
    );
  });

  it("is final: done again, nobody moves", () => {
    fc.assert(
      fc.property(input, ({ devices, split, current }) => {
        const once = distribute(devices, split, current);
        expect(distribute(devices, split, once)).toEqual(once);
      }),
    );
  });

  it("places nobody where no ring is dynamic", () => {
    expect(distribute(["d1"], [], new Map([["d1", "Ring1"]])).size).toBe(0);
  });

  it("counts a device that is in two directory groups of the pool once", () => {
    const placed = distribute(["d1", "d2", "d1"], [{ ring: "Ring1", percent: 100 }], new Map());
    expect(placed.size).toBe(2);
  });
});
