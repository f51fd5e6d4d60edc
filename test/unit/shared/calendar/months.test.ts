import { expect, it } from "vitest";
import { monthName, monthOf, shiftedMonth } from "../../../../shared/calendar/months.js";

it("the month of an instant is that of UTC", () => {
  expect([monthOf(Date.parse("2024-06-30T23:59:59Z")), monthOf(Date.parse("2024-07-01T01:00:00+02:00"))]).toEqual([
    "2024-06",
    "2024-06",
  ]);
});

it("months after and before another cross years", () => {
  expect([shiftedMonth("2024-11", 3), shiftedMonth("2024-02", -3), shiftedMonth("2024-06", -24)]).toEqual([
    "2025-02",
    "2023-11",
    "2022-06",
  ]);
});

it("a month is written with two digits", () => {
  expect([monthName(2024, 1), monthName(2024, 12)]).toEqual(["2024-01", "2024-12"]);
});
