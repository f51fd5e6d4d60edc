import { describe, expect, test } from "vitest";
import {
  installDelay,
  isOfflineType,
  MODEL_DEFAULTS,
  modelParameters,
  policyReachHours,
} from "../../../../shared/model/index.js";

const N = 20_000;
const devices = Array.from({ length: N }, (_, index) => index);
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const active = devices.filter((device) => !isOfflineType(MODEL_DEFAULTS, 7, device));
const delays = (deadline: number, of = active) =>
  of.map((device) => installDelay(MODEL_DEFAULTS, deadline, 7, device, "KB1"));

describe("install delay", () => {
  test("a tenth of the devices is of the offline type", () => {
    expect((N - active.length) / N).toBeCloseTo(0.1, 1);
    expect(Math.abs(N - active.length - N / 10)).toBeLessThan(150);
  });

  test("an active device installs before the deadline plus half a day", () => {
    for (const { days } of delays(2)) expect(days).toBeLessThanOrEqual(2.5);
  });

  test("the wish to install is exponential with mean 0.6 D + 0.2 and cut at the limit", () => {
    const days = delays(5).map((delay) => delay.days);
    const withinTwoDays = days.filter((each) => each < 2).length / days.length;
    expect(withinTwoDays).toBeCloseTo(1 - Math.exp(-2 / 3.2), 1);
    expect(Math.abs(withinTwoDays - (1 - Math.exp(-2 / 3.2)))).toBeLessThan(0.015);
  });

  test("who waits to the limit is forced", () => {
    const forced = delays(2).filter((delay) => delay.forced);
    expect(Math.min(...forced.map(({ days }) => days))).toBeGreaterThanOrEqual(2);
    expect(Math.abs(forced.length / active.length - Math.exp(-2.25 / 1.4))).toBeLessThan(0.02);
  });

  test("a deadline below 0.75 days counts as 0.75", () => {
    expect(delays(0)).toEqual(delays(0.75));
  });

  test("an offline device comes back six days after the deadline on average", () => {
    const offline = devices.filter((device) => isOfflineType(MODEL_DEFAULTS, 7, device));
    const days = delays(2, offline).map((delay) => delay.days);
    expect(Math.min(...days)).toBeGreaterThan(2);
    expect(Math.abs(mean(days) - 8)).toBeLessThan(0.6);
  });

  test("the same seed, device and update give the same delay, another update another one", () => {
    const draw = (update: string) => installDelay(MODEL_DEFAULTS, 2, 1, "device", update);
    expect(draw("KB1")).toEqual(draw("KB1"));
    expect(draw("KB1")).not.toEqual(draw("KB2"));
  });
});

describe("propagation of a policy", () => {
  test("a change reaches devices uniformly within eight hours", () => {
    const hours = devices.map((device) => policyReachHours(MODEL_DEFAULTS, 1, device, 1_000));
    expect(Math.max(...hours)).toBeLessThan(8);
    expect(Math.abs(mean(hours) - 4)).toBeLessThan(0.1);
  });
});

describe("model parameters", () => {
  test("replaces what is given and keeps the rest", () => {
    expect(modelParameters({ baseFailureRate: 0.01 })).toEqual({ ...MODEL_DEFAULTS, baseFailureRate: 0.01 });
  });

  test.each([
    ["baseFailureRate", 1.1],
    ["baseFailureRate", -0.1],
    ["reportMedianDays", Number.NaN],
  ])("refuses %s = %d by name", (name, value) => {
    expect(() => modelParameters({ [name]: value })).toThrow(new RegExp(name));
  });
});
