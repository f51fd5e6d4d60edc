import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseSchedule } from "../../../../../infra/local/host/triggers/schedule.js";
import { UTC, zone } from "../../../../../infra/local/host/triggers/zone.js";

const NEW_YORK = zone("America/New_York");
const iso = (instant: number | undefined) => (instant === undefined ? undefined : new Date(instant).toISOString());
/** Occurrences after `from`, in order. */
function occurrences(text: string, from: string, count: number): (string | undefined)[] {
  const schedule = parseSchedule(text, NEW_YORK);
  const found: (string | undefined)[] = [];
  for (let i = 0, at = Date.parse(from); i < count; i++) {
    const due = schedule.next(at);
    found.push(iso(due));
    at = due ?? at;
  }
  return found;
}

describe("timer schedules", () => {
  test("a time span is a constant interval from the last run", () => {
    expect(parseSchedule("1.12:00:00", UTC).next(1_000)).toBe(1_000 + 36 * 3_600_000);
  });

  test.each([["00:00:00"], ["25:00:00"], ["soon:ish"]])("%s is no time span", (text) => {
    expect(() => parseSchedule(text, UTC)).toThrow("no positive time span");
  });

  test("a time that daylight saving skips fires moved on by the gap", () => {
    expect(occurrences("0 30 2 * * *", "2026-03-08T05:00:00Z", 2)).toEqual([
      "2026-03-08T07:30:00.000Z",
      "2026-03-09T06:30:00.000Z",
    ]);
  });

  test("a time that comes twice fires once", () => {
    expect(occurrences("0 30 1 * * *", "2026-11-01T04:00:00Z", 2)).toEqual([
      "2026-11-01T05:30:00.000Z",
      "2026-11-02T06:30:00.000Z",
    ]);
  });

  test("a schedule that repeats within the day goes by elapsed time in the repeated hour", () => {
    expect(occurrences("0 */30 * * * *", "2026-11-01T05:00:00Z", 4)).toEqual([
      "2026-11-01T05:30:00.000Z",
      "2026-11-01T06:00:00.000Z",
      "2026-11-01T06:30:00.000Z",
      "2026-11-01T07:00:00.000Z",
    ]);
  });

  test("a schedule that repeats within the day goes by elapsed time over the gap", () => {
    expect(occurrences("0 0 */2 * * *", "2026-03-08T05:00:00Z", 1)).toEqual(["2026-03-08T07:00:00.000Z"]);
  });

  test.each([
    ["0 * * * * *", true],
    ["*/30 * * * * *", false],
    ["00:00:59", false],
    ["00:01:00", true],
  ])("%s: runs are monitored: %s", (text, monitorable) => {
    expect(parseSchedule(text, UTC).monitorable).toBe(monitorable);
  });

  test("the next occurrence is strictly later, in any zone and over every change of offset", () => {
    const zones = ["UTC", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu"];
    const texts = ["0 30 2 * * *", "0 0 */3 * * *", "0 */20 * * * *", "15 59 23 * * SUN", "0 30 1 1 * *"];
    const instants = fc.integer({ min: Date.parse("2024-01-01T00:00:00Z"), max: Date.parse("2028-01-01T00:00:00Z") });
    fc.assert(
      fc.property(fc.constantFrom(...zones), fc.constantFrom(...texts), instants, (name, text, from) => {
        expect(parseSchedule(text, zone(name)).next(from)).toBeGreaterThan(from);
      }),
    );
  });
});
