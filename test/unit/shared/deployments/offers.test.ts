import { describe, expect, it } from "vitest";
import { offeredBy, offerPlan } from "../../../../shared/deployments/offers.js";
import { NO_SETTINGS } from "../../../../shared/deployments/rules.js";

const DAY = 86_400_000;
const START = Date.parse("2024-11-20T06:00:00Z");
const rate = (devicesPerOffer: number, daysBetweenOffers = 1) =>
  ({ ...NO_SETTINGS, startAt: START, rollout: { kind: "rate", devicesPerOffer, daysBetweenOffers } }) as const;

describe("the offers of a deployment", () => {
  it("go to everybody at the start without a rollout", () => {
    const plan = offerPlan({ ...NO_SETTINGS, startAt: START }, 500, 0);
    expect(plan).toMatchObject({ offers: 1, devicesPerOffer: 500, lastAt: START });
    expect([offeredBy(plan, 500, START - 1), offeredBy(plan, 500, START)]).toEqual([0, 500]);
  });

  it("have so many devices each by a rate, the last one the rest", () => {
    const plan = offerPlan(rate(200, 7), 500, 0);
    expect(plan).toMatchObject({ offers: 3, lastAt: START + 14 * DAY });
    expect([0, 7, 14, 21].map((days) => offeredBy(plan, 500, START + days * DAY))).toEqual([200, 400, 500, 500]);
  });

  it("are even by an end date, and all before it", () => {
    const rollout = { kind: "date", daysBetweenOffers: 3, endAt: START + 9 * DAY } as const;
    const plan = offerPlan({ ...NO_SETTINGS, startAt: START, rollout }, 10, 0);
    expect(plan).toMatchObject({ offers: 3, devicesPerOffer: 4, lastAt: START + 6 * DAY });
    expect(offeredBy(plan, 10, rollout.endAt - 1)).toBe(10);
  });

  it("begin with the deployment where no start is set", () => {
    expect(offerPlan(NO_SETTINGS, 3, START)).toMatchObject({ firstAt: START, lastAt: START });
  });
});
