import { describe, expect, it } from "vitest";
import {
  earliestDate,
  goalDate,
  gradualGroupsBetween,
  isDue,
  offerDates,
  policyRun,
} from "../../../../shared/feature-releases/schedule.js";

const at = (text: string) => Date.parse(text);
const iso = (ms: number) => new Date(ms).toISOString().slice(0, 16);

describe("dates of a phase", () => {
  it.each([
    ["2026-02-02", 4, 7, "2026-03-02"],
    ["2026-02-02", 1, 7, "2026-02-09"],
    ["2024-02-26", 2, 7, "2024-03-11"],
    ["2026-01-01", 4, 3, "2026-01-17"],
  ])("from %s in %i groups every %i days reach their goal on %s", (firstDate, gradualGroups, daysBetween, goal) => {
    expect(goalDate({ firstDate, gradualGroups, daysBetween })).toBe(goal);
  });

  it("lie so many days apart", () => {
    expect(offerDates({ firstDate: "2026-12-28", gradualGroups: 3, daysBetween: 7 })).toEqual([
      "2026-12-28",
      "2027-01-04",
      "2027-01-11",
    ]);
  });

  it.each([
    ["2026-01-10", 3, 4],
    ["2026-01-09", 3, 3],
    ["2026-01-01", 1, 1],
  ])("from 1 January 2026 until %s every %i days make %i groups", (last, days, groups) => {
    expect(gradualGroupsBetween("2026-01-01", last, days)).toBe(groups);
  });

  it("begin on the next day at the earliest, in UTC", () => {
    expect(earliestDate(at("2026-01-31T23:59:59Z"))).toBe("2026-02-01");
  });
});

describe("the policy of a phase", () => {
  it("is due once its first date is 24 hours away", () => {
    expect(isDue("2026-02-02", at("2026-01-31T23:59:59Z"))).toBe(false);
    expect(isDue("2026-02-02", at("2026-02-01T00:00:00Z"))).toBe(true);
  });

  it.each([
    ["2026-01-20T00:00:00Z", "2026-02-01T04:00"],
    ["2026-02-01T04:00:01Z", "2026-02-01T16:00"],
    ["2026-02-01T16:00:01Z", "2026-02-02T04:00"],
  ])("seen from %s is made at %s", (from, run) => {
    expect(iso(policyRun("2026-02-02", at(from)))).toBe(run);
  });
});
