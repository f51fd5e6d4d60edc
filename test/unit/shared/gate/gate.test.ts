import { describe, expect, it } from "vitest";
import { HOUR_MS } from "../../../../shared/calendar/days.js";
import type { GateStep } from "../../../../shared/gate/evidence.js";
import { acceptEvidence, askDueAt, evaluateGate, GATE_AT_START, type GateState } from "../../../../shared/gate/gate.js";
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
    // With 100 reports Λ = 0.3: E is 0.39, 1.17, 4.85, 28.75 and 237.8 for 0 to 4 failures.
    const decisions = [0, 1, 2, 3, 4].map((failures) => evaluate(100, failures));
    expect(decisions.map(({ decision }) => decision)).toEqual(["continue", "continue", "continue", "hold", "pause"]);
    expect(decisions.map(({ evidence }) => Math.round(evidence.e * 100) / 100)).toEqual([
      0.39, 1.17, 4.85, 28.75, 237.79,
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
    const paused = evaluate(100, 4);
    const calmer = evaluate(50_000, 4, paused.state, now + HOUR_MS);
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
    const accepted = acceptEvidence(evaluate(100, 4).state);
    expect(evaluate(100, 4, accepted).decision).toBe("continue");
    expect(evaluate(200, 8, accepted).decision).toBe("pause");
    expect(evaluate(2000, 8, accepted).decision).toBe("continue");
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

  it("do not keep a ten-percent regression from being caught within a hundred devices", () => {
    let caught = 0;
    for (let month = 0; month < 200; month++) {
      let failures = 0;
      for (let device = 0; device < 100; device++) if (uniform("bad", month, device) < 0.1) failures++;
      if (evaluate(100, failures).decision === "pause") caught++;
    }
    expect(caught).toBeGreaterThanOrEqual(195);
  });
});

describe("gate modes", () => {
  const release = releaseAtStart({ releaseId: "r", rings: ["Test", "Last"], uninstallWindowDays: 30 });
  const types = (mode: "off" | "advise" | "enforce", failures: number) =>
    applyGateVerdict(release, evaluate(100, failures), mode).deliveries.map(({ event }) => event.type);

  it("enforce pauses and holds every open ring", () => {
    expect(types("enforce", 4)).toEqual(["servicePaused", "servicePaused"]);
    expect(types("enforce", 3)).toEqual(["held", "held"]);
    expect(types("enforce", 0)).toEqual([]);
  });

  it("advise and off touch no ring, but the verdict is remembered", () => {
    expect(types("advise", 4)).toEqual([]);
    expect(types("off", 4)).toEqual([]);
    expect(applyGateVerdict(release, evaluate(100, 4), "advise").state.gate.decision).toBe("pause");
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
