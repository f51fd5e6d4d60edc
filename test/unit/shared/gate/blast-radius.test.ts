import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  blastRadius,
  HARM_RISK,
  harmBound,
  logGamma,
  logMixtureRatio,
  UNLIMITED,
  upperRate,
} from "../../../../shared/gate/blast-radius.js";
import { uniform } from "../../../../shared/random.js";

const P_TOL = 0.003;
const rate = fc.double({ min: 0.0005, max: 0.05, noNaN: true });
const devices = fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1e6, noNaN: true }), fc.nat(2_000));
const failures = fc.oneof(fc.nat(20), fc.nat(100_000));

describe("log-gamma", () => {
  it("is that of factorials and half-integers", () => {
    let factorial = 0;
    for (let n = 1; n <= 170; n++) {
      expect(logGamma(n)).toBeCloseTo(factorial, 10);
      factorial += Math.log(n);
    }
    expect(logGamma(0.5)).toBeCloseTo(Math.log(Math.sqrt(Math.PI)), 13);
    expect(logGamma(1e6)).toBeCloseTo(12_815_504.569147902, 5);
  });
});

describe("mixture ratio", () => {
  it.each([
    [0, 10, 0.01],
    [2, 300, 0.004],
    [7, 900.5, 0.02],
  ])("for %i failures among %f is the integral of the likelihood over the gamma prior", (x, n, p) => {
    // Prior Gamma(½, rate ½/p_tol); q = u² takes the pole at 0 away.
    const b = 0.5 / P_TOL;
    const strips = 200_000;
    const width = 1 / strips;
    let integral = 0;
    for (let i = 0; i < strips; i++) {
      const u = (i + 0.5) * width;
      const q = u * u;
      integral += 2 * Math.sqrt(b / Math.PI) * Math.exp(-b * q) * q ** x * Math.exp(-q * n) * width;
    }
    const ratio = integral / (p ** x * Math.exp(-p * n));
    expect(Math.exp(logMixtureRatio(p, { failures: x, nEff: n, pTol: P_TOL })) / ratio).toBeCloseTo(1, 6);
  });

  it("reaches 1/β at the upper rate, is below it down to the observed rate and above it beyond", () => {
    fc.assert(
      fc.property(failures, devices, rate, (x, n, pTol) => {
        const exposure = { failures: x, nEff: n, pTol };
        const ucb = upperRate(exposure);
        fc.pre(ucb < 1);
        const limit = -Math.log(HARM_RISK);
        expect(logMixtureRatio(ucb, exposure)).toBeCloseTo(limit, 4);
        expect(logMixtureRatio((ucb + x / n) / 2, exposure)).toBeLessThan(limit + 1e-6);
        expect(logMixtureRatio(Math.min(1, ucb * 1.01), exposure)).toBeGreaterThanOrEqual(limit - 1e-6);
      }),
    );
  });
});

describe("upper rate", () => {
  it("leaves everything possible before anything was heard", () => {
    expect(upperRate({ failures: 0, nEff: 0, pTol: P_TOL })).toBe(1);
    expect(upperRate({ failures: 1, nEff: 0, pTol: P_TOL })).toBe(1);
    expect(upperRate({ failures: 50, nEff: 50, pTol: P_TOL })).toBe(1);
  });

  it("is at least the observed rate, and close to it after a million devices", () => {
    expect(upperRate({ failures: 2_000, nEff: 1e6, pTol: P_TOL })).toBeGreaterThan(0.002);
    expect(upperRate({ failures: 2_000, nEff: 1e6, pTol: P_TOL })).toBeLessThan(0.0022);
    // ln M(p) = ln 20 where p·n = ln 20 + ½·ln(1 + n/b)
    expect(upperRate({ failures: 0, nEff: 1000, pTol: P_TOL })).toBeCloseTo(
      (Math.log(20) + 0.5 * Math.log1p(6)) / 1000,
      12,
    );
  });

  it("rises with failures and falls with exposure", () => {
    fc.assert(
      fc.property(failures, devices, rate, fc.double({ min: 0.5, max: 1e5, noNaN: true }), (x, n, pTol, more) => {
        const ucb = upperRate({ failures: x, nEff: n, pTol });
        expect(ucb).toBeGreaterThan(0);
        expect(ucb).toBeLessThanOrEqual(1);
        expect(upperRate({ failures: x + 1, nEff: n, pTol })).toBeGreaterThanOrEqual(ucb - 1e-12);
        expect(upperRate({ failures: x, nEff: n + more, pTol })).toBeLessThanOrEqual(ucb + 1e-12);
        if (ucb < 1) {
          expect(upperRate({ failures: x + 1, nEff: n, pTol })).toBeGreaterThan(ucb);
          expect(upperRate({ failures: x, nEff: n + more, pTol })).toBeLessThan(ucb);
        }
      }),
    );
  });

  it("covers the true rate at every look of nineteen deployments in twenty", () => {
    const deployments = 400;
    let left = 0;
    for (let run = 0; run < deployments; run++) {
      let x = 0;
      for (let n = 1; n <= 3_000; n++) {
        if (uniform("coverage", run, n) < 0.004) x++;
        if (n % 25 === 0 && upperRate({ failures: x, nEff: n, pTol: P_TOL }) < 0.004) {
          left++;
          break;
        }
      }
    }
    expect(left).toBeLessThanOrEqual(0.05 * deployments);
  });
});

describe("harm bound", () => {
  it("is a thousandth of the fleet, at least twenty, four times as much when expedited", () => {
    expect([0, 2_000, 50_000].map((fleet) => harmBound(fleet))).toEqual([20, 20, 50]);
    expect([2_000, 50_000].map((fleet) => harmBound(fleet, true))).toEqual([80, 200]);
  });
});

describe("controller", () => {
  const bound = fc.double({ min: 1, max: 1_000, noNaN: true });

  it("never offers beyond its bound, and always as much as it leaves", () => {
    fc.assert(
      fc.property(fc.nat(1e6), devices, failures, rate, bound, (offered, n, x, pTol, H) => {
        const nEff = Math.min(n, offered);
        const { ucb, allowed } = blastRadius({ offered, nEff, failures: x, pTol, harmBound: H });
        expect(Number.isSafeInteger(allowed) && allowed >= 0).toBe(true);
        if (allowed === UNLIMITED) return;
        const atRisk = (more: number) => (offered + more - nEff) * (ucb - pTol);
        if (allowed > 0) expect(atRisk(allowed)).toBeLessThanOrEqual(H);
        expect(atRisk(allowed + 2)).toBeGreaterThan(H);
      }),
    );
  });

  it("starts with H devices and opens as wide as the evidence allows", () => {
    const allowed = (offered: number, nEff: number, x: number) =>
      blastRadius({ offered, nEff, failures: x, pTol: P_TOL, harmBound: 50 }).allowed;
    expect(allowed(0, 0, 0)).toBe(50);
    expect(allowed(50, 0, 0)).toBe(0);
    expect(allowed(50, 45, 0)).toBeGreaterThan(500);
    expect(allowed(50, 45, 3)).toBeLessThan(allowed(50, 45, 0));
    expect(allowed(550, 500, 25)).toBeLessThan(allowed(550, 500, 1));
    expect(allowed(50_000, 50_000, 60)).toBe(UNLIMITED);
  });

  it("says the same to the bit when it is computed again from its record", () => {
    fc.assert(
      fc.property(fc.nat(1e6), devices, failures, rate, bound, (offered, nEff, x, pTol, H) => {
        const input = { offered, nEff, failures: x, pTol, harmBound: H };
        const said = blastRadius(input);
        expect(JSON.parse(JSON.stringify(said))).toEqual(said);
        expect(blastRadius(JSON.parse(JSON.stringify(input)))).toEqual(said);
      }),
    );
  });
});
