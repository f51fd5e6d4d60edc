import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HOUR_MS } from "../../../../shared/calendar/days.js";
import {
  decideOffers,
  type OffersInput,
  probedRings,
  type WaitingRing,
  wavesOf,
} from "../../../../shared/gate/offers.js";

const NOW = Date.parse("2024-06-16T17:00:00Z");

const ring = (name: string, size: number, over: Partial<WaitingRing> = {}): WaitingRing => ({
  ring: name,
  size,
  left: size,
  since: NOW,
  ...over,
});

describe("a probe", () => {
  const waiting = [ring("Ring1", 95), ring("Ring2", 285)];
  const rings = (...opened: string[]) => probedRings(waiting, new Set(opened)).map((one) => one.ring);

  it("goes to rings that have been offered something, and opens the second one but no third", () => {
    expect(rings("Test")).toEqual(["Ring1"]);
    expect(rings("Test", "Ring1")).toEqual(["Ring1"]);
    expect(rings("Test", "Ring2")).toEqual(["Ring2"]);
    expect(rings("Test", "Ring0")).toEqual([]);
  });
});

const input = (over: Partial<OffersInput> = {}): OffersInput => ({
  now: NOW,
  waiting: [ring("Ring2", 1_000)],
  offered: 200,
  resolved: 150,
  nEff: 160,
  failures: 0,
  pTol: 0.003,
  harmBound: 20,
  heldHours: null,
  logE: -1,
  silence: null,
  ...over,
});

describe("waves of waiting rings", () => {
  it("serve the ring whose day came first, and the next from what is left", () => {
    const waves = wavesOf([ring("Ring1", 100), ring("Ring2", 1_000)], 450, NOW);
    expect(waves).toEqual([
      { ring: "Ring1", devices: 100, last: true },
      { ring: "Ring2", devices: 350, last: false },
    ]);
  });

  it("let nobody overtake a ring that waits for devices", () => {
    expect(wavesOf([ring("Ring2", 1_000), ring("Last", 30)], 60, NOW)).toEqual([]);
  });

  it("are no wider than the ring's own waves, which hold nobody else up", () => {
    const waves = wavesOf([ring("Ring2", 1_000, { planned: 200 }), ring("Last", 50)], 600, NOW);
    expect(waves).toEqual([
      { ring: "Ring2", devices: 200, last: false },
      { ring: "Last", devices: 50, last: true },
    ]);
  });

  it("may be small once a ring has waited for a day", () => {
    const waits = (hours: number) => wavesOf([ring("Ring2", 1_000, { since: NOW - hours * HOUR_MS })], 30, NOW);
    expect([waits(23.9), waits(24)]).toEqual([[], [{ ring: "Ring2", devices: 30, last: false }]]);
  });
});

describe("a decision about offers", () => {
  it("can be computed again from its input as it is stored, to the bit", () => {
    const decision = decideOffers(input());
    expect(decideOffers(JSON.parse(JSON.stringify(decision.input)))).toEqual(decision);
    expect(decision.waves.length).toBeGreaterThan(0);
  });

  it("never offers more than the controller allows, and no ring more than it has", () => {
    const rings = fc.array(
      fc.record({
        size: fc.integer({ min: 1, max: 5_000 }),
        left: fc.nat(5_000),
        hours: fc.nat(72),
        planned: fc.nat(5_000),
      }),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(rings, fc.nat(20), fc.nat(2_000), (drawn, failures, offered) => {
        const waiting = drawn.map(({ size, left, hours, planned }, index) =>
          ring(`r${index}`, size, { left: Math.min(left, size), planned, since: NOW - hours * HOUR_MS }),
        );
        const { allowed, waves } = decideOffers(input({ waiting, failures, offered, nEff: offered / 2 }));
        expect(waves.reduce((sum, { devices }) => sum + devices, 0)).toBeLessThanOrEqual(allowed);
        for (const wave of waves) {
          const { left = 0, planned = 0 } = waiting.find((one) => one.ring === wave.ring) ?? {};
          expect(wave.devices).toBeLessThanOrEqual(Math.min(left, planned));
          expect(wave.last).toBe(wave.devices === left);
        }
      }),
    );
  });
});
