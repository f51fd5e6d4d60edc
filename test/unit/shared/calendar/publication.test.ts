import { describe, expect, it } from "vitest";
import { iso } from "../../../../shared/calendar/days.js";
import { hotpatchMonth } from "../../../../shared/calendar/hotpatch.js";
import { catalogName, displayName, parseShortName, shortName } from "../../../../shared/calendar/names.js";
import { pacificInstant, pacificTime } from "../../../../shared/calendar/pacific.js";
import { publishedAt } from "../../../../shared/calendar/publication.js";
import { shownDeadline } from "../../../../shared/calendar/sunday.js";

describe("publication", () => {
  it("moves midnight UTC of the catalogue to 10:00 Pacific of that date", () => {
    expect(iso(publishedAt({ releaseDate: "2024-06-11T00:00:00Z" }))).toBe("2024-06-11T17:00:00.000Z");
    expect(iso(publishedAt({ releaseDate: "2024-12-10T00:00:00Z" }))).toBe("2024-12-10T18:00:00.000Z");
    expect(iso(publishedAt({ releaseDate: "2025-05-31" }))).toBe("2025-05-31T17:00:00.000Z");
  });

  it("keeps a time of day that the catalogue really knows", () => {
    expect(iso(publishedAt({ releaseDate: "2024-06-11T21:30:00Z" }))).toBe("2024-06-11T21:30:00.000Z");
  });
});

describe("Pacific time", () => {
  it("changes on the second Sunday of March and the first Sunday of November", () => {
    expect(iso(pacificInstant("2026-03-07", 10))).toBe("2026-03-07T18:00:00.000Z");
    expect(iso(pacificInstant("2026-03-08", 10))).toBe("2026-03-08T17:00:00.000Z");
    expect(iso(pacificInstant("2026-10-31", 10))).toBe("2026-10-31T17:00:00.000Z");
    expect(iso(pacificInstant("2026-11-01", 10))).toBe("2026-11-01T18:00:00.000Z");
  });

  it("finds the hours right after the change, when UTC itself is still before it", () => {
    expect(iso(pacificInstant("2026-03-08", 3))).toBe("2026-03-08T10:00:00.000Z");
    expect(iso(pacificInstant("2026-11-01", 2))).toBe("2026-11-01T10:00:00.000Z");
  });

  it("reads the date and hour in Redmond, which may be the day before", () => {
    expect(pacificTime(Date.parse("2026-05-12T06:59:00Z"))).toEqual({ date: "2026-05-11", hour: 23, weekday: 1 });
    expect(pacificTime(Date.parse("2026-03-08T09:59:59Z"))).toEqual({ date: "2026-03-08", hour: 1, weekday: 0 });
    expect(pacificTime(Date.parse("2026-03-08T10:00:00Z"))).toEqual({ date: "2026-03-08", hour: 3, weekday: 0 });
  });
});

describe("names", () => {
  it("carry the month of the release and its kind", () => {
    expect(shortName("2024-06-11", "B")).toBe("2024.06 B");
    expect(shortName("2023-10-31T00:00:00Z", "D")).toBe("2023.10 D");
    expect(shortName("2025-05-27", "OOB")).toBe("2025.05 OOB");
  });

  it("take the catalogue's forms", () => {
    expect(displayName("2026-11-10", "B")).toBe("11/10/2026 - 2026.11 B SecurityUpdate for Windows 10 and later");
    expect(catalogName("2026-11-10")).toBe("2026-11 Cumulative Update for Windows 10 and later");
  });

  it("are read back, and anything else is not taken for one", () => {
    expect(parseShortName("2025.05 OOB")).toEqual({ year: 2025, month: 5, kind: "OOB" });
    expect(parseShortName("2025.13 B")).toBeUndefined();
    expect(parseShortName("2025.05 E")).toBeUndefined();
  });
});

describe("hotpatch calendar", () => {
  it("has its baseline in January, April, July and October", () => {
    const months = Array.from({ length: 12 }, (_, index) => hotpatchMonth(2027, index + 1));
    expect(months.flatMap((kind, index) => (kind === "baseline" ? [index + 1] : []))).toEqual([1, 4, 7, 10]);
  });

  it("knows the unplanned baseline of June 2026 and takes others as data", () => {
    expect(hotpatchMonth(2026, 6)).toBe("baseline");
    expect(hotpatchMonth(2027, 8)).toBe("hotpatch");
    expect(hotpatchMonth(2027, 8, { "2027-08": "baseline" })).toBe("baseline");
    expect(hotpatchMonth(2027, 7, { "2027-07": "hotpatch" })).toBe("hotpatch");
  });
});

describe("Sunday rule", () => {
  it("shows a deadline on a Sunday on Monday, and leaves every other day alone", () => {
    const tuesday = pacificInstant("2026-05-12", 10);
    const shown = (days: number) => (shownDeadline(tuesday + days * 86_400_000) - tuesday) / 86_400_000;
    expect([5, 12, 19].map(shown)).toEqual([6, 13, 20]);
    expect([0, 3, 7, 14, 13].map(shown)).toEqual([0, 3, 7, 14, 13]);
  });

  it("judges the day in Redmond", () => {
    const lateSaturday = Date.parse("2026-05-17T06:00:00Z");
    expect(shownDeadline(lateSaturday)).toBe(lateSaturday);
  });
});
