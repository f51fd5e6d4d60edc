import { describe, expect, it } from "vitest";
import { HOUR_MS } from "../../../../shared/calendar/days.js";
import type { GateStep } from "../../../../shared/gate/evidence.js";
import {
  acceptEvidence,
  askDueAt,
  evaluateGate,
  GATE_AT_START,
  type GateState,
  pauseDueAt,
} from "../../../../shared/gate/gate.js";
import { learnHistory } from "../../../../shared/gate/history.js";
import { evaluateMonitoringRule } from "../../../../shared/gate/monitoring.js";
import { uniform } from "../../../../shared/random.js";
import { applyGateVerdict } from "../../../../shared/releases/release-service.js";
import { releaseAtStart } from "../../../../shared/releases/release-state.js";

const now = Date.parse("2026-05-13T00:00:00Z");

function evaluate(resolved: number, failures: number, state: GateState = GATE_AT_START, at = now, p0 = 0.002) {
  const step: GateStep = {
    ring: "Test",
    wave: 0,
    offered: resolved,
    offeredAt: at,
    resolved,
    failures,
    arrivals: Array.from({ length: 15 }, () => 1),
  };
  return evaluateGate({ now: at, steps: [step], p0, p0Variation: 0, expedited: false, state, askAfterHours: 48 });
}

describe("verdict", () => {
  it("continues below 5, holds from 5 and pauses from 100", () => {
    // With 500 reports Λ = 1.5.
    const decisions = [4, 5, 6, 7, 8].map((failures) => evaluate(500, failures));
    expect(decisions.map(({ decision }) => decision)).toEqual(["continue", "hold", "hold", "hold", "pause"]);
    expect(decisions.map(({ evidence }) => Math.round(evidence.e * 100) / 100)).toEqual([
      1.91, 5.53, 18.78, 74.36, 339.3,
    ]);
  });

  it("records what it rests on", () => {
    const { evidence } = evaluate(100, 3);
    expect(evidence).toMatchObject({
      method: "e-gate/2",
      nEff: 100,
      failures: 3,
      exposures: [100],
      input: { p0: 0.002 },
    });
    expect(evidence.pTol).toBeCloseTo(0.003, 15);
    expect(evidence.lambda).toBeCloseTo(0.3, 12);
  });
});

describe("latching", () => {
  it("keeps a pause whatever the evidence becomes", () => {
    const paused = evaluate(100, 8);
    const calmer = evaluate(50_000, 8, paused.state, now + HOUR_MS);
    expect(calmer.evidence.e).toBeLessThan(1);
    expect(calmer).toMatchObject({ decision: "pause", changed: false });
    expect(calmer.state.since).toBe(now);
  });

  it("releases a hold by itself when the evidence falls below 5", () => {
    const held = evaluate(100, 3);
    const calmer = evaluate(1000, 3, held.state, now + HOUR_MS);
    expect(calmer).toMatchObject({ decision: "continue", changed: true });
    expect(calmer.state).toMatchObject({ since: null, asked: false });
  });

  it("asks a person once a hold has lasted 48 hours, and only once", () => {
    const held = evaluate(100, 3);
    const due = now + 48 * HOUR_MS;
    expect(askDueAt(held.state, 48)).toBe(due);
    expect(evaluate(100, 3, held.state, due - 1).ask).toBeNull();
    const asked = evaluate(100, 3, held.state, due);
    expect(asked.ask).toBe("inconclusive");
    expect(evaluate(100, 3, asked.state, due + HOUR_MS).ask).toBeNull();
    expect(askDueAt(asked.state, 48)).toBeNull();
  });

  it("counts a hold anew after it was released", () => {
    const held = evaluate(100, 3);
    const released = evaluate(1000, 3, held.state, now + HOUR_MS);
    const again = evaluate(1000, 8, released.state, now + 40 * HOUR_MS);
    expect(again.decision).toBe("hold");
    expect(evaluate(1000, 8, again.state, now + 60 * HOUR_MS).ask).toBeNull();
  });

  it("goes on from a person's decision and still guards against what comes after it", () => {
    const accepted = acceptEvidence(evaluate(100, 8).state);
    expect(evaluate(100, 8, accepted).decision).toBe("continue");
    expect(evaluate(200, 16, accepted).decision).toBe("pause");
    expect(evaluate(2000, 16, accepted).decision).toBe("continue");
  });
});

describe("evidence for a pause on few failures", () => {
  const WEEK = 168 * HOUR_MS;
  /** Four failures of a hundred: E is 238. */
  const doubted = evaluate(100, 4).state;

  it("holds, and pauses with the sixth failure", () => {
    const three = evaluate(30, 3);
    expect(three.evidence.e).toBeGreaterThan(100);
    expect(three).toMatchObject({ decision: "hold", changed: true });
    const five = evaluate(30, 5, three.state, now + HOUR_MS);
    expect(five).toMatchObject({ decision: "hold", changed: false });
    expect(evaluate(30, 6, five.state, now + 2 * HOUR_MS)).toMatchObject({ decision: "pause", changed: true });
  });

  it("counts although it has become less, while it still is evidence for a hold", () => {
    const later = evaluate(1000, 8, doubted, now + HOUR_MS);
    expect(later.evidence.e).toBeLessThan(100);
    expect(later.decision).toBe("pause");
    expect(evaluate(1000, 8).decision).toBe("hold");
  });

  it("pauses after a week, however few they are, and the week goes on with every failure", () => {
    const later = evaluate(100, 5, doubted, now + 100 * HOUR_MS);
    expect(evaluate(100, 5, later.state, now + WEEK - 1).decision).toBe("hold");
    expect(evaluate(100, 5, later.state, now + WEEK)).toMatchObject({ decision: "pause", changed: true });
    const less = evaluate(150, 4, doubted, now + WEEK);
    expect(less.evidence.e).toBeLessThan(100);
    expect(less.decision).toBe("pause");
    expect(evaluate(150, 4, GATE_AT_START, now + WEEK).decision).toBe("hold");
  });

  it("is forgotten once a held cohort has taken failures away", () => {
    const rest = evaluate(98, 3, doubted, now + HOUR_MS);
    expect(rest).toMatchObject({ decision: "hold", changed: false });
    expect(pauseDueAt(rest.state)).toBeNull();
    expect(evaluate(98, 3, rest.state, now + WEEK).decision).toBe("hold");
    expect(evaluate(1000, 8, rest.state, now + 2 * HOUR_MS).decision).toBe("hold");
  });

  it("begins a new week where what a held cohort has left is evidence for a pause as well", () => {
    const rest = evaluate(30, 3, evaluate(40, 5).state, now + 100 * HOUR_MS);
    expect(rest.decision).toBe("hold");
    expect(evaluate(30, 3, rest.state, now + WEEK).decision).toBe("hold");
    expect(evaluate(30, 3, rest.state, now + 100 * HOUR_MS + WEEK).decision).toBe("pause");
  });

  it("is forgotten once it has sunk below the level of a hold", () => {
    const calm = evaluate(1000, 4, doubted, now + HOUR_MS);
    expect(calm.decision).toBe("continue");
    expect(evaluate(1000, 8, calm.state, now + 2 * HOUR_MS).decision).toBe("hold");
    expect(evaluate(1000, 8, calm.state, now + WEEK).decision).toBe("hold");
  });

  it("is forgotten once a person has accepted it, and accepted failures are none of the six", () => {
    const accepted = acceptEvidence(doubted);
    expect(pauseDueAt(accepted)).toBeNull();
    expect(evaluate(100, 4, accepted, now + WEEK).decision).toBe("continue");
    expect(evaluate(200, 9, accepted)).toMatchObject({ decision: "hold", evidence: { failures: 9 } });
    expect(evaluate(200, 10, accepted).decision).toBe("pause");
    expect(evaluate(1000, 12, accepted).decision).toBe("hold");
  });

  it("says when it pauses, as long as it holds", () => {
    expect(pauseDueAt(doubted)).toBe(now + WEEK);
    expect(pauseDueAt(evaluate(100, 5, doubted, now + HOUR_MS).state)).toBe(now + WEEK);
    expect(pauseDueAt(evaluate(100, 0).state)).toBeNull();
    expect(pauseDueAt(evaluate(100, 3).state)).toBeNull();
    expect(pauseDueAt(evaluate(100, 8, doubted).state)).toBeNull();
  });
});

/** The number of events at a mean that the draw stands for. */
function poisson(mean: number, draw: number): number {
  let count = 0;
  let term = Math.exp(-mean);
  for (let below = term; below < draw; below += term) term *= mean / ++count;
  return count;
}

describe("false alarms", () => {
  it("stay below one in a hundred at the tolerated rate, however often one looks", () => {
    const months = 1200;
    let paused = 0;
    for (let month = 0; month < months; month++) {
      let failures = 0;
      let state = GATE_AT_START;
      for (let looked = 1; looked <= 25; looked++) {
        failures += poisson(100 * 0.003, uniform("ville", month, looked));
        state = evaluate(looked * 100, failures, state).state;
      }
      if (state.decision === "pause") paused++;
    }
    expect(paused).toBeLessThanOrEqual(months / 100);
  });

  it("do not keep a ten-percent regression from being held within a hundred devices and paused within 150", () => {
    let held = 0;
    let paused = 0;
    for (let month = 0; month < 200; month++) {
      const failuresOf = (devices: number) =>
        Array.from({ length: devices }, (_, device) => uniform("bad", month, device)).filter((draw) => draw < 0.1)
          .length;
      const hundred = evaluate(100, failuresOf(100));
      if (hundred.decision !== "continue") held++;
      if (evaluate(150, failuresOf(150), hundred.state, now + HOUR_MS).decision === "pause") paused++;
    }
    expect(held).toBeGreaterThanOrEqual(195);
    expect(paused).toBeGreaterThanOrEqual(195);
  });
});

describe("gate modes", () => {
  const release = releaseAtStart({ releaseId: "r", rings: ["Test", "Last"], uninstallWindowDays: 30 });
  const types = (mode: "off" | "advise" | "enforce", failures: number) =>
    applyGateVerdict(release, evaluate(100, failures), mode).deliveries.map(({ event }) => event.type);

  it("enforce pauses and holds every open ring", () => {
    expect(types("enforce", 8)).toEqual(["servicePaused", "servicePaused"]);
    expect(types("enforce", 3)).toEqual(["held", "held"]);
    expect(types("enforce", 0)).toEqual([]);
  });

  it("advise and off touch no ring, but the verdict is remembered", () => {
    expect(types("advise", 8)).toEqual([]);
    expect(types("off", 8)).toEqual([]);
    expect(applyGateVerdict(release, evaluate(100, 8), "advise").state.gate.decision).toBe("pause");
  });

  it("releases the rings when a hold ends", () => {
    const held = evaluate(100, 3);
    const calmer = evaluate(1000, 3, held.state);
    const { deliveries } = applyGateVerdict({ ...release, gate: held.state }, calmer, "enforce");
    expect(deliveries.map(({ event }) => event.type)).toEqual(["released", "released"]);
  });
});

describe("history", () => {
  const finished = (finishedAt: number, resolved: number, failures: number, disturbed = false) => ({
    finishedAt,
    resolved,
    failures,
    disturbed,
    reportAgeBins: { Test: [resolved / 2, resolved / 2] },
  });

  it("assumes 0.002 while nothing has finished", () => {
    expect(learnHistory([])).toEqual({ p0: 0.002, p0Variation: 0, deployments: 0, arrivals: {} });
  });

  it("pools the latest six undisturbed deployments on top of 2,000 reports at the default rate", () => {
    const releases = Array.from({ length: 8 }, (_, month) => finished(month, 10_000, month < 2 ? 900 : 40));
    const learned = learnHistory([...releases, finished(99, 10_000, 900, true)]);
    expect(learned.deployments).toBe(6);
    expect(learned.p0).toBeCloseTo((240 + 4) / 62_000, 12);
    expect(learned.arrivals.Test?.slice(0, 2)).toEqual([0.5, 1]);
  });

  it("sees drift beyond what counting explains, and none where the rates are the same", () => {
    const drifting = [20, 120, 30, 110].map((failures, month) => finished(month, 20_000, failures));
    expect(learnHistory(drifting).p0Variation).toBeGreaterThan(0.4);
    const steady = [3, 5, 4, 4].map((failures, month) => finished(month, 2_000, failures));
    expect(learnHistory(steady).p0Variation).toBe(0);
  });
});

describe("monitoring rule", () => {
  const rule = { signal: "rollback", threshold: 5, action: "pauseDeployment" } as const;

  it("pauses at its threshold and not below", () => {
    expect(evaluateMonitoringRule(rule, { offered: 1000, rolledBack: 49 })).toEqual({
      triggered: false,
      percent: 4.9,
      pauseReason: null,
    });
    expect(evaluateMonitoringRule(rule, { offered: 1000, rolledBack: 50 })).toEqual({
      triggered: true,
      percent: 5,
      pauseReason: "pausedByMonitoring",
    });
  });

  it("only alerts when told to, and says nothing before the first offer", () => {
    const alert = { ...rule, action: "alertError" } as const;
    expect(evaluateMonitoringRule(alert, { offered: 10, rolledBack: 9 })).toMatchObject({
      triggered: true,
      pauseReason: null,
    });
    expect(evaluateMonitoringRule(rule, { offered: 0, rolledBack: 0 })).toMatchObject({
      triggered: false,
      percent: null,
    });
  });
});
