import { describe, expect, it } from "vitest";
import {
  type DeviceKey,
  Ending,
  installDelay,
  isOfflineType,
  modelParameters,
  neverReports,
  outcomeOf,
  reportDelayDays,
} from "../../../../shared/model/index.js";
import { absorb, HASH_START, hash32, settle } from "../../../../shared/random.js";
import { absorbWhole, drawFleet } from "../../../../shared/what-if/draws.js";
import { FateFlag, fatesOf, NEVER, TICKS_PER_DAY } from "../../../../shared/what-if/fates.js";

const model = modelParameters();
const rings = [
  { size: 120, deadlineDays: 0 },
  { size: 0, deadlineDays: 9 },
  { size: 1_500, deadlineDays: 2 },
];
const deadlineOf = (device: number) => (device < 120 ? 0 : 2);
const draws = drawFleet(model, 7, rings, "2026.05 B");
const all = Array.from({ length: draws.size }, (_, device) => device);

describe("hash in steps", () => {
  it("is the hash of all parts", () => {
    expect(settle(absorb(absorb(absorb(HASH_START, "a"), 17), "b"))).toBe(hash32("a", 17, "b"));
    for (const n of [0, 1, 9, 10, 99, 100, 12_345, 999_999, 1_000_000, 2_000_000_001]) {
      expect(settle(absorbWhole(absorb(HASH_START, 3), n))).toBe(hash32(3, n));
    }
  });
});

describe("draws of a fleet", () => {
  it("are those of the device model, to the bit", () => {
    expect(draws.ringStarts).toEqual([0, 120, 120, 1_620]);
    for (const device of all) {
      const { days, forced } = installDelay(model, deadlineOf(device), 7, device, "2026.05 B");
      expect(draws.installDays[device]).toBe(days);
      expect(draws.forced[device]).toBe(forced ? 1 : 0);
    }
    expect(all.some((device) => isOfflineType(model, 7, device))).toBe(true);
  });

  it("differ from seed to seed and from update to update", () => {
    expect(drawFleet(model, 8, rings, "2026.05 B").installDays).not.toEqual(draws.installDays);
    expect(drawFleet(model, 7, rings, "2026.06 B").installDays).not.toEqual(draws.installDays);
    expect(drawFleet(model, 7, rings, "2026.05 B")).toEqual(draws);
  });
});

describe("fates", () => {
  const regression = { failureRate: 0.1, brickRate: 0.05 };
  const truth = (device: DeviceKey) => outcomeOf(model, 7, device, "2026.05 B", 1, regression);

  it("end as the device model says, and report when it says", () => {
    const fates = fatesOf(model, draws, { regression });
    const seen = new Set<string>();
    for (const device of all) {
      const { ending, harmed } = truth(device);
      const flags = fates.flags[device] ?? 0;
      expect((flags & FateFlag.bricked) !== 0).toBe(ending === Ending.bricked);
      expect((flags & FateFlag.failed) !== 0).toBe(ending !== Ending.installed);
      expect((flags & FateFlag.harmed) !== 0).toBe(harmed);
      const failed = ending === Ending.failed;
      const silent = ending === Ending.bricked || neverReports(model, 7, device, "2026.05 B", failed);
      const delay = reportDelayDays(model, 7, device, "2026.05 B", failed);
      const tick = Math.ceil(((draws.installDays[device] ?? 0) + delay) * TICKS_PER_DAY);
      expect(fates.reportTicks[device]).toBe(silent ? NEVER : tick);
      seen.add(`${ending} ${silent}`);
    }
    expect(seen.size).toBe(5);
  });

  it("strike only those whom the regression can strike", () => {
    const struck = Uint8Array.from(all, (device) => (device % 3 === 0 ? 1 : 0));
    const fates = fatesOf(model, draws, { regression, struck });
    const everybody = fatesOf(model, draws, { regression });
    const harmed = (of: typeof fates) => all.filter((device) => ((of.flags[device] ?? 0) & FateFlag.harmed) !== 0);
    expect(harmed(fates)).toEqual(harmed(everybody).filter((device) => device % 3 === 0));
    expect(harmed(fates).length).toBeGreaterThan(10);
  });

  it("take the month's own base rate and its slower reports", () => {
    const failures = (rate: number) =>
      all.filter((device) => (fatesOf(model, draws, { baseFailureRate: rate }).flags[device] ?? 0) !== 0).length;
    expect([failures(0), failures(1)]).toEqual([0, draws.size]);
    const late = fatesOf(model, draws, { slowdown: 2 });
    const usual = fatesOf(model, draws);
    for (const device of all.slice(0, 200)) {
      if (usual.reportTicks[device] === NEVER) continue;
      expect(late.reportTicks[device]).toBeGreaterThan(usual.reportTicks[device] ?? 0);
      expect(late.installTicks[device]).toBe(usual.installTicks[device]);
    }
  });
});
