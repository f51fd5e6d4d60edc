import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AttributeColumn } from "../../../../shared/attributes/columns.js";
import { columnsOf } from "../../../../shared/ordering/columns.js";
import { featuresOf, type Weighing } from "../../../../shared/ordering/features.js";
import { lazyGreedy } from "../../../../shared/ordering/greedy.js";
import { syntheticFleet } from "../../../support/synthetic-fleet.js";
import { fleets } from "./fleets.js";

const weighings = fc.record({
  often: fc.integer({ min: 1, max: 3 }),
  power: fc.constantFrom(0, 0.5),
  pairs: fc.constantFrom(1 / 3, 0.5),
});

/** Values and frequent pairs of every device by name, and the weight of each as gate.md §7 writes it. */
function plainFeatures(attributes: readonly AttributeColumn[], devices: number, { power, pairs }: Weighing) {
  const lists = Array.from({ length: devices }, (_, device) => {
    const values = attributes.flatMap((column) => {
      const value = column.codes[device] ?? -1;
      return value < 0 ? [] : [`${column.name}=${value}`];
    });
    return [...values, ...values.flatMap((first, n) => values.slice(n + 1).map((second) => `${first} & ${second}`))];
  });
  const counts = new Map<string, number>();
  for (const feature of lists.flat()) counts.set(feature, (counts.get(feature) ?? 0) + 1);
  const isFeature = (feature: string) => !feature.includes("&") || (counts.get(feature) ?? 0) >= 0.0005 * devices;
  const weight = (feature: string) =>
    (feature.includes("&") ? pairs : 1) * ((counts.get(feature) ?? 0) / devices) ** power;
  return { lists: lists.map((list) => list.filter(isFeature)), weight };
}

type Plain = ReturnType<typeof plainFeatures>;

function plainGain({ lists, weight }: Plain, chosen: readonly number[], device: number, often: number): number {
  const seen = chosen.flatMap((each) => lists[each] ?? []);
  const missing = (lists[device] ?? []).filter((name) => seen.filter((other) => other === name).length < often);
  return missing.reduce((sum, name) => sum + weight(name) / often, 0);
}

const f = (plain: Plain, chosen: readonly number[], often: number): number =>
  chosen.reduce((sum, device, n) => sum + plainGain(plain, chosen.slice(0, n), device, often), 0);

describe("lazy greedy", () => {
  it("chooses at every step what adds most", () => {
    fc.assert(
      fc.property(fleets(14), weighings, (fleet, weighing) => {
        const { attributes } = columnsOf(fleet);
        const plain = plainFeatures(attributes, fleet.length, weighing);
        const chosen = [...lazyGreedy(featuresOf(attributes, fleet.length, weighing), 6, weighing.often)];
        for (const [step, device] of chosen.entries()) {
          const before = chosen.slice(0, step);
          const gains = fleet.map((_, each) =>
            before.includes(each) ? -1 : plainGain(plain, before, each, weighing.often),
          );
          // Weights are rounded to 2^-30.
          expect(gains[device]).toBeGreaterThan(Math.max(...gains) - 1e-6);
        }
        const ended = chosen.length < Math.min(6, fleet.length);
        if (ended)
          expect(
            fleet.every((_, each) => chosen.includes(each) || plainGain(plain, chosen, each, weighing.often) < 1e-6),
          ).toBe(true);
      }),
    );
  });

  it("is the plain greedy over many blocks of devices, the lowest number first among equals", () => {
    const { attributes } = columnsOf(syntheticFleet(1_200, 11));
    for (const weighing of [
      { often: 1, power: 0, pairs: 1 / 3 },
      { often: 2, power: 0.5, pairs: 0.5 },
    ]) {
      const features = featuresOf(attributes, 1_200, weighing);
      expect([...lazyGreedy(features, 40, weighing.often)]).toEqual(plainGreedy(features, 40, weighing.often));
    }
  });

  it("covers at least 1 − 1/e of what the best choice of so many devices does", () => {
    fc.assert(
      fc.property(fleets(9), weighings, fc.integer({ min: 1, max: 4 }), (fleet, weighing, size) => {
        const { attributes } = columnsOf(fleet);
        const plain = plainFeatures(attributes, fleet.length, weighing);
        const chosen = [...lazyGreedy(featuresOf(attributes, fleet.length, weighing), size, weighing.often)];
        const best = Math.max(...subsets(fleet.length, size).map((choice) => f(plain, choice, weighing.often)));
        expect(f(plain, chosen, weighing.often)).toBeGreaterThanOrEqual((1 - 1 / Math.E) * best - 1e-6);
      }),
      { numRuns: 60 },
    );
  });
});

/** With the worth of the tables, but every gain of every device computed anew at every step. */
function plainGreedy({ tables, gains }: ReturnType<typeof featuresOf>, limit: number, often: number): number[] {
  const cell = (table: (typeof tables)[number], device: number) =>
    (table.first.values[device] ?? 0) * table.second.size + (table.second.values[device] ?? 0);
  const seen = tables.map(() => new Map<number, number>());
  const gainOf = (device: number) =>
    tables.reduce((sum, table, n) => {
      const at = cell(table, device);
      return sum + ((seen[n]?.get(at) ?? 0) < often ? (table.worth[at] ?? 0) : 0);
    }, 0);
  const chosen: number[] = [];
  while (chosen.length < limit) {
    let [best, most] = [-1, 0];
    for (let device = 0; device < gains.length; device++) {
      const gain = chosen.includes(device) ? 0 : gainOf(device);
      if (gain > most) [best, most] = [device, gain];
    }
    if (best < 0) break;
    chosen.push(best);
    for (const [n, table] of tables.entries()) {
      const at = cell(table, best);
      seen[n]?.set(at, (seen[n]?.get(at) ?? 0) + 1);
    }
  }
  return chosen;
}

function subsets(devices: number, size: number, from = 0): number[][] {
  if (size === 0) return [[]];
  const rest = Array.from({ length: Math.max(0, devices - from) }, (_, n) => from + n);
  const found = rest.flatMap((first) => subsets(devices, size - 1, first + 1).map((others) => [first, ...others]));
  return found.length > 0 ? found : [rest];
}
