import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { same } from "../../../../shared/registration/same.js";

describe("saying the same", () => {
  it("is having the same JSON with sorted keys", () => {
    const value = fc.jsonValue({ maxDepth: 3 });
    fc.assert(fc.property(value, value, (a, b) => same(a, b) === (sorted(a) === sorted(b))));
    fc.assert(fc.property(value, (a) => same(a, JSON.parse(JSON.stringify(a)))));
  });

  it("holds for a property that is undefined and one that is missing", () => {
    expect([same({ a: 1, b: undefined }, { a: 1 }), same({ a: 1 }, { a: 1, b: undefined })]).toEqual([true, true]);
    expect(same({ a: undefined }, { a: null })).toBe(false);
  });

  it("tells a list from a record, and lists of different lengths", () => {
    expect([same([], {}), same([1], [1, 2]), same([1, 2], [1])]).toEqual([false, false, false]);
  });

  it("passes over ignored properties at any depth, present in one or in both", () => {
    const ignored = new Set(["at"]);
    expect(same({ a: { at: 1, n: 2 } }, { a: { at: 5, n: 2 }, at: 3 }, ignored)).toBe(true);
    expect(same({ a: { at: 1, n: 2 } }, { a: { at: 1, n: 3 } }, ignored)).toBe(false);
  });
});

function sorted(value: unknown): string {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return Array.isArray(value) ? `[${value.map(sorted).join(",")}]` : JSON.stringify(Object.is(value, -0) ? 0 : value);
  }
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}:${sorted(inner)}`).join(",")}}`;
}
