import { describe, expect, it } from "vitest";
import { UNLIMITED } from "../../../../shared/gate/blast-radius.js";
import { DEFAULT_NO_RETURN } from "../../../../shared/gate/silence.js";
import { modelParameters, policyReachHours } from "../../../../shared/model/index.js";
import { drawFleet } from "../../../../shared/what-if/draws.js";
import { FateFlag, fatesOf, type Scenario, TICKS_PER_DAY } from "../../../../shared/what-if/fates.js";
import { learnMonths } from "../../../../shared/what-if/lessons.js";
import { HORIZON_DAYS, type MonthInput, runMonth } from "../../../../shared/what-if/month.js";
import { ownGate, shareOfReports, shareOfRing, timeOnly } from "../../../../shared/what-if/policies.js";
import type { GatePolicy, MonthView } from "../../../../shared/what-if/policy.js";

const model = modelParameters();
const rings = [
  { name: "Test", size: 50, offsetDays: 0, deadlineDays: 0 },
  { name: "First", size: 250, offsetDays: 1, deadlineDays: 2 },
  { name: "Broad", size: 1_700, offsetDays: 5, deadlineDays: 3 },
];
const history = { p0: 0.002, p0Variation: 0, arrivals: {}, noReturn: DEFAULT_NO_RETURN };

function month(seed: number, scenario: Scenario = {}, policy: GatePolicy = timeOnly, more: Partial<MonthInput> = {}) {
  const draws = drawFleet(model, seed, rings);
  const fates = fatesOf(model, draws, scenario);
  return { draws, fates, outcome: runMonth({ model, rings, draws, fates, history, policy, ...more }) };
}

describe("a month by the calendar", () => {
  const { draws, fates, outcome } = month(1, { regression: { failureRate: 0.05 } });

  it("offers every ring whole on its day", () => {
    expect(outcome.waves).toEqual([
      { ring: "Test", day: 0, devices: 50 },
      { ring: "First", day: 1, devices: 250 },
      { ring: "Broad", day: 5, devices: 1_700 },
    ]);
  });

  it("ends with what was drawn for the devices, one by one", () => {
    const offers = [...rings.entries()].flatMap(([, { size, offsetDays }]) => Array(size).fill(offsetDays) as number[]);
    const done = offers.map((offer, device) => offer + (draws.installDays[device] ?? 0));
    const within = done.map((at) => at <= HORIZON_DAYS);
    const count = (of: (device: number) => boolean) => done.filter((_, device) => within[device] && of(device)).length;
    expect(outcome.harmed).toBe(count((device) => ((fates.flags[device] ?? 0) & FateFlag.harmed) !== 0));
    expect(outcome.installed).toBe(count((device) => fates.flags[device] === 0));
    expect(outcome.restartsForced).toBe(count((device) => draws.forced[device] === 1));
    const sorted = done.toSorted((a, b) => a - b);
    expect(outcome.daysTo95).toBeCloseTo(sorted[0.95 * 2_000 - 1] ?? 0, 1);
    expect(outcome.daysTo90).toBeCloseTo(sorted[0.9 * 2_000 - 1] ?? 0, 1);
    const reports = [...fates.reportTicks].filter((tick, device) => {
      const at = tick + (offers[device] ?? 0) * TICKS_PER_DAY;
      return tick >= 0 && at <= HORIZON_DAYS * TICKS_PER_DAY;
    });
    expect(outcome.resolved).toBe(reports.length);
    expect(Object.values(outcome.reportAgeBins).flat()).toHaveLength(45);
    expect(outcome.returnAgeBins.reduce((sum, bin) => sum + bin, 0)).toBe(reports.length);
  });

  it("is the same for the same seed and another for another", () => {
    expect(month(1, { regression: { failureRate: 0.05 } }).outcome).toEqual(outcome);
    expect(month(2, { regression: { failureRate: 0.05 } }).outcome).not.toEqual(outcome);
  });
});

describe("counts shown to a gate", () => {
  it("agree with each other at every look", () => {
    let looks = 0;
    let last = -1;
    const watcher: GatePolicy = {
      name: "watcher",
      begin: () => (view: MonthView) => {
        looks++;
        expect(view.now - last).toBeLessThanOrEqual(6 * 3_600_000 + 1);
        last = view.now;
        const sum = (of: (step: { offered: number; resolved: number; failures: number }) => number) =>
          view.steps.reduce((total, step) => total + of(step), 0);
        expect(sum(({ offered }) => offered)).toBe(view.offered);
        expect(view.rings.reduce((total, ring) => total + ring.resolved, 0)).toBe(sum(({ resolved }) => resolved));
        expect(view.rings.reduce((total, ring) => total + ring.failures, 0)).toBe(sum(({ failures }) => failures));
        const silent = view.silent().reduce((total, { devices }) => total + devices, 0);
        expect(view.started - silent).toBe(sum(({ resolved }) => resolved));
        return { decision: "continue", allowed: 70 };
      },
    };
    const { outcome } = month(3, { regression: { brickRate: 0.02 } }, watcher);
    expect(looks).toBeGreaterThan(160);
    expect(outcome.waves.every(({ devices }) => devices <= 70)).toBe(true);
  });
});

describe("a pause", () => {
  it("spares devices that it reaches before they install", () => {
    const at = 2.5;
    const stop: GatePolicy = {
      name: "stop",
      begin: () => (view) => ({ decision: view.now >= at * 86_400_000 ? "pause" : "continue", allowed: UNLIMITED }),
    };
    const { outcome, draws, fates } = month(4, { regression: { failureRate: 1 } }, stop);
    expect(outcome.pausedAt).toBeGreaterThanOrEqual(at);
    const pause = outcome.pausedAt ?? 0;
    let harmed = 0;
    for (let device = 0; device < 300; device++) {
      const done = (device < 50 ? 0 : 1) + (draws.installDays[device] ?? 0);
      const reached = pause + policyReachHours(model, 4, device, pause * TICKS_PER_DAY) / 24;
      if (done <= reached && (fates.flags[device] ?? 0) !== 0) harmed++;
    }
    expect(outcome.harmed).toBe(harmed);
    expect(outcome).toMatchObject({ offered: 300, daysTo95: HORIZON_DAYS, finished: false });
  });
});

describe("a hold", () => {
  it("keeps rings closed, counts its days and is told when it never ends", () => {
    const hold = (until: number): GatePolicy => ({
      name: "hold",
      begin: () => (view) => {
        const holds = view.now >= 2 * 86_400_000 && view.now < until * 86_400_000;
        return holds ? { decision: "hold", allowed: 0 } : { decision: "continue", allowed: UNLIMITED };
      },
    });
    const ended = month(5, {}, hold(8)).outcome;
    expect(ended.waves.at(-1)).toMatchObject({ ring: "Broad", devices: 1_700 });
    expect(ended.waves.at(-1)?.day).toBeCloseTo(8, 0);
    expect(ended.heldDays).toBeCloseTo(6, 0);
    expect(ended.heldAtEnd).toBe(false);
    expect(month(5, {}, hold(99)).outcome).toMatchObject({ heldAtEnd: true, offered: 300, daysTo90: HORIZON_DAYS });
  });
});

describe("an order", () => {
  it("says which devices of a ring come first", () => {
    const backwards = Uint32Array.from({ length: 2_000 }, (_, place) => {
      const [from, to] = place < 50 ? [0, 50] : place < 300 ? [50, 300] : [300, 2_000];
      return from + to - 1 - place;
    });
    const first: GatePolicy = {
      name: "10",
      begin: () => (view) => ({ decision: "continue", allowed: 10 - view.offered }),
    };
    const struck = Uint8Array.from({ length: 2_000 }, (_, device) => (device >= 40 && device < 50 ? 1 : 0));
    const scenario = { regression: { failureRate: 1 }, struck, baseFailureRate: 0 };
    expect(month(6, scenario, first).outcome.harmed).toBe(0);
    expect(month(6, scenario, first, { order: backwards }).outcome.harmed).toBe(10);
  });
});

describe("a safeguard hold", () => {
  const cohort = Uint8Array.from({ length: 2_000 }, (_, device) => (device % 5 === 0 ? 1 : 0));
  const scenario = { regression: { failureRate: 0.5 }, struck: cohort };
  const seen: MonthView[] = [];
  const nobody = new Uint8Array(2_000);
  const guard = (day: number, until = HORIZON_DAYS): GatePolicy => ({
    name: "guard",
    begin: () => (view) => {
      const sum = (of: (part: { offered: number; resolved: number; failures: number }) => number) => [
        view.rings.reduce((total, part) => total + of(part), 0),
        view.steps.reduce((total, part) => total + of(part), 0),
      ];
      const silent = view.silent().reduce((total, { devices }) => total + devices, 0);
      const [resolved] = sum((part) => part.resolved);
      expect(sum((part) => part.offered)).toEqual([view.offered, view.offered]);
      expect(sum((part) => part.failures)).toEqual([view.failed.length, view.failed.length]);
      expect(view.started - silent).toBe(resolved);
      seen.push({ ...view });
      const today = view.now / 86_400_000;
      const hold = today < until ? cohort : nobody;
      return { decision: "continue", allowed: UNLIMITED, ...(today >= day ? { hold } : {}) };
    },
  });

  it("spares the cohort, leaves it out of every count and lets the rest finish", () => {
    const free = month(8, scenario).outcome;
    const { outcome } = month(8, scenario, guard(3));
    expect(outcome).toMatchObject({ held: 400, offered: 1_600, finished: true });
    expect(outcome.harmed).toBeGreaterThan(5);
    expect(outcome.harmed).toBeLessThan(0.2 * free.harmed);
    expect(seen.at(-1)?.failed.every((device) => cohort[device] === 0)).toBe(true);
    expect(outcome.waves.at(-1)).toMatchObject({ ring: "Broad", devices: 1_360 });
    expect(month(8, scenario, guard(0)).outcome.harmed).toBe(0);
  });

  it("that is over lets the devices have the update, and counts what they have reported meanwhile", () => {
    const { outcome } = month(8, scenario, guard(3, 7));
    const free = month(8, scenario).outcome;
    expect(outcome).toMatchObject({ held: 0, offered: 2_000, finished: true });
    expect([outcome.resolved, outcome.failures, outcome.started]).toEqual([free.resolved, free.failures, free.started]);
    expect(outcome.waves.filter(({ day }) => day > 5)).toEqual([
      { ring: "Broad", day: expect.closeTo(7, 1), devices: 340 },
    ]);
  });

  it("teaches nothing about healthy months", () => {
    expect(learnMonths([month(8, scenario, guard(3)).outcome])).toEqual(learnMonths([]));
  });
});

describe("gates", () => {
  it("pause beyond their share of a ring, or of the reports", () => {
    const bad = { regression: { failureRate: 0.3 } };
    expect(month(7, bad).outcome.pausedAt).toBeNull();
    const tenth = month(7, bad, shareOfRing(0.1)).outcome;
    const reports = month(7, bad, shareOfReports(0.02)).outcome;
    expect(tenth.pausedAt).not.toBeNull();
    expect(reports.pausedAt).toBeLessThan(tenth.pausedAt ?? 0);
    expect(month(7, { baseFailureRate: 0 }, shareOfReports(0.02)).outcome.pausedAt).toBeNull();
  });

  it("own: stops a bad update early and a silent one at all, and lets healthy months finish", () => {
    const gate = ownGate({ harmBound: 50 });
    for (let seed = 1; seed <= 6; seed++) {
      expect(month(seed, { regression: { failureRate: 0.1 } }, gate).outcome.harmed).toBeLessThan(40);
      const silent = month(seed, { regression: { brickRate: 0.1 } }, gate).outcome;
      expect(silent.harmed).toBeLessThan(110);
      expect(silent.finished).toBe(false);
      expect(month(seed, {}, gate).outcome).toMatchObject({ finished: true, pausedAt: null });
    }
  });
});

describe("lessons", () => {
  it("come from months that nothing disturbed", () => {
    const healthy = [1, 2, 3].map((seed) => month(seed).outcome);
    const learned = learnMonths(healthy);
    const bad = month(4, { regression: { failureRate: 0.3 } }, shareOfRing(0.1)).outcome;
    expect(learnMonths([...healthy, bad])).toEqual(learned);
    const failures = healthy.reduce((sum, one) => sum + one.failures, 0);
    const resolved = healthy.reduce((sum, one) => sum + one.resolved, 0);
    expect(learned.p0).toBeCloseTo((failures + 4) / (resolved + 2_000), 12);
    expect(learned.noReturn[0]).toBeCloseTo(0.51, 1);
    expect(learned.arrivals.Broad?.[14]).toBe(1);
    expect(learnMonths([])).toMatchObject({ p0: 0.002, noReturn: DEFAULT_NO_RETURN });
  });
});
