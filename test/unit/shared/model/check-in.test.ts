import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkInPattern, isAway, lastOn, MODEL_DEFAULTS, nextOn } from "../../../../shared/model/index.js";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const MONDAY = Date.parse("2024-06-10T00:00:00Z");
const pattern = (device: number, offset = 0) => checkInPattern(MODEL_DEFAULTS, 1, device, offset);
const ofHabit = (habit: string) => {
  for (let device = 0; ; device++) if (pattern(device).habit === habit) return device;
};
const instant = fc.integer({ min: MONDAY, max: MONDAY + 300 * DAY });
const device = fc.nat(5_000);

describe("check-in pattern", () => {
  test("an office device is on from Monday to Friday only", () => {
    const office = pattern(ofHabit("office"));
    const saturday = MONDAY + 5 * DAY + 10 * HOUR;
    const on = nextOn(office, saturday);
    expect(new Date(on).getUTCDay()).toBe(1);
    expect(on).toBeGreaterThanOrEqual(MONDAY + 7 * DAY + 7 * HOUR);
    expect(on).toBeLessThanOrEqual(MONDAY + 7 * DAY + 9 * HOUR);
  });

  test("office hours follow the time zone", () => {
    const index = ofHabit("office");
    expect(nextOn(pattern(index, 8), MONDAY - 8 * HOUR)).toBe(nextOn(pattern(index), MONDAY) - 8 * HOUR);
  });

  test("a device that runs around the clock is always on", () => {
    expect(nextOn(pattern(ofHabit("always")), MONDAY + 12_345)).toBe(MONDAY + 12_345);
  });

  test("a device of the offline type is on for a small part of the time", () => {
    const rare = pattern(ofHabit("rare"));
    const hours = Array.from({ length: 60 * 24 }, (_, hour) => MONDAY + hour * HOUR);
    const on = hours.filter((at) => nextOn(rare, at) === at).length / hours.length;
    expect(on).toBeGreaterThan(0.005);
    expect(on).toBeLessThan(0.1);
  });

  test("the next check-in is never before now, and at it the device is on", () => {
    fc.assert(
      fc.property(device, instant, (index, at) => {
        const on = nextOn(pattern(index), at);
        expect(on).toBeGreaterThanOrEqual(at);
        expect(nextOn(pattern(index), on)).toBe(on);
      }),
    );
  });

  test("the last check-in is never after now, and at it the device was on", () => {
    fc.assert(
      fc.property(device, instant, (index, at) => {
        const on = lastOn(pattern(index), at);
        expect(on).toBeLessThanOrEqual(at);
        expect(nextOn(pattern(index), on - 1)).toBeLessThanOrEqual(on);
      }),
    );
  });

  test("who is on holiday checks in only after it", () => {
    const holiday = { from: MONDAY, to: MONDAY + 10 * DAY, awayShare: 1 };
    fc.assert(
      fc.property(device, fc.integer({ min: 0, max: 10 * DAY - 1 }), (index, after) => {
        const away = checkInPattern(MODEL_DEFAULTS, 1, index, 0, holiday);
        const on = nextOn(away, MONDAY + after);
        expect(on).toBeGreaterThanOrEqual(holiday.to);
        expect(isAway(away, on)).toBe(false);
      }),
    );
  });

  test("a holiday takes the share of devices it says", () => {
    const holiday = { from: MONDAY, to: MONDAY + DAY, awayShare: 0.6 };
    const away = Array.from({ length: 5_000 }, (_, index) => checkInPattern(MODEL_DEFAULTS, 1, index, 0, holiday));
    expect(Math.abs(away.filter((each) => isAway(each, MONDAY)).length / 5_000 - 0.6)).toBeLessThan(0.03);
  });
});
