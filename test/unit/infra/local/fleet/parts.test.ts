import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DueCalendar, TICK_MS } from "../../../../../infra/local/fleet/calendar.js";
import { loadScenario, ringSizes, scenarioNames } from "../../../../../infra/local/fleet/index.js";
import { installWindow, nextOpen } from "../../../../../infra/local/fleet/install-schedule.js";
import { cohortOf } from "../../../../../infra/local/fleet/regression.js";
import { seedEntries } from "../../../../../infra/local/tenant/catalogue/releases.js";
import { shortName } from "../../../../../shared/calendar/names.js";
import { deviceSynthesiser } from "../../../../../shared/model/index.js";
import { DAY, HOUR, RING } from "./fake-tenant.js";

describe("ring sizes", () => {
  test("2,000 devices are Test 50, Ring1 95, Ring2 285, Ring3 1,520, Last 50", () => {
    expect(ringSizes(2_000)).toEqual([50, 95, 285, 1_520, 50]);
  });

  test("always add up, and none is more than one device off its share", () => {
    fc.assert(
      fc.property(fc.nat(100_000), (total) => {
        const sizes = ringSizes(total);
        expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(total);
        for (const [ring, whole] of [50, 95, 285, 1_520, 50].entries()) {
          expect(Math.abs((sizes[ring] ?? 0) - (whole * total) / 2_000)).toBeLessThan(1);
        }
      }),
    );
  });
});

describe("scenarios", () => {
  test("are the seven of the design, and one for each other kind of update", () => {
    const design = ["bad-driver", "bad-update", "holiday", "nominal", "oob", "silent-brick", "throttled"];
    expect(scenarioNames()).toEqual([...design, "bad-driver-update", "bad-feature"].sort());
  });

  test.each(scenarioNames())("%s is valid and bears its file's name", (name) => {
    expect(loadScenario(name).name).toBe(name);
  });

  test("take parameters of their own and of the model", () => {
    const scenario = loadScenario("bad-update", { rate: 0.02, silentShare: 0.5, baseFailureRate: 0.01 });
    expect(scenario).toMatchObject({ rate: 0.02, silentShare: 0.5, model: { baseFailureRate: 0.01 } });
  });

  test("an unknown name is refused with the known ones", () => {
    expect(() => loadScenario("nomnal")).toThrow(/'nomnal'.*nominal/);
  });

  test.each([
    [{ rate: 1.5 }, /rate/],
    [{ rat: 0.1 }, /rat\b/],
    [{ baseFailureRate: -1 }, /model\.baseFailureRate/],
  ])("a wrong parameter is named: %o", (overrides, message) => {
    expect(() => loadScenario("nominal", overrides)).toThrow(message);
  });

  test("a cohort that nothing strikes is refused, for the month would look healthy", () => {
    const cohort = { attribute: "model", minShare: 0.03, maxShare: 0.08 };
    expect(() => loadScenario("nominal", { cohort })).toThrow("strikes no device");
    expect(loadScenario("nominal", { cohort, rate: 0.2 }).cohort).toEqual(cohort);
  });

  test("the out-of-band release is in the catalogue, some days after the monthly one", () => {
    const { outOfBand, update } = loadScenario("oob");
    const entries = seedEntries().map((entry) => ({ ...entry, name: shortName(entry.date, entry.kind) }));
    const oob = entries.find(({ name, date }) => name === outOfBand?.update && date === outOfBand.date);
    const monthly = entries.find(({ name }) => name === update);
    const gap = ((oob?.publishedAt ?? 0) - (monthly?.publishedAt ?? 0)) / DAY;
    expect(gap).toBe(3);
  });

  test("a bad driver is on 3 to 8 % of the fleet, whatever the seed", () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const synthesise = deviceSynthesiser(seed);
      const fleet = Array.from({ length: 2_000 }, (_, index) => synthesise(index).attributes);
      const cohort = cohortOf(loadScenario("bad-driver"), fleet, seed);
      expect(cohort?.attribute).toBe("networkDriver");
      expect((cohort?.devices ?? 0) / 2_000).toBeGreaterThanOrEqual(0.03);
      expect((cohort?.devices ?? 0) / 2_000).toBeLessThanOrEqual(0.08);
    }
  });
  test("a cohort by an attribute that no device has is refused, not struck everywhere", () => {
    const scenario = loadScenario("bad-driver", { cohort: { attribute: "colour", minShare: 0.03, maxShare: 0.08 } });
    const fleet = [deviceSynthesiser(1)(0).attributes];
    expect(() => cohortOf(scenario, fleet, 1)).toThrow(expect.objectContaining({ field: "cohort.attribute" }));
  });
});

describe("calendar of due devices", () => {
  test("gives every device once, at the first tick at or after its time", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(20), fc.nat(100 * TICK_MS))), (puts) => {
        const calendar = new DueCalendar(21);
        for (const [device, due] of puts) calendar.put(device, due, 0);
        const expected = new Map(puts.map(([device, due]) => [device, Math.ceil(due / TICK_MS)]));
        const taken: [number, number][] = [];
        for (let tick = calendar.next(); tick !== undefined; tick = calendar.next()) {
          for (const device of calendar.take(tick)) taken.push([device, tick]);
        }
        expect(new Map(taken)).toEqual(expected);
        expect(taken.length).toBe(expected.size);
        expect(taken.map(([, tick]) => tick)).toEqual(taken.map(([, tick]) => tick).toSorted((a, b) => a - b));
      }),
    );
  });
});

describe("scheduled install", () => {
  const schedule = (weeks: string, day = "wednesday") => ({
    ...RING,
    automaticUpdateMode: "autoInstallAndRebootAtScheduledTime",
    installationSchedule: { scheduledInstallDay: day, scheduledInstallTime: "03:00:00.0000000" },
    updateWeeks: weeks,
  });
  const open = (ring: typeof RING, at: string, offsetHours = 0) => {
    const window = installWindow(ring);
    return window === undefined ? "" : new Date(nextOpen(window, Date.parse(at), offsetHours * HOUR)).toISOString();
  };

  test("a deadline-driven ring has no window", () => {
    expect(installWindow(RING)).toBeUndefined();
  });

  test("opens at its weekday and time", () => {
    expect(open(schedule("everyWeek"), "2024-06-11T17:00:00Z")).toBe("2024-06-12T03:00:00.000Z");
  });

  test("opens by local time", () => {
    expect(open(schedule("everyWeek"), "2024-06-11T17:00:00Z", -8)).toBe("2024-06-12T11:00:00.000Z");
  });

  test("opens only in the weeks of the month it names", () => {
    expect(open(schedule("firstWeek,thirdWeek"), "2024-06-11T17:00:00Z")).toBe("2024-06-19T03:00:00.000Z");
    expect(open(schedule("firstWeek"), "2024-06-11T17:00:00Z")).toBe("2024-07-03T03:00:00.000Z");
  });

  test("every day means the next one", () => {
    expect(open(schedule("everyWeek", "everyday"), "2024-06-12T04:00:00Z")).toBe("2024-06-13T03:00:00.000Z");
  });

  const hours = {
    ...RING,
    automaticUpdateMode: "autoInstallAtMaintenanceTime",
    installationSchedule: { activeHoursStart: "08:00:00.0000000", activeHoursEnd: "18:00:00.0000000" },
  };

  test("waits for the end of active hours, and not outside them", () => {
    expect(open(hours, "2024-06-12T09:30:00Z")).toBe("2024-06-12T18:00:00.000Z");
    expect(open(hours, "2024-06-12T19:30:00Z")).toBe("2024-06-12T19:30:00.000Z");
  });
});
