import { describe, expect, it } from "vitest";
import { indexAttributes } from "../../../../shared/attributes/columns.js";
import { hash32, uniform } from "../../../../shared/random.js";
import type { Features } from "../../../../shared/safeguards/features.js";
import { type RiskModel, riskOf } from "../../../../shared/safeguards/risk.js";
import { trainRiskModel } from "../../../../shared/safeguards/train.js";

const SIZE = 3_000;
const devices = Array.from({ length: SIZE }, (_, device) => device);
const driver = (device: number) => `driver ${Math.floor(12 * uniform("driver", device) ** 2)}`;
const disk = (device: number) => 200 * uniform("disk", device);
const features: Features = {
  index: indexAttributes(SIZE, (device) => ({
    driver: driver(device),
    ...(device % 7 === 0 ? {} : { vpn: `vpn ${hash32("vpn", device) % 4}` }),
  })),
  numbers: [
    {
      name: "freeDiskGb",
      values: Float64Array.from(devices, (device) => (device % 11 === 0 ? Number.NaN : disk(device))),
    },
  ],
};
/** Driver 5 fails at 30 %, a full disk at 15 %, everybody else at 1 %. */
const fails = (device: number) =>
  uniform("fails", device) < (driver(device) === "driver 5" ? 0.3 : disk(device) < 10 ? 0.15 : 0.01);
const failing = devices.filter(fails);
const model = trainRiskModel(features, { devices, failing }) as RiskModel;

/**
 * How far each coefficient is from where the penalised likelihood is greatest, by a Newton step: the gradient by its
 * definition, not by the trainer's code, times the variance.
 */
function distances(): Map<string, number> {
  const risk = riskOf(model, features);
  const errors = devices.map((device) => risk(device).risk - (fails(device) ? 1 : 0));
  const sum = (of: (device: number) => number) =>
    devices.reduce((total, each) => total + (errors[each] ?? 0) * of(each), 0);
  const found = new Map([["intercept", sum(() => 1) * model.intercept.variance]]);
  for (const { attribute, value, weight, variance } of model.values) {
    const column = features.index.columns.find(({ name }) => name === attribute);
    const code = column?.values.indexOf(value);
    const gradient = sum((device) => (column?.codes[device] === code ? 1 : 0)) + 2 * weight;
    found.set(`${attribute}=${value}`, gradient * variance);
  }
  return found;
}

describe("risk model", () => {
  it("is where the penalised likelihood is greatest", () => {
    for (const [name, distance] of distances()) expect(Math.abs(distance), name).toBeLessThan(0.1);
  });

  it("ranks what harms above what does not", () => {
    const weightOf = (value: string) => model.values.find((each) => each.value === value)?.weight ?? Number.NaN;
    const others = model.values.filter(({ value }) => value !== "driver 5").map(({ weight }) => weight);
    expect(weightOf("driver 5")).toBeGreaterThan(Math.max(...others) + 1.5);
    expect(model.numbers[0]?.weight).toBeLessThan(-0.2);
  });

  it("gives risks that are right on average", () => {
    const risk = riskOf(model, features);
    const expected = devices.reduce((sum, device) => sum + risk(device).risk, 0);
    expect(expected / failing.length).toBeCloseTo(1, 1);
    expect(model).toMatchObject({ method: "likely-issues/1", outcomes: SIZE, failures: failing.length });
  });

  it("does not depend on the order of the outcomes and survives JSON", () => {
    const again = trainRiskModel(features, { devices: [...devices].reverse(), failing: [...failing].reverse() });
    expect(again).toEqual(model);
    const read: RiskModel = JSON.parse(JSON.stringify(model));
    expect(riskOf(read, features)(17)).toEqual(riskOf(model, features)(17));
  });

  it("is off for fewer than 1,000 finished outcomes, and where nothing or everything failed", () => {
    const train = (count: number, failed: readonly number[]) =>
      trainRiskModel(features, { devices: devices.slice(0, count), failing: failed });
    expect(train(999, failing)).toBeUndefined();
    expect(train(1_000, failing)).toBeDefined();
    expect(train(1_000, [])).toBeUndefined();
    expect(train(1_000, devices)).toBeUndefined();
  });

  it("fits devices of another release, whose values have other places", () => {
    const fleet: Features = {
      index: indexAttributes(3, (device) => [{ driver: "driver 5" }, { driver: "unheard of" }, {}][device] ?? {}),
      numbers: [],
    };
    const risk = riskOf(model, fleet);
    expect(risk(0).risk).toBeGreaterThan(8 * risk(2).risk);
    expect(risk(1).risk).toBe(risk(2).risk);
  });

  it("is less certain of a device whose values it does not know", () => {
    const fleet: Features = {
      index: indexAttributes(2, (device) => (device === 0 ? { vpn: "unheard of" } : {})),
      numbers: [],
    };
    const risk = riskOf(model, fleet);
    expect(risk(0).lowerBound).toBeLessThan(risk(1).lowerBound);
    expect(risk(1).lowerBound).toBeLessThan(risk(1).risk);
  });
});
