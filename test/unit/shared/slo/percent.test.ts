import { describe, expect, it } from "vitest";
import { compliance, percentOf } from "../../../../shared/slo/percent.js";

describe("service level", () => {
  it("is missed at 94.9 % and met at 95.0 %", () => {
    expect(compliance(949, 1000)).toEqual({ upToDate: 949, denominator: 1000, percent: 94.9, met: false });
    expect(compliance(950, 1000)).toMatchObject({ percent: 95, met: true });
  });

  it("never shows as met when it is not", () => {
    expect(compliance(94_999, 100_000)).toMatchObject({ percent: 94.9, met: false });
  });

  it("leaves out devices that are not ready, and is no incident when none is left", () => {
    expect(compliance(95, 110, { notReady: 10 })).toMatchObject({ denominator: 100, met: true });
    expect(compliance(0, 3, { notReady: 3 })).toMatchObject({ percent: null, met: true });
    expect(percentOf(1, 0)).toBeNull();
  });
});
