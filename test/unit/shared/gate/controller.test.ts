import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { blastRadius } from "../../../../shared/gate/blast-radius.js";
import { type ControllerInput, controlOffers, stakeOf, waveSize } from "../../../../shared/gate/controller.js";

const input = (change: Partial<ControllerInput> = {}): ControllerInput => ({
  ...{ offered: 550, nEff: 400, failures: 1, pTol: 0.003, harmBound: 50, resolved: 400, logE: -1, silence: null },
  heldHours: null,
  ...change,
});

const anything = fc.record({
  offered: fc.nat(1e6),
  nEff: fc.double({ min: 0, max: 1e6, noNaN: true }),
  failures: fc.nat(5_000),
  pTol: fc.double({ min: 0.0005, max: 0.05, noNaN: true }),
  harmBound: fc.double({ min: 5, max: 1_000, noNaN: true }),
  resolved: fc.nat(1e6),
  logE: fc.double({ min: -50, max: 50, noNaN: true }),
  silence: fc.option(
    fc.record({
      logE: fc.double({ min: -50, max: 50, noNaN: true }),
      upperShare: fc.double({ min: 0.001, max: 1, noNaN: true }),
    }),
  ),
  heldHours: fc.option(fc.double({ min: 0, max: 500, noNaN: true })),
});

describe("controller", () => {
  it("never offers more than the bound of gate.md allows, for failures and for silence", () => {
    fc.assert(
      fc.property(anything, (given) => {
        const nEff = Math.min(given.nEff, given.offered);
        const said = controlOffers({ ...given, nEff });
        if (given.offered === 0) return;
        expect(said.stake).toBeLessThanOrEqual(given.harmBound);
        expect(said.allowed).toBeLessThanOrEqual(blastRadius({ ...given, nEff }).allowed);
        if (given.silence === null || said.allowed === 0) return;
        const worst = given.silence.upperShare - Math.max(0.005, given.pTol);
        const atStake = given.heldHours === null ? said.stake : given.harmBound;
        expect((given.offered + said.allowed - nEff) * worst).toBeLessThanOrEqual(atStake * (1 + 1e-9));
      }),
    );
  });

  it("is bit-reproducible from its record", () => {
    fc.assert(
      fc.property(anything, (given) => {
        expect(controlOffers(JSON.parse(JSON.stringify(given)))).toEqual(controlOffers(given));
      }),
    );
  });
});

describe("a hold because of failures", () => {
  /** Two failures among the first fifty devices. */
  const two = { offered: 50, nEff: 45, failures: 2, resolved: 45, logE: Math.log(12) };

  it("offers nothing as long as reports are to come, and on its first day", () => {
    const held = (heldHours: number, nEff: number) => controlOffers(input({ ...two, nEff, heldHours }));
    expect(held(48, 30)).toMatchObject({ allowed: 0, limitedBy: "hold" });
    expect(held(23.9, 45)).toMatchObject({ allowed: 0, limitedBy: "hold" });
    expect(held(48, 32).allowed).toBe(0);
    expect(held(24, 33).allowed).toBeGreaterThan(0);
  });

  it("then probes with another pilot, as far as H allows", () => {
    const probe = (harmBound: number) => controlOffers(input({ ...two, harmBound, heldHours: 24 }));
    expect(probe(50)).toMatchObject({ allowed: 50, limitedBy: "hold" });
    expect(controlOffers(input(two)).allowed).toBeLessThan(25);
    expect(probe(8).allowed).toBeGreaterThan(0);
    expect(probe(8).allowed).toBeLessThan(50);
    expect(probe(0.1).allowed).toBe(0);
  });
});

describe("first offer", () => {
  it("is H devices, at least fifty", () => {
    const first = { offered: 0, nEff: 0, failures: 0, resolved: 0, logE: 0 };
    expect(controlOffers(input({ ...first, harmBound: 5 })).allowed).toBe(50);
    expect(controlOffers(input({ ...first, harmBound: 100 })).allowed).toBe(100);
    expect(controlOffers(input({ ...first, offered: 50, harmBound: 5 })).allowed).toBe(0);
  });
});

describe("stake", () => {
  it("is all of H for the first offer, half of it before reports, and all again after five times as many", () => {
    expect(stakeOf(input({ offered: 0, resolved: 0 }))).toBe(50);
    expect([0, 100, 125, 200, 250, 10_000].map((resolved) => stakeOf(input({ resolved })))).toEqual([
      25, 25, 25, 40, 50, 50,
    ]);
  });

  it("shrinks with evidence against the update, of failures or of silence", () => {
    expect(stakeOf(input({ logE: Math.log(4) }))).toBeCloseTo(12.5, 12);
    expect(stakeOf(input({ logE: -30 }))).toBe(50);
    expect(stakeOf(input({ silence: { logE: Math.log(10), upperShare: 0.001 } }))).toBeCloseTo(5, 12);
  });
});

describe("silence", () => {
  it("limits offers while a share of devices may not come back", () => {
    const limited = controlOffers(input({ silence: { logE: 0, upperShare: 0.08 } }));
    expect(limited.limitedBy).toBe("silence");
    expect(limited.allowed).toBe(Math.floor(50 / 0.075 + 400 - 550));
    expect(controlOffers(input({ silence: { logE: 0, upperShare: 0.005 } }))).toEqual(controlOffers(input()));
  });
});

describe("wave", () => {
  const ring = { ringSize: 1_000, left: 600, waitedHours: 2 };

  it("is as wide as allowed, and waits until it is a tenth of its ring", () => {
    expect(waveSize({ ...ring, allowed: 250 })).toBe(250);
    expect(waveSize({ ...ring, allowed: 5_000 })).toBe(600);
    expect(waveSize({ ...ring, allowed: 99 })).toBe(0);
  });

  it("may be small when it is the rest of the ring, or after a day without one", () => {
    expect(waveSize({ ...ring, left: 7, allowed: 7 })).toBe(7);
    expect(waveSize({ ...ring, left: 7, allowed: 6 })).toBe(0);
    expect(waveSize({ ...ring, allowed: 25, waitedHours: 24 })).toBe(25);
    expect(waveSize({ ...ring, allowed: 24, waitedHours: 24 })).toBe(0);
    expect(waveSize({ ...ring, left: 0, allowed: 9 })).toBe(0);
    expect(waveSize({ ringSize: 60, left: 40, allowed: 24, waitedHours: 71 })).toBe(0);
    expect(waveSize({ ringSize: 60, left: 40, allowed: 25, waitedHours: 0 })).toBe(25);
  });

  it("is of any size after three days without one, so that a very small H stalls nothing", () => {
    expect(waveSize({ ringSize: 5_000, left: 4_000, allowed: 1, waitedHours: 72 })).toBe(1);
    expect(waveSize({ ringSize: 5_000, left: 4_000, allowed: 0, waitedHours: 72 })).toBe(0);
  });
});
