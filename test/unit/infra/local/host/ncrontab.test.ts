import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseNcrontab } from "../../../../../infra/local/host/triggers/ncrontab.js";

const at = (iso: string) => Date.parse(iso);
const next = (expression: string, from: string) => {
  const found = parseNcrontab(expression).next(at(from));
  return found === undefined ? undefined : new Date(found).toISOString();
};

describe("NCRONTAB expressions", () => {
  test.each([
    ["0 */5 * * * *", "2026-01-01T00:00:00Z", "2026-01-01T00:05:00.000Z"],
    ["*/15 * * * * *", "2026-01-01T00:00:14.999Z", "2026-01-01T00:00:15.000Z"],
    ["0 0 9-17/4 * * *", "2026-01-01T09:00:00Z", "2026-01-01T13:00:00.000Z"],
    ["0 0 20/2 * * *", "2026-01-01T20:30:00Z", "2026-01-01T22:00:00.000Z"],
    ["0 30 6,18 * * *", "2026-01-01T06:30:00Z", "2026-01-01T18:30:00.000Z"],
    ["0 0 0 * jan,JULY mon-wed", "2026-02-01T00:00:00Z", "2026-07-01T00:00:00.000Z"],
    ["0 0 0 29 2 *", "2026-01-01T00:00:00Z", "2028-02-29T00:00:00.000Z"],
    ["30 12 1 * *", "2026-01-01T12:30:00Z", "2026-02-01T12:30:00.000Z"],
  ])("%s after %s is %s", (expression, from, expected) => {
    expect(next(expression, from)).toBe(expected);
  });

  test("day of month and day of week must both match", () => {
    expect(next("0 0 0 13 * FRI", "2026-03-14T00:00:00Z")).toBe("2026-11-13T00:00:00.000Z");
  });

  test("an impossible date has no occurrence", () => {
    expect(next("0 0 0 30 2 *", "2026-01-01T00:00:00Z")).toBeUndefined();
  });

  test.each([
    ["61 * * * * *", "second 61 is outside 0-59"],
    ["0 0 0 * * 7", "day of week 7 is outside 0-6"],
    ["0 0 0 0 * *", "day 0 is outside 1-31"],
    ["0 0 5-1 * * *", 'hour "5-1" runs backwards'],
    ["0 */0 * * * *", 'minute "*/0" has a step that is not a positive number'],
    ["0 0 0 * foo *", 'month "foo" is neither a number nor a name of this field'],
    ["* * *", "expected 6 fields (second minute hour day month day-of-week), found 3"],
  ])("%s is refused: %s", (expression, problem) => {
    expect(() => parseNcrontab(expression)).toThrow(problem);
  });

  const field = (min: number, max: number) =>
    fc.oneof(
      fc.constant("*"),
      fc.integer({ min, max }).map(String),
      fc.integer({ min: 1, max: 12 }).map((step) => `*/${step}`),
      fc
        .tuple(fc.integer({ min, max }), fc.integer({ min, max }))
        .map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`),
    );
  const expressions = fc
    .tuple(field(0, 59), field(0, 59), field(0, 23), field(1, 28), field(1, 12), fc.constant("*"))
    .map((fields) => fields.join(" "));
  const instants = fc.integer({ min: at("2020-01-01T00:00:00Z"), max: at("2040-01-01T00:00:00Z") });

  test("the next occurrence is strictly later, on a whole second, and none lies between", () => {
    fc.assert(
      fc.property(expressions, instants, (expression, from) => {
        const cron = parseNcrontab(expression);
        const found = cron.next(from);
        expect(found).toBeGreaterThan(from);
        expect((found ?? 0) % 1_000).toBe(0);
        const between = from + Math.floor(((found ?? 0) - from) / 2);
        expect(cron.next(between)).toBe(found);
      }),
    );
  });
});
