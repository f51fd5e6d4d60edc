import { describe, expect, test } from "vitest";
import { type BenchOptions, bench, DAY, HOUR, ofKind, PUBLISHED } from "./fake-tenant.js";

/** Hours from the offer until each device has seen it; devices that are always on, so that nothing else delays it. */
async function hoursToOffer(options: BenchOptions, frequency?: number): Promise<number[]> {
  const all = await bench({ size: 400, ...options });
  all.tenant.detectionFrequencyHours = frequency;
  all.tenant.changed();
  await all.run(PUBLISHED);
  all.tenant.approve();
  await all.run(PUBLISHED + 30 * DAY);
  const on = new Set(
    all.fleet.devices().flatMap(({ deviceId, pattern }) => (pattern.habit === "always" ? [deviceId] : [])),
  );
  return ofKind(all.sent, "offered")
    .filter(({ deviceId }) => on.has(deviceId))
    .map(({ at }) => (at - PUBLISHED) / HOUR);
}

describe("the scan interval of devices", () => {
  test("is four hours where the policy says so", async () => {
    const hours = await hoursToOffer({}, 4);
    expect(Math.max(...hours)).toBeLessThanOrEqual(4);
    expect(Math.max(...hours)).toBeGreaterThan(3);
  });

  test("is twenty-two hours, Windows' own, where no policy says anything", async () => {
    const hours = await hoursToOffer({});
    expect(Math.max(...hours)).toBeLessThanOrEqual(22);
    expect(Math.max(...hours)).toBeGreaterThan(16);
  });

  test("is the scenario's where no policy sets one", async () => {
    const hours = await hoursToOffer({ scenario: { model: { policyReachHours: 12 } } });
    expect(Math.max(...hours)).toBeLessThanOrEqual(12);
    expect(Math.max(...hours)).toBeGreaterThan(8);
  });
});
