import { describe, expect, it } from "vitest";
import { type RingTruth, type SummaryInput, summarise } from "../../../../../infra/local/world/summary.js";
import { summaryText } from "../../../../../infra/local/world/summary-text.js";
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
  const hotpatch = { build: "10.0.26100.4060" };
  const truth = [
    device(0, "installed", 1, hotpatch),
    device(1, "installed", 1, { build: "10.0.26100.4061" }),
    device(1, "installed", 2, { ...hotpatch, deviceId: "behind" }),
    device(1, "failed"),
  ];
  const hotpatched = { builds: ["10.0.26100.4060"], baselineFirst: new Set(["behind", "another"]) };

  it("says how many devices had no restart, and how many one for the baseline that they had missed", () => {
    const found = summary(truth, { workload: "hotpatch", hotpatched });
    const emulatedBuilds = ["10.0.26100.4060"];
    expect(found.withoutRestart).toEqual({ devices: 1, afterBaseline: 1, installed: 3, emulatedBuilds });
    expect(summaryText(found)).toContain(
      "without a restart: 1 of 3 that installed, 1 more after a restart for the baseline they had missed (emulated hotpatches 10.0.26100.4060)",
    );
    expect(summary(truth)).not.toHaveProperty("withoutRestart");
  });
});

describe("the versions of an app", () => {
  const target = { ring: "Test", channel: "beta", target: "127.0", onTarget: 1, devices: 2 };

  it("are told ring by ring, with the one before", () => {
    const found = summary([], { versions: [{ ...target, previous: "126.0", onPrevious: 1 }] });
    expect(found.versions).toHaveLength(1);
    expect(summaryText(found)).toMatch(/^Test +beta +target 127\.0: 1 of 2, on 126\.0 before it 1$/m);
  });

  it("may have no predecessor", () => {
    const found = summary([], { versions: [{ ...target, previous: null, onPrevious: 0 }] });
    expect(summaryText(found)).toMatch(/target 127\.0: 1 of 2$/m);
  });
});

describe("the objective", () => {
  const missed = { releaseId: "2024-06-11-B-workforce", ring: "Ring1", openedAt: "2024-06-20T05:00:00.000Z" };
  const incidents = [
    { ...missed, summary: "1 of 3 devices of Ring1 have it.", closed: { because: "met" } },
    { ...missed, releaseId: "another", summary: "Not this one.", closed: null },
  ];

  it("is told with the incidents of the release", () => {
    const found = summary([], { incidents });
    expect([found.objective, found.incidents?.map(({ closed }) => closed)]).toEqual([95, ["met"]]);
    const shown = summaryText(found);
    expect(shown).toContain("(objective 95 % of Healthy devices)");
    expect(shown).toMatch(/^incident: 1 of 3 devices of Ring1 have it\. \(closed: met\)$/m);
    expect(shown).not.toContain("Not this one.");
  });

  it("is none for drivers", () => {
    const { update } = releaseView([]);
    const found = summary([], { release: releaseView([], { update: { ...update, workload: "driver" } }) });
    expect(found.objective).toBeNull();
    expect(summaryText(found)).toContain("(no objective)");
  });
});

describe("devices that were not offered the update", () => {
  const openedAt = "2024-06-11T17:00:00.000Z";
  const release = releaseView([ringView(0, { openedAt, size: 3, notOffered: 2 }), ringView(1, { notOffered: 9 })]);
  const told = (workload: SummaryInput["workload"]) => summaryText(summary([], { workload, release }));

  it("are explained in open rings where only devices themselves say that they need it", () => {
    expect(told("driver")).toMatch(/^not offered \(2\): the device has no such part, or has not been heard of$/m);
    expect(told("feature")).toMatch(/^not offered \(2\): the hardware cannot take it, or/m);
    expect(told("quality")).not.toMatch(/^not offered/m);
  });
});

it("says why signals were refused", () => {
  const found = summary([], { rejected: 2, rejectedBecause: { unknownRelease: 2 } });
  expect(summaryText(found)).toContain("signals 7, rejected 2 (unknownRelease 2); storage");
  expect(summary([])).not.toHaveProperty("rejectedBecause");
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
      { ring: "Ring0", devices: 1, installed: 1, onSloDay: null, failed: 0, rolledBack: 0, neverReports: 0 },
      { ring: "Ring1", devices: 3, installed: 0, onSloDay: null, failed: 1, rolledBack: 1, neverReports: 1 },
    ]);
    expect(summaryText(summary(truth))).toMatch(/^Ring1 .*truly installed 0 of 3, 1 never to report$/m);
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
    const found = summary(truth, { release });
    expect(found.complianceAtSlo).toBe(50);
    expect(found.truth.map(({ onSloDay }) => onSloDay)).toEqual([1, 1]);
    expect(summaryText(found)).toMatch(/^Ring0 .*truly installed 2 of 2, 1 by the service level day$/m);
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

  it("is held when the gate holds and nobody has answered", () => {
    const gate = { mode: "enforce", verdict: "hold", pausedAt: null };
    const result = summary([], { release: releaseView([], { gate }) });
    expect(result.outcome).toBe("held");
    expect(summaryText(result)).toContain("outcome held: the gate keeps it from rings that have not begun");
  });
});

it("shows people every ring, what truly happened in it and the costs", () => {
  const shown = summaryText(summary([device(0, "installed", 1), device(1, "installed", 2)]));
  expect(shown).toMatch(/^quality · 2024.06 B · nominal · 4 devices · seed 1 · gate enforce$/m);
  expect(shown).toMatch(/^Ring1 .*size +3 .*truly installed 1 of 1$/m);
  expect(shown).toContain("storage transactions 10");
});
