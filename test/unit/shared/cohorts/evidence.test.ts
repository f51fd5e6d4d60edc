import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cohortOf } from "../../../../shared/cohorts/cohort.js";
import {
  alphaOf,
  type CohortCounts,
  computeCohortEvidence,
  eBenjaminiHochberg,
  failuresNeeded,
  logCohortEvidence,
} from "../../../../shared/cohorts/evidence.js";
import { uniform } from "../../../../shared/random.js";

/** The mixture as gate.md §5 writes it, term by term. */
function plainEvidence(x: number, xa: number, share: number): number {
  const ratios = [2, 3, 5, 8, 13, 21, 34, 55, 89];
  return ratios.reduce((sum, rho) => sum + rho ** xa / (1 - share + rho * share) ** x / ratios.length, 0);
}

const counts: CohortCounts = {
  cohort: cohortOf({ attribute: "model", value: "A" }),
  devices: 1_000,
  exposed: 500,
  cohortExposed: 25,
  failures: 6,
  cohortFailures: 5,
  family: { kind: "value", release: 20_000, hypotheses: 400, favouredDevices: 80_000 },
  gateLogE: 0,
};

describe("evidence for a cohort", () => {
  it("is the mixture of the reference", () => {
    for (const [x, xa, share] of [
      [6, 5, 0.05],
      [40, 3, 0.5],
      [1, 0, 0.2],
      [3, 3, 0],
    ] as const) {
      expect(Math.exp(logCohortEvidence(x, xa, share)) / plainEvidence(x, xa, share)).toBeCloseTo(1, 10);
    }
  });

  it("stays finite where the mixture overflows", () => {
    const evidence = computeCohortEvidence({ ...counts, failures: 900, cohortFailures: 900 });
    expect(evidence.logE).toBeGreaterThan(1_000);
    expect(JSON.parse(JSON.stringify(evidence)).e).toBe(Number.MAX_VALUE);
  });

  it("grows with the failures in the cohort, shrinks with those elsewhere and with the cohort's share", () => {
    fc.assert(
      fc.property(fc.nat(50), fc.nat(50), fc.double({ min: 0.001, max: 0.9, noNaN: true }), (xa, rest, share) => {
        const logE = logCohortEvidence(xa + rest, xa, share);
        expect(logCohortEvidence(xa + rest + 1, xa + 1, share)).toBeGreaterThan(logE);
        expect(logCohortEvidence(xa + rest + 1, xa, share)).toBeLessThan(logE);
        if (xa + rest > 0) expect(logCohortEvidence(xa + rest, xa, share + 0.05)).toBeLessThan(logE);
      }),
    );
  });

  it("is a martingale: a failure that strikes devices at random leaves it as it is on average", () => {
    fc.assert(
      fc.property(fc.nat(30), fc.nat(30), fc.double({ min: 0.001, max: 0.999, noNaN: true }), (xa, rest, share) => {
        const at = (failures: number, inCohort: number) => Math.exp(logCohortEvidence(failures, inCohort, share));
        const next = share * at(xa + rest + 1, xa + 1) + (1 - share) * at(xa + rest + 1, xa);
        expect(next / at(xa + rest, xa)).toBeCloseTo(1, 8);
      }),
    );
  });

  it("passes 1 / α no more often than α when nothing is wrong, however often one looks", () => {
    const alpha = 0.05;
    let passed = 0;
    for (let run = 0; run < 2_000; run++) {
      let inCohort = 0;
      for (let failures = 1; failures <= 100; failures++) {
        if (uniform("null", run, failures) < 0.04) inCohort++;
        if (logCohortEvidence(failures, inCohort, 0.04) < -Math.log(alpha)) continue;
        passed++;
        break;
      }
    }
    expect(passed / 2_000).toBeLessThan(alpha);
    expect(passed).toBeGreaterThan(0);
  });

  it("is recomputed from its record to the bit", () => {
    const evidence = computeCohortEvidence(counts);
    const read = JSON.parse(JSON.stringify(evidence));
    expect(computeCohortEvidence(read.input)).toEqual(evidence);
    expect(evidence).toMatchObject({ cohort: "model=A", share: 0.05, method: "cohorts/3", provisional: false });
  });
});

describe("threshold", () => {
  const alpha = (change: Partial<CohortCounts>) => computeCohortEvidence({ ...counts, ...change }).alpha;

  it("shares 80 % of α among values: half equally, half by devices to cohorts of at most a tenth", () => {
    expect(alpha({})).toBeCloseTo(0.04 * (0.5 / 400 + (0.5 * 1_000) / 80_000), 12);
    expect(alpha({ devices: 2_000 })).toBeCloseTo(0.04 * (0.5 / 400 + (0.5 * 2_000) / 80_000), 12);
    expect(alpha({ devices: 2_001 })).toBeCloseTo(0.04 * (0.5 / 400), 12);
    expect(computeCohortEvidence(counts).threshold).toBeCloseTo(1 / alpha({}), 9);
  });

  it("shares 20 % of α among pairs", () => {
    expect(alpha({ family: { ...counts.family, kind: "pair" } })).toBeCloseTo(alpha({}) / 4, 12);
  });

  it("never gives out more than α in all", () => {
    const release = 10_000;
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 20, max: release }), { minLength: 1 }), (hypotheses) => {
        const favouredDevices = hypotheses.filter((devices) => devices <= release / 10).reduce((a, b) => a + b, 0);
        const family = { kind: "value", release, hypotheses: hypotheses.length, favouredDevices } as const;
        const given = hypotheses.reduce((sum, devices) => sum + alphaOf(devices, family), 0);
        expect(given).toBeLessThanOrEqual(0.04 * (1 + 1e-9));
      }),
    );
  });
});

describe("bounds and advice", () => {
  it("know how many failures it takes at least", () => {
    const logE = Math.log(100);
    const failures = failuresNeeded(logE);
    expect(logCohortEvidence(failures, failures, 0)).toBeGreaterThanOrEqual(logE);
    expect(logCohortEvidence(failures - 1, failures - 1, 0)).toBeLessThan(logE);
  });

  it("reject, by e-BH, all up to the last whose evidence times its rank reaches the threshold", () => {
    expect(eBenjaminiHochberg([])).toBe(0);
    expect(eBenjaminiHochberg([-0.1])).toBe(0);
    expect(eBenjaminiHochberg([0, -0.8])).toBe(1);
    expect(eBenjaminiHochberg([-0.2, -0.6])).toBe(2);
    expect(eBenjaminiHochberg([-0.2, -0.9, -1.0])).toBe(3);
  });
});
