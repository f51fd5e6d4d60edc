import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DAY_MS, dateParts, iso } from "../../../../shared/calendar/days.js";
import {
  fourthTuesday,
  isAfterReleaseOnPatchTuesday,
  latestPatchTuesday,
  nextPatchTuesday,
  patchTuesday,
  releaseInstant,
  secondTuesday,
} from "../../../../shared/calendar/patch-tuesday.js";
import { SCHEDULE } from "./schedule-2026-2027.js";

const published = readFileSync("infra/local/tenant/data/windows-releases.csv", "utf8")
  .trim()
  .split("\n")
  .slice(1)
  .map((line) => line.split(","))
  .map(([date = "", type = ""]) => ({ date, type }));

describe("Patch Tuesday", () => {
  it("is the date of every monthly security release that Windows ever had in the data", () => {
    const dates = [...new Set(published.filter(({ type }) => type === "B").map(({ date }) => date))];
    expect(dates.length).toBe(29);
    for (const date of dates) {
      const { year, month } = dateParts(date);
      expect(secondTuesday(year, month)).toBe(date);
    }
  });

  it.each(SCHEDULE)("$month: B, D and the gap are those of the published table", ({ month, b, d, gap }) => {
    const { year, month: number } = dateParts(`${month}-01`);
    expect(iso(patchTuesday(year, number))).toBe(b);
    expect(iso(releaseInstant(fourthTuesday(year, number)))).toBe(d);
    const next = nextPatchTuesday(patchTuesday(year, number));
    expect(Math.round((next - patchTuesday(year, number)) / DAY_MS)).toBe(gap);
  });

  it("next is strictly after, latest includes the instant itself", () => {
    const may = patchTuesday(2026, 5);
    expect(nextPatchTuesday(may - 1)).toBe(may);
    expect(nextPatchTuesday(may)).toBe(patchTuesday(2026, 6));
    expect(latestPatchTuesday(may)).toBe(may);
    expect(latestPatchTuesday(may - 1)).toBe(patchTuesday(2026, 4));
    expect(nextPatchTuesday(patchTuesday(2026, 12))).toBe(patchTuesday(2027, 1));
  });

  it("comes at 10:00 Pacific and not a minute earlier", () => {
    expect(isAfterReleaseOnPatchTuesday(Date.parse("2026-05-12T16:59:59Z"))).toBe(false);
    expect(isAfterReleaseOnPatchTuesday(Date.parse("2026-05-12T17:00:00Z"))).toBe(true);
    expect(isAfterReleaseOnPatchTuesday(Date.parse("2026-11-10T17:00:00Z"))).toBe(false);
    expect(isAfterReleaseOnPatchTuesday(Date.parse("2026-11-10T18:00:00Z"))).toBe(true);
    expect(isAfterReleaseOnPatchTuesday(Date.parse("2026-05-13T17:00:00Z"))).toBe(false);
  });

  it("lies on a Tuesday between the 8th and the 14th, 28 or 35 days after the one before", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2007, max: 2100 }), fc.integer({ min: 1, max: 12 }), (year, month) => {
        const at = patchTuesday(year, month);
        expect(new Date(at).getUTCDay()).toBe(2);
        expect(dateParts(iso(at)).day).toBeGreaterThanOrEqual(8);
        expect(dateParts(iso(at)).day).toBeLessThanOrEqual(14);
        expect([28, 35]).toContain(Math.round((at - latestPatchTuesday(at - 1)) / DAY_MS));
      }),
    );
  });
});
