import { describe, expect, it } from "vitest";
import { type RingTruth, type SummaryInput, summarise, summaryText } from "../../../../../infra/local/world/summary.js";
import { releaseView, ringView } from "./views.js";

const RELEASED = Date.parse("2024-06-11T17:00:00.000Z");
const DAY = 86_400_000;
const COSTS = {
  storageTransactions: 10,
  graphCalls: 2,
  executions: 3,
  maxHistoryEvents: 4,
  wallSeconds: 5,
  peakRssMb: 6,
};

function device(ring: number, state: RingTruth["state"], days?: number, more: Partial<RingTruth> = {}): RingTruth {
  return {
    ...{ deviceId: `${ring}-${state}-${days}`, ring, state, neverReports: false, harmed: false, reportPending: false },
    ...(days === undefined ? {} : { installedAt: RELEASED + days * DAY }),
    ...more,
  };
}

function summary(truth: readonly RingTruth[], values: Partial<SummaryInput> = {}) {
  const rings = [ringView(0, { size: 1 }), ringView(1, { size: 3 })];
  const release = releaseView(rings);
  return summarise({
    workload: "quality",
    ...{
      scenario: "nominal",
      seed: 1,
      devices: 4,
      release,
      decisions: [],
      holds: [],
      truth,
      signals: 7,
      rejected: 0,
      costs: COSTS,
    },
    ...values,
  });
}

describe("a month with emulated hotpatches", () => {
  const truth = [
    device(0, "installed", 1, { build: "10.0.26100.4060" }),
    device(1, "installed", 1, { build: "10.0.26100.4061" }),
    device(1, "failed"),
  ];

  it("says how many devices had no restart", () => {
    const found = summary(truth, { workload: "hotpatch", withoutRestart: ["10.0.26100.4060"] });
    const builds = ["10.0.26100.4060"];
    expect(found.withoutRestart).toEqual({ devices: 1, installed: 2, emulatedBuilds: builds });
    expect(summaryText(found)).toContain(
      "without a restart: 1 of 2 that installed (emulated hotpatches 10.0.26100.4060)",
    );
    expect(summary(truth)).not.toHaveProperty("withoutRestart");
  });
});

describe("what the fleet truly did", () => {
  it("is counted per ring, silent devices beside their state", () => {
    const truth = [
      device(0, "installed", 1),
      device(1, "failed", undefined, { neverReports: true }),
      device(1, "rolledBack"),
      device(1, "none"),
    ];
    expect(summary(truth).truth).toEqual([
      { ring: "Ring0", installed: 1, failed: 0, rolledBack: 0, neverReports: 0 },
      { ring: "Ring1", installed: 0, failed: 1, rolledBack: 1, neverReports: 1 },
    ]);
  });

  it("counts as harm only what the update itself broke", () => {
    const truth = [device(0, "failed", undefined, { harmed: true }), device(1, "failed")];
    expect(summary(truth).harmed).toBe(1);
  });
});

describe("days to 95 %", () => {
  const hundred = (installed: number) =>
    Array.from({ length: 100 }, (_, n) => (n < installed ? device(0, "installed", (n + 1) / 10) : device(0, "none")));

  it("end with the device that completes the 95 %", () => {
    expect(summary(hundred(97)).daysTo95).toBe(9.5);
  });

  it("are null when one device is missing", () => {
    expect(summary(hundred(94)).daysTo95).toBeNull();
  });
});

describe("compliance on the service level day", () => {
  it("counts devices that had installed by the day of their own ring, in percent", () => {
    const slo = (days: number) => new Date(RELEASED + days * DAY).toISOString();
    const release = releaseView([ringView(0, { sloAt: slo(5) }), ringView(1, { sloAt: slo(10) })]);
    const truth = [device(0, "installed", 5), device(0, "installed", 6), device(1, "installed", 6), device(1, "none")];
    expect(summary(truth, { release }).complianceAtSlo).toBe(50);
  });

  it("leaves out rings that have no such day", () => {
    const release = releaseView([ringView(0, { sloAt: new Date(RELEASED + DAY).toISOString() }), ringView(1)]);
    const truth = [device(0, "installed", 1), device(1, "none")];
    expect(summary(truth, { release }).complianceAtSlo).toBe(100);
  });
});

describe("the outcome", () => {
  it("is the release's own when it has one", () => {
    const release = releaseView([], { outcome: "completed" });
    expect(summary([], { release }).outcome).toBe("completed");
  });

  it("is paused when the gate paused and only a person can act", () => {
    const gate = { mode: "enforce", verdict: "pause", pausedAt: "2024-06-13T10:00:00.000Z" };
    const result = summary([], { release: releaseView([], { gate, needsPerson: true }) });
    expect([result.outcome, result.pausedAt]).toEqual(["paused", "2024-06-13T10:00:00.000Z"]);
  });
});

it("shows people every ring, what truly happened in it and the costs", () => {
  const shown = summaryText(summary([device(0, "installed", 1), device(1, "installed", 2)]));
  expect(shown).toMatch(/^quality · 2024.06 B · nominal · 4 devices · seed 1 · gate enforce$/m);
  expect(shown).toMatch(/^Ring1 .*size +3 .*truly installed 1$/m);
  expect(shown).toContain("storage transactions 10");
});
