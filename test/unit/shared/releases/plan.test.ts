import { describe, expect, it } from "vitest";
import { addDays, dateParts, utcDate } from "../../../../shared/calendar/days.js";
import { patchTuesday, releaseInstant } from "../../../../shared/calendar/patch-tuesday.js";
import { defaultRings } from "../../../../shared/groups/defaults.js";
import type { Cadence } from "../../../../shared/groups/ring.js";
import { forcedRestartAt, forcedRestartFromDiscovery, lateArrivalSloAt } from "../../../../shared/releases/dates.js";
import { expeditedPlan, planRings, type RingPlan } from "../../../../shared/releases/plan.js";
import { SCHEDULE } from "../calendar/schedule-2026-2027.js";

const may = patchTuesday(2026, 5);
const rings = defaultRings();
const plan = planRings({ kind: "B", publishedAt: may, rings });
const named = (plans: readonly RingPlan[], name: string): RingPlan => {
  const found = plans.find(({ ring }) => ring === name);
  if (!found) throw new Error(`no ring ${name}`);
  return found;
};
const days = (plans: readonly RingPlan[], pick: (one: RingPlan) => number | null) =>
  plans.map((one) => utcDate(pick(one) ?? Number.NaN).slice(5));

describe("ring dates of a monthly release", () => {
  it.each(SCHEDULE)("$month: offers are B plus the deferral", ({ month, offers }) => {
    const { year, month: number } = dateParts(`${month}-01`);
    const offered = planRings({ kind: "B", publishedAt: patchTuesday(year, number), rings });
    expect(offered.slice(1).map(({ availableAt }) => utcDate(availableAt))).toEqual(offers);
  });

  it("put the target at offer plus deadline and the SLO day five days later", () => {
    expect(days(plan, (one) => one.targetAt)).toEqual(["05-12", "05-15", "05-19", "05-26", "05-25"]);
    expect(days(plan, (one) => one.sloAt)).toEqual(["05-17", "05-20", "05-24", "05-31", "05-30"]);
    expect(plan.map((one) => ((one.sloAt ?? 0) - may) / 86_400_000)).toEqual([5, 8, 12, 19, 18]);
  });

  it("count days of 24 hours from the release instant, over a change of daylight saving too", () => {
    const march = releaseInstant("2027-03-09");
    expect(named(planRings({ kind: "B", publishedAt: march, rings }), "Last").availableAt).toBe(addDays(march, 10));
  });
});

describe("out of band", () => {
  const oob = planRings({ kind: "OOB", publishedAt: releaseInstant("2026-05-19"), rings });

  it("reaches rings whose date has passed the same day and the others on their planned date", () => {
    expect(days(oob, (one) => one.availableAt)).toEqual(["05-19", "05-19", "05-19", "05-21", "05-22"]);
  });

  it("counts the deadline from its own offer", () => {
    expect(days(oob, (one) => one.targetAt)).toEqual(["05-19", "05-21", "05-21", "05-26", "05-25"]);
  });

  it("is for everybody at once when the month's last ring has been offered", () => {
    const late = planRings({ kind: "OOB", publishedAt: releaseInstant("2026-05-31"), rings });
    expect(new Set(days(late, (one) => one.availableAt))).toEqual(new Set(["05-31"]));
  });
});

describe("scheduled install", () => {
  const scheduled = (cadence: Cadence) => {
    const [, ring1] = rings;
    if (!ring1) throw new Error("no Ring1");
    return planRings({ kind: "B", publishedAt: may, rings: [{ ...ring1, cadence }] })[0];
  };

  it("has neither deadline, grace period, target nor SLO day, but ends", () => {
    const monthly = scheduled({
      type: "scheduledInstall",
      install: { kind: "schedule", occurrence: "monthly", week: 1, day: 6, hour: 3 },
    });
    expect(monthly).toMatchObject({ deadlineDays: null, graceDays: null, targetAt: null, sloAt: null });
    expect(monthly?.reportEndsAt).toBe(addDays(may, 1 + 31 + 5));
  });
});

describe("expedited by the service", () => {
  const at = addDays(may, 2);

  it("offers at once with a deadline and a grace period of one day in every ring but Test", () => {
    const fast = plan.map((one) => expeditedPlan(one, at));
    expect(days(fast, (one) => one.availableAt)).toEqual(["05-12", "05-13", "05-14", "05-14", "05-14"]);
    expect(days(fast.slice(1), (one) => one.targetAt)).toEqual(["05-15", "05-15", "05-15", "05-15"]);
    expect(fast.slice(1).every(({ graceDays, deadlineDays }) => graceDays === 1 && deadlineDays === 1)).toBe(true);
    expect(fast[0]).toEqual(plan[0]);
  });
});

describe("a device", () => {
  it("that becomes active late has grace plus five days", () => {
    expect(utcDate(lateArrivalSloAt(Date.parse("2026-06-01T09:00:00Z"), 2))).toBe("2026-06-08");
  });

  it("restarts at the later of the deadline and pending restart plus grace", () => {
    const offered = named(plan, "Ring1").availableAt;
    const pending = Date.parse("2026-05-16T12:00:00Z");
    expect(forcedRestartAt(offered, 2, pending, 2)).toBe(addDays(pending, 2));
    expect(forcedRestartAt(offered, 2, offered - 86_400_000, 2)).toBe(addDays(offered, 2));
  });

  it("on Windows 11 22H2 and later counts both from the discovering scan", () => {
    expect(forcedRestartFromDiscovery(may, 2, 3)).toBe(addDays(may, 3));
    expect(forcedRestartFromDiscovery(may, 5, 3)).toBe(addDays(may, 5));
  });
});
