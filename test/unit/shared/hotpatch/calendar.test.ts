import { describe, expect, it } from "vitest";
import {
  baselineMonthOf,
  calendarMonth,
  calendarYear,
  checkUnplanned,
  currentMonth,
  overridesOf,
} from "../../../../shared/hotpatch/calendar.js";

const entry = (month: string) => ({
  ...{ month, kb: "KB5094126", justification: "Microsoft says so.", enteredBy: "Ada" },
  enteredAt: "2027-02-01T00:00:00.000Z",
});
const NOW = Date.parse("2027-02-15T00:00:00Z");

describe("the hotpatch calendar", () => {
  it("has baselines in January, April, July and October", () => {
    const baselines = calendarYear(2027, []).filter(({ kind }) => kind === "baseline");
    expect(baselines.map(({ month }) => month)).toEqual(["2027-01", "2027-04", "2027-07", "2027-10"]);
  });

  it("knows the published baseline of June 2026, which no administrator entered", () => {
    expect(calendarMonth("2026-06", [])).toEqual({
      ...{ month: "2026-06", kind: "baseline", planned: "hotpatch", source: "published", unplanned: null },
      releasedAt: "2026-06-09T17:00:00.000Z",
    });
  });

  it("has a baseline where one was entered, and says who did", () => {
    const month = calendarMonth("2027-02", [entry("2027-02")]);
    expect(month).toMatchObject({ kind: "baseline", planned: "hotpatch", source: "administrator" });
    expect(month.unplanned?.enteredBy).toBe("Ada");
  });

  it.each([
    ["2027-02", [], "2027-01"],
    ["2027-03", ["2027-02"], "2027-02"],
    ["2027-03", ["2027-03"], "2027-03"],
    ["2027-01", [], "2027-01"],
    ["2026-12", [], "2026-10"],
    ["2026-06", [], "2026-06"],
  ])("builds the hotpatches of %s with entries %j on the baseline of %s", (month, entered, baseline) => {
    expect(baselineMonthOf(month, overridesOf(entered.map(entry)))).toBe(baseline);
  });

  it.each([
    ["2026-05-12T16:59:00Z", "2026-04"],
    ["2026-05-12T17:00:00Z", "2026-05"],
    ["2026-12-31T00:00:00Z", "2026-12"],
  ])("at %s is in the month %s", (at, month) => {
    expect(currentMonth(Date.parse(at))).toBe(month);
  });
});

describe("an unplanned baseline is refused", () => {
  it.each([
    ["in a month that is one by the rule", "2027-04", "by the rule"],
    ["in a month that Microsoft published as one", "2026-06", "as Microsoft published it"],
    ["too long ago", "2025-12", "outside 2026-02 to 2029-02"],
    ["too far ahead", "2029-03", "outside 2026-02 to 2029-02"],
  ])("%s", (_why, month, message) => {
    expect(() => checkUnplanned(month, NOW)).toThrow(message);
  });

  it("and is taken in a hotpatch month within", () => {
    for (const month of ["2026-02", "2027-02", "2028-12"]) expect(() => checkUnplanned(month, NOW)).not.toThrow();
  });
});
