import { describe, expect, it } from "vitest";
import { addDays, HOUR_MS } from "../../../../shared/calendar/days.js";
import { deviceSlo } from "../../../../shared/releases/device-slo.js";
import { B, planOf } from "./fixtures.js";

const plan = planOf("Ring2");
const offeredAt = plan.availableAt;
const reach = addDays(offeredAt, 2) + 8 * HOUR_MS;
const ringSlo = { becameActiveAt: null, sloAt: addDays(B, 12) };

describe("SLO of a device", () => {
  it("is that of its ring as long as nothing was heard of it", () => {
    expect(deviceSlo(plan, { offeredAt, firstSeenAt: null })).toEqual(ringSlo);
  });

  it("is that of its ring when it was heard of by the deadline and the hours an offer takes", () => {
    expect(deviceSlo(plan, { offeredAt, firstSeenAt: reach })).toEqual(ringSlo);
  });

  it("counts grace + 5 days from when it became active later", () => {
    expect(deviceSlo(plan, { offeredAt, firstSeenAt: reach + 1 })).toEqual({
      becameActiveAt: reach + 1,
      sloAt: addDays(reach + 1, 7),
    });
  });

  it("does not take a late offer for a late arrival", () => {
    const late = addDays(offeredAt, 10);
    expect(deviceSlo(plan, { offeredAt: late, firstSeenAt: late + HOUR_MS })).toEqual(ringSlo);
  });

  it("does not exist in a ring with scheduled install", () => {
    const cadence = { type: "scheduledInstall", install: { kind: "activeHours", startHour: 8, endHour: 17 } } as const;
    const none = { becameActiveAt: null, sloAt: null };
    expect(deviceSlo(planOf("Ring2", { cadence }), { offeredAt, firstSeenAt: addDays(B, 40) })).toEqual(none);
  });
});
