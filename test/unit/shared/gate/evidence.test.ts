import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DAY_MS, HOUR_MS } from "../../../../shared/calendar/days.js";
import { arrivedBy, defaultArrivals, learnArrivals } from "../../../../shared/gate/arrivals.js";
import { computeEvidence, exposureOf, type GateStep, logEvidence } from "../../../../shared/gate/evidence.js";
import { MIXTURE, toleratedRate } from "../../../../shared/gate/method.js";

const linear = Array.from({ length: 15 }, (_, day) => (day + 1) / 15);
const step = (change: Partial<GateStep> = {}): GateStep => ({
  ring: "Ring1",
  wave: 0,
  offered: 1000,
  offeredAt: 0,
  resolved: 0,
  failures: 0,
  arrivals: linear,
  ...change,
});
const input = (steps: readonly GateStep[], now: number) => ({
  now,
  steps,
  p0: 0.002,
  p0Variation: 0,
  expedited: false,
  accepted: null,
});

/** The mixture as gate.md writes it, term by term. */
function plainEvidence(x: number, lambda: number): number {
  const ratios = [1.5, 2, 3, 5, 8, 13, 21, 34];
  const weights = [0.1, 0.15, 0.2, 0.2, 0.15, 0.1, 0.07, 0.03];
  return ratios.reduce((sum, rho, k) => sum + (weights[k] ?? 0) * rho ** x * Math.exp(-(rho - 1) * lambda), 0);
}

describe("tolerated rate", () => {
  it("is one and a half times p0, at least p0 plus 0.0005", () => {
    expect(toleratedRate(0.002)).toBeCloseTo(0.003, 15);
    expect(toleratedRate(0.0004)).toBeCloseTo(0.0009, 15);
    expect(toleratedRate(0)).toBe(0.0005);
  });

  it("rises to twice p0 as p0 varies by 15 to 30 % from release to release", () => {
    expect([0.15, 0.21, 0.3, 0.9].map((variation) => toleratedRate(0.002, variation).toFixed(6))).toEqual([
      "0.003000",
      "0.003400",
      "0.004000",
      "0.004000",
    ]);
  });
});

describe("exposure", () => {
  it("is what has been reported or what should have been by now, whichever is more", () => {
    expect(exposureOf(step(), 3 * DAY_MS)).toBeCloseTo(200, 9);
    expect(exposureOf(step({ resolved: 500 }), 3 * DAY_MS)).toBe(500);
    expect(exposureOf(step({ resolved: 150 }), 3 * DAY_MS)).toBeCloseTo(200, 9);
  });

  it("adds up over rings and waves of different age", () => {
    const steps = [step(), step({ offered: 300, offeredAt: 2 * DAY_MS })];
    expect(computeEvidence(input(steps, 3 * DAY_MS)).nEff).toBeCloseTo(200 + 20, 9);
  });
});

describe("arrival curve", () => {
  it("is zero at the offer, linear between its daily values and flat after the last", () => {
    expect(arrivedBy(linear, 0)).toBe(0);
    expect(arrivedBy(linear, -DAY_MS)).toBe(0);
    expect(arrivedBy([0.2, 0.6, ...linear.slice(2)], 36 * HOUR_MS)).toBeCloseTo(0.4, 12);
    expect(arrivedBy([0.2, 0.6, ...linear.slice(2)], 12 * HOUR_MS)).toBeCloseTo(0.1, 12);
    expect(arrivedBy(linear, 99 * DAY_MS)).toBe(1);
  });

  it.each([0, 2, 3, 5])("by default, with a deadline of %i days, is that of delays drawn one by one", (deadline) => {
    // The same two delays, summed over a grid of their quantiles instead of integrated.
    const z = Array.from({ length: 400 }, (_, i) => probit((i + 0.5) / 400));
    const period = Math.max(deadline, 0.75);
    const installs = z.map((q) => Math.min(Math.LN2 * (0.6 * period + 0.2) * Math.exp(q), period));
    const reports = z.map((q) => Math.exp(0.6 * q));
    const curve = defaultArrivals(deadline);
    for (const day of [1, 2, 4, 7, 15]) {
      const come = installs.reduce((sum, i) => sum + reports.filter((report) => i + report <= day).length, 0);
      expect(curve[day - 1]).toBeCloseTo(come / 160_000, 2);
    }
  });

  it("is later the later the deadline, and always rises to 1", () => {
    for (const deadline of [0, 2, 5, 14, 30]) {
      const curve = defaultArrivals(deadline);
      expect(curve).toHaveLength(15);
      expect(curve.every((value, day) => value >= (curve[day - 1] ?? 0) && value <= 1)).toBe(true);
      expect(curve.every((value, day) => value <= (defaultArrivals(deadline / 2)[day] ?? 0) + 1e-9)).toBe(true);
    }
    expect(defaultArrivals(5)[14]).toBeGreaterThan(0.999);
  });

  it("is learned as the cumulative share of reports by age", () => {
    expect(learnArrivals([1, 1, 2])?.slice(0, 4)).toEqual([0.25, 0.5, 1, 1]);
    expect(learnArrivals([0, 0])).toBeUndefined();
  });
});

describe("evidence", () => {
  it.each([
    [0, 0],
    [3, 0.6],
    [5, 1.5],
    [12, 3],
    [0, 9],
    [40, 25],
  ])("for %i failures where %f are tolerated is the mixture written out", (x, lambda) => {
    expect(Math.exp(logEvidence(x, lambda))).toBeCloseTo(
      plainEvidence(x, lambda),
      8 - Math.ceil(Math.log10(plainEvidence(x, lambda) + 1)),
    );
  });

  it("starts at 1: weights add up", () => {
    expect(MIXTURE.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1, 12);
    expect(logEvidence(0, 0)).toBeCloseTo(0, 12);
  });

  it("rises with failures and falls with exposure", () => {
    fc.assert(
      fc.property(
        fc.nat(200),
        fc.double({ min: 0, max: 100, noNaN: true }),
        fc.double({ min: 0.01, max: 20, noNaN: true }),
        (x, lambda, more) => {
          expect(logEvidence(x + 1, lambda)).toBeGreaterThan(logEvidence(x, lambda));
          expect(logEvidence(x, lambda + more)).toBeLessThan(logEvidence(x, lambda));
        },
      ),
    );
  });

  it("stays a number however bad it gets", () => {
    const worst = computeEvidence(input([step({ offered: 50_000, resolved: 50_000, failures: 50_000 })], DAY_MS));
    expect(Number.isFinite(worst.e)).toBe(true);
    expect(JSON.parse(JSON.stringify(worst))).toEqual(worst);
  });

  it("is computed again from its record to the same bits", () => {
    const some = fc.record({
      offered: fc.nat(5000),
      offeredAt: fc.nat(30 * DAY_MS),
      resolved: fc.nat(5000),
      failures: fc.nat(50),
      deadline: fc.nat(10),
    });
    fc.assert(
      fc.property(fc.array(some, { maxLength: 6 }), fc.nat(40 * DAY_MS), (parts, now) => {
        const steps = parts.map(({ deadline, ...part }) => step({ ...part, arrivals: defaultArrivals(deadline) }));
        const record = JSON.parse(JSON.stringify(computeEvidence(input(steps, now))));
        expect(computeEvidence(record.input)).toEqual(record);
      }),
    );
  });

  it("leaves out what a person has accepted", () => {
    const steps = [step({ resolved: 400, failures: 9 })];
    const rest = computeEvidence({ ...input(steps, 0), accepted: { failures: 7, exposure: 300 } });
    expect(rest.lambda).toBeCloseTo(0.003 * 100, 12);
    expect(rest.e).toBeCloseTo(plainEvidence(2, 0.3), 9);
  });
});

/** Inverse of the standard normal distribution by bisection on its integral (trapezium rule). */
function probit(p: number): number {
  let low = -6;
  let high = 6;
  for (let i = 0; i < 40; i++) {
    const middle = (low + high) / 2;
    if (normalBelow(middle) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

function normalBelow(z: number): number {
  const strips = 200;
  const width = z / strips;
  let sum = 0;
  for (let i = 0; i < strips; i++) sum += Math.exp(-(((i + 0.5) * width) ** 2) / 2) * width;
  return 0.5 + sum / Math.sqrt(2 * Math.PI);
}
