import { describe, expect, test } from "vitest";
import {
  errorCodeOf,
  MODEL_DEFAULTS,
  modelParameters,
  neverReports,
  outcomeOf,
  reportDelayDays,
  retryDelayDays,
} from "../../../../shared/model/index.js";

const N = 40_000;
const devices = Array.from({ length: N }, (_, index) => index);
const share = (holds: (device: number) => boolean) => devices.filter(holds).length / N;
const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;

describe("outcome of an attempt", () => {
  test("fails at the base rate when the update is healthy", () => {
    const failed = share((device) => outcomeOf(MODEL_DEFAULTS, 3, device, "KB1").ending === "failed");
    expect(Math.abs(failed - 0.002)).toBeLessThan(0.0008);
  });

  test("a regression adds its rate independently and is marked as harm", () => {
    const outcomes = devices.map((device) => outcomeOf(MODEL_DEFAULTS, 3, device, "KB1", 1, { failureRate: 0.1 }));
    expect(Math.abs(outcomes.filter(({ harmed }) => harmed).length / N - 0.1)).toBeLessThan(0.006);
    const byBase = outcomes.filter(({ ending, harmed }) => ending === "failed" && !harmed).length / N;
    expect(Math.abs(byBase - 0.002 * 0.9)).toBeLessThan(0.0008);
  });

  test("a regression strikes the same devices at every attempt", () => {
    const struck = (attempt: number) =>
      devices.filter((device) => outcomeOf(MODEL_DEFAULTS, 3, device, "KB1", attempt, { failureRate: 0.1 }).harmed);
    expect(struck(2)).toEqual(struck(1));
  });

  test("half of the retries end well when the update is not to blame", () => {
    const well = share((device) => outcomeOf(MODEL_DEFAULTS, 3, device, "KB1", 2).ending === "installed");
    expect(Math.abs(well - 0.5)).toBeLessThan(0.01);
  });

  test("a silent brick never comes back", () => {
    const lost = share(
      (device) => outcomeOf(MODEL_DEFAULTS, 3, device, "KB1", 1, { brickRate: 0.1 }).ending === "bricked",
    );
    expect(Math.abs(lost - 0.1)).toBeLessThan(0.006);
  });

  test("a failure has a Windows error code, a regression mostly the same one", () => {
    const codes = devices.slice(0, 1_000).map((device) => errorCodeOf(3, device, "KB1", 1, true));
    for (const code of codes) expect(code).toMatch(/^0x[0-9a-f]{8}$/);
    expect(codes.filter((code) => code === "0x800f0922").length).toBeGreaterThan(800);
  });

  test("a device gives up after the retries it is allowed", () => {
    const model = modelParameters({ retryLimit: 1, retryAfterDays: 2 });
    const wait = retryDelayDays(model, 1, 5, "KB1", 1) ?? 0;
    expect(wait).toBeGreaterThan(2);
    expect(wait).toBeLessThan(4);
    expect(retryDelayDays(model, 1, 5, "KB1", 2)).toBeUndefined();
  });
});

describe("report", () => {
  test.each([
    { failed: false, sigma: 0.6 },
    { failed: true, sigma: 0.8 },
  ])("comes after a log-normal delay with a median of one day (failed: $failed)", ({ failed, sigma }) => {
    const logs = devices.map((device) => Math.log(reportDelayDays(MODEL_DEFAULTS, 3, device, "KB1", failed)));
    expect(Math.abs(median(logs))).toBeLessThan(0.03);
    const variance = logs.reduce((sum, each) => sum + each * each, 0) / N;
    expect(Math.abs(Math.sqrt(variance) - sigma)).toBeLessThan(0.02);
  });

  test("2 % of healthy and 15 % of failing devices never report", () => {
    const never = (failed: boolean) => share((device) => neverReports(MODEL_DEFAULTS, 3, device, "KB1", failed));
    expect(Math.abs(never(false) - 0.02)).toBeLessThan(0.003);
    expect(Math.abs(never(true) - 0.15)).toBeLessThan(0.007);
  });

  test("a device that would hide a success hides a failure too", () => {
    for (const device of devices) {
      if (neverReports(MODEL_DEFAULTS, 3, device, "KB1", false)) {
        expect(neverReports(MODEL_DEFAULTS, 3, device, "KB1", true)).toBe(true);
      }
    }
  });
});
