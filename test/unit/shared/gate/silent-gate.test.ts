import { describe, expect, it } from "vitest";
import { DAY_MS, HOUR_MS } from "../../../../shared/calendar/days.js";
import { defaultArrivals } from "../../../../shared/gate/arrivals.js";
import { acceptEvidence, evaluateGate, GATE_AT_START, type GateState } from "../../../../shared/gate/gate.js";
import { computeSilence, DEFAULT_NO_RETURN } from "../../../../shared/gate/silence.js";

const NOW = 20 * DAY_MS;
const step = {
  ring: "Test",
  wave: 0,
  offered: 200,
  offeredAt: 10 * DAY_MS,
  resolved: 100,
  arrivals: defaultArrivals(0),
};

interface Given {
  readonly silent?: number;
  readonly failures?: number;
  readonly state?: GateState;
  readonly now?: number;
  readonly began?: number;
  readonly levels?: { readonly hold: number; readonly pause: number };
}

/** A hundred devices began to install, so many of them twelve days ago and not back. */
function look({ silent = 0, failures = 0, state = GATE_AT_START, now = NOW, began = 8 * DAY_MS, levels }: Given) {
  return evaluateGate({
    ...{ state, now, steps: [{ ...step, failures }], p0: 0.002, p0Variation: 0, expedited: false, askAfterHours: 48 },
    ...(levels === undefined ? {} : { levels }),
    silence: { started: 100, silent: [{ since: began, devices: silent }], noReturn: DEFAULT_NO_RETURN, control: null },
  });
}

describe("a gate that hears silence", () => {
  it("decides by the stronger of failures and silence", () => {
    const verdicts = [
      {},
      { silent: 9 },
      { silent: 12 },
      { failures: 9 },
      { silent: 9, failures: 9 },
      { silent: 12, failures: 3 },
    ];
    expect(verdicts.map((given) => look(given).decision)).toEqual([
      "continue",
      "hold",
      "pause",
      "pause",
      "pause",
      "pause",
    ]);
  });

  it("keeps what silence rests on, so that it can be computed again to the bit", () => {
    const { silence } = look({ silent: 9, levels: { hold: 3, pause: 50 } });
    const kept = JSON.parse(JSON.stringify(silence));
    expect(computeSilence(kept.input)).toEqual(kept);
    expect(kept.input.levels).toEqual({ hold: 3, pause: 50 });
  });

  it("holds and pauses at the group's own levels", () => {
    const { silence } = look({ silent: 9 });
    const e = silence?.e ?? 0;
    expect(look({ silent: 9, levels: { hold: e * 1.01, pause: 1_000 } }).decision).toBe("continue");
    expect(look({ silent: 9, levels: { hold: 2, pause: e / 1.01 } }).decision).toBe("pause");
  });

  it("asks at once, and not again for two days when the hold comes and goes", () => {
    const held = look({ silent: 9 });
    expect(held).toMatchObject({ changed: true, ask: "silence" });
    expect(look({ silent: 9, state: held.state, now: NOW + HOUR_MS }).ask).toBeNull();
    const over = look({ silent: 0, state: held.state, now: NOW + 2 * HOUR_MS });
    expect(over.decision).toBe("continue");
    const again = look({ silent: 9, state: over.state, now: NOW + 3 * HOUR_MS });
    expect(again).toMatchObject({ decision: "hold", ask: null });
    expect(look({ silent: 9, state: again.state, now: NOW + 48 * HOUR_MS }).ask).toBe("silence");
  });

  it("pays no heed to devices that a person has accepted, but to those that begin later", () => {
    const accepted = acceptEvidence(look({ silent: 12 }).state);
    expect(look({ silent: 12, state: accepted, now: NOW + HOUR_MS }).decision).toBe("continue");
    const later = look({ silent: 12, began: NOW + HOUR_MS, state: accepted, now: NOW + 13 * DAY_MS });
    expect(later).toMatchObject({ decision: "pause", silence: { input: { started: 0 } } });
  });

  it("says nothing of silence where it is not told of it", () => {
    const { silence, state } = evaluateGate({
      ...{ state: GATE_AT_START, now: NOW, steps: [{ ...step, failures: 0 }], p0: 0.002, p0Variation: 0 },
      ...{ expedited: false, askAfterHours: 48 },
    });
    expect([silence, state.silence]).toEqual([null, undefined]);
  });
});
