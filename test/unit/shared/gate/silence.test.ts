import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DAY_MS, HOUR_MS } from "../../../../shared/calendar/days.js";
import {
  computeSilence,
  DEFAULT_NO_RETURN,
  learnNoReturn,
  notBackBy,
  type SilenceInput,
  stretchOf,
  upperShare,
} from "../../../../shared/gate/silence.js";
import { logNormal, uniform } from "../../../../shared/random.js";

const input = (change: Partial<SilenceInput> = {}): SilenceInput => ({
  now: 5 * DAY_MS,
  started: 50,
  silent: [],
  noReturn: DEFAULT_NO_RETURN,
  control: null,
  ...change,
});

interface Weather {
  readonly bricks?: number;
  /** How much longer everybody stays away. */
  readonly slowdown?: number;
  /** How much of that the control shows; all of it by default. */
  readonly control?: number;
}

/** The strongest verdict on devices that begin within two days, looked at every second hour for ten days. */
function watch(run: number, devices: number, { bricks = 0, slowdown = 1, control }: Weather = {}) {
  const starts = Array.from({ length: devices }, (_, n) => Math.floor(48 * uniform("start", run, n)));
  const returns = starts.map((start, n) => {
    const never = uniform("brick", run, n) < bricks || uniform("never", run, n) < 0.02;
    return never ? Number.POSITIVE_INFINITY : start + 24 * logNormal(slowdown, 0.6, "back", run, n);
  });
  const gap = { usualHours: 24, currentHours: 24 * (control ?? slowdown) };
  let worst = computeSilence(input({ now: 0, started: 0 }));
  for (let hour = 2; hour <= 240; hour += 2) {
    const silent = new Int32Array(48);
    let started = 0;
    starts.forEach((start, n) => {
      if (start >= hour) return;
      started++;
      if ((returns[n] ?? 0) > hour) silent[start] = (silent[start] ?? 0) + 1;
    });
    const groups = [...silent].map((count, start) => ({ since: start * HOUR_MS, devices: count }));
    const said = computeSilence(input({ now: hour * HOUR_MS, started, silent: groups, control: gap }));
    if (said.logE > worst.logE) worst = said;
  }
  return worst;
}

const share = (runs: number, verdict: (run: number) => boolean) =>
  Array.from({ length: runs }, (_, run) => verdict(run)).filter(Boolean).length / runs;

describe("no-return curve", () => {
  it("is one at the start, falls by a constant factor within a day and is flat after the last", () => {
    const curve = Array.from({ length: 15 }, (_, day) => 1 - (day + 1) / 20);
    expect(notBackBy(curve, 0)).toBe(1);
    expect(notBackBy(curve, 36 * HOUR_MS)).toBeCloseTo(Math.sqrt(0.95 * 0.9), 12);
    expect(notBackBy(curve, 90 * DAY_MS)).toBeCloseTo(0.25, 12);
    expect(notBackBy([0, 0], DAY_MS)).toBeGreaterThan(0);
  });

  it("by default is half after a day and ends at the devices that never report", () => {
    expect(DEFAULT_NO_RETURN[0]).toBeCloseTo(0.51, 6);
    expect(DEFAULT_NO_RETURN[14]).toBeCloseTo(0.02, 4);
  });

  it("is learned from devices that came back by age, of all that began", () => {
    expect(learnNoReturn(10, [4, 3, 2])?.slice(0, 4)).toEqual([0.6, 1 - 0.7, 1 - 0.9, 1 - 0.9]);
    expect(learnNoReturn(0, [])).toBeUndefined();
  });
});

describe("evidence of silence", () => {
  it("is the product of the devices' factors, averaged over five shares", () => {
    const silent = [
      { since: 0, devices: 3 },
      { since: 3 * DAY_MS - HOUR_MS, devices: 4 },
    ];
    const s = (days: number) => Math.min(1, 1.5 * (DEFAULT_NO_RETURN[days - 1] ?? 0));
    const old = Math.min(1, 1.5 * notBackBy(DEFAULT_NO_RETURN, 5 * DAY_MS - HOUR_MS));
    const product = (b: number) => (1 - b) ** 43 * (1 - b + b / old) ** 3 * (1 - b + b / s(2)) ** 4;
    const mean = [0.01, 0.02, 0.05, 0.1, 0.2].reduce((sum, b) => sum + product(b) / 5, 0);
    expect(computeSilence(input({ silent })).e).toBeCloseTo(mean, 10);
  });

  it("says nothing before a device could have come back", () => {
    const now = 3 * HOUR_MS;
    const silent = [{ since: 0, devices: 5_000 }];
    expect(computeSilence(input({ now, started: 5_000, silent })).e).toBeLessThan(1.01);
    expect(computeSilence(input({ started: 0 })).e).toBe(1);
  });

  it("rises with every device that stays away and every hour it does, and falls with each that comes back", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.nat(40), fc.integer({ min: 1, max: 14 }), (back, away, days) => {
        const silent = [{ since: 0, devices: away }];
        const at = (now: number, started: number, groups = silent) =>
          computeSilence(input({ now, started, silent: groups })).logE;
        const now = days * DAY_MS;
        const logE = at(now, back + away);
        expect(at(now, back + away + 1)).toBeLessThan(logE);
        expect(at(now + 6 * HOUR_MS, back + away)).toBeGreaterThanOrEqual(logE - 1e-9);
        const more = [{ since: 0, devices: away + 1 }];
        if (days >= 2) expect(at(now, back + away, more)).toBeGreaterThan(logE);
      }),
    );
  });

  it("never pauses for fewer than three devices that are overdue", () => {
    const sharp = Array.from({ length: 15 }, () => 0);
    const pair = computeSilence(input({ started: 2, silent: [{ since: 0, devices: 2 }], noReturn: sharp }));
    expect(pair.e).toBeGreaterThan(100);
    expect(pair.decision).toBe("hold");
    const three = computeSilence(input({ started: 3, silent: [{ since: 0, devices: 3 }], noReturn: sharp }));
    expect(three).toMatchObject({ overdue: 3, decision: "pause" });
  });

  it("stays a number and is computed again from its record to the bit", () => {
    const silent = [{ since: 0, devices: 1e6 }];
    const said = computeSilence(input({ started: 1e6, silent }));
    expect(Number.isFinite(said.e)).toBe(true);
    expect(computeSilence(JSON.parse(JSON.stringify(said)).input)).toEqual(said);
  });
});

describe("control", () => {
  it("stretches the curve by the gap of devices that were not offered, and never shrinks it", () => {
    expect(stretchOf(null)).toBe(1);
    expect(stretchOf({ usualHours: 0, currentHours: 9 })).toBe(1);
    expect(stretchOf({ usualHours: 24, currentHours: 12 })).toBe(1);
    expect(stretchOf({ usualHours: 24, currentHours: 50 })).toBeCloseTo(2.125, 12);
  });
});

describe("false alarms", () => {
  it("hardly ever come from a healthy update, however often one looks", () => {
    expect(share(80, (run) => watch(run, 300).decision === "pause")).toBe(0);
    expect(share(150, (run) => watch(run, 50).decision !== "continue")).toBeLessThanOrEqual(0.02);
  });

  it("do not come from a holiday that keeps everybody away for twice as long", () => {
    expect(share(60, (run) => watch(run, 300, { slowdown: 2 }).decision !== "continue")).toBeLessThanOrEqual(0.02);
    // Without the control the same months would look like a disaster.
    expect(share(15, (run) => watch(run, 300, { slowdown: 2, control: 1 }).decision === "pause")).toBe(1);
  });

  it("do not hide a tenth of the devices breaking, and find it even on a holiday", () => {
    expect(share(20, (run) => watch(run, 300, { bricks: 0.1 }).decision === "pause")).toBe(1);
    expect(share(20, (run) => watch(run, 300, { bricks: 0.1, slowdown: 2 }).decision !== "continue")).toBe(1);
  });
});

describe("upper share", () => {
  it("leaves everything possible at first and falls as devices come back", () => {
    expect(upperShare(input({ started: 0 }), 0.05)).toBe(1);
    const after = [10, 50, 200, 1_000, 5_000].map((started) => upperShare(input({ started }), 0.05));
    expect(after).toEqual(after.toSorted((a, b) => b - a));
    expect(after[1]).toBeLessThan(0.12);
    expect(after[4]).toBeLessThan(0.003);
  });

  it("is above the share that breaks in nineteen deployments of twenty", () => {
    const below = share(300, (run) => {
      const silent = Array.from({ length: 200 }, (_, n) => uniform("broken", run, n) < 0.1).filter(Boolean).length;
      return upperShare(input({ started: 200, silent: [{ since: 0, devices: silent }] }), 0.05) < 0.1;
    });
    expect(below).toBeLessThanOrEqual(0.05);
  });
});
