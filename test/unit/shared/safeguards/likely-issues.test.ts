import { describe, expect, it } from "vitest";
import { indexAttributes } from "../../../../shared/attributes/columns.js";
import { DAY_MS, HOUR_MS } from "../../../../shared/calendar/days.js";
import type { Features } from "../../../../shared/safeguards/features.js";
import {
  followQuiet,
  likelyIssues,
  QUIET_AT_START,
  type QuietInput,
} from "../../../../shared/safeguards/likely-issues.js";
import type { RiskModel } from "../../../../shared/safeguards/risk.js";

const logit = (p: number) => Math.log(p / (1 - p));
/** A model that knows the risk of each value exactly. */
const certain = (risks: Readonly<Record<string, number>>): RiskModel => ({
  method: "likely-issues/1",
  outcomes: 5_000,
  failures: 50,
  intercept: { weight: 0, variance: 0 },
  values: Object.entries(risks).map(([value, risk]) => ({ attribute: "app", value, weight: logit(risk), variance: 0 })),
  numbers: [],
});
const fleet = (size: number, app: (device: number) => string): Features => ({
  index: indexAttributes(size, (device) => ({ app: app(device) })),
  numbers: [],
});
const ring = (size: number) => Array.from({ length: size }, (_, device) => device);

describe("likely issues", () => {
  const features = fleet(400, (device) => (device < 4 ? "high" : device < 8 ? "middle" : "low"));
  const model = certain({ high: 0.3, middle: 0.019, low: 0.002 });

  it("are devices with a risk above 2 % and above 5 tolerated rates", () => {
    const devices = (pTol: number) => likelyIssues(model, features, ring(400), pTol).map(({ device }) => device);
    expect(devices(0.003)).toEqual([0, 1, 2, 3]);
    expect(devices(0.0599)).toEqual([0, 1, 2, 3]);
    expect(devices(0.0601)).toEqual([]);
  });

  it("are judged by the lower bound of the risk", () => {
    const unsure = {
      ...model,
      values: model.values.map((each) => (each.value === "high" ? { ...each, variance: 9 } : each)),
    };
    expect(likelyIssues(unsure, features, ring(400), 0.003)).toEqual([]);
  });

  it("are at most 5 % of the ring, the riskiest ones", () => {
    const many = fleet(100, (device) => (device % 2 === 0 ? "high" : "higher"));
    const held = likelyIssues(certain({ high: 0.3, higher: 0.4 }), many, ring(100), 0.003);
    expect(held.map(({ device }) => device)).toEqual([1, 3, 5, 7, 9]);
    expect(likelyIssues(certain({ high: 0.3, higher: 0.4 }), many, ring(19), 0.003)).toEqual([]);
  });

  it("are none without a model", () => {
    expect(likelyIssues(undefined, features, ring(400), 0.003)).toEqual([]);
  });
});

describe("release of likely issues", () => {
  const play = (inputs: readonly QuietInput[]): boolean[] => {
    let state = QUIET_AT_START;
    return inputs.map((input) => {
      const { state: next, release } = followQuiet(state, input);
      state = next;
      return release;
    });
  };
  const at = (hours: number, e: number, broadOpenedAt: number | null = 0): QuietInput => ({
    now: hours * HOUR_MS,
    logE: Math.log(e),
    broadOpenedAt,
  });

  it("comes when E has stayed below 2 for 7 days", () => {
    expect(play([at(0, 0.5), at(100, 1.9), at(167, 1), at(168, 1)])).toEqual([false, false, false, true]);
  });

  it("waits anew when E has reached 2", () => {
    expect(play([at(0, 1), at(100, 2), at(101, 1), at(168, 1), at(268, 1), at(269, 1)])).toEqual([
      false,
      false,
      false,
      false,
      false,
      true,
    ]);
  });

  it("counts no day before Broad opened", () => {
    const opened = 3 * DAY_MS;
    expect(
      play([at(0, 1, null), at(70, 1, opened), at(80, 1, opened), at(247, 1, opened), at(248, 1, opened)]),
    ).toEqual([false, false, false, false, true]);
  });
});
