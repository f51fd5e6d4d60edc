import { describe, expect, it } from "vitest";
import type { ReleaseSummary, WaveSummary } from "../../../../shared/ledger/index.js";
import type { Decision } from "../../../../shared/releases/decisions.js";
import { type Finished, finishedDeployment } from "../../../../shared/releases/finished.js";
import type { RingLetter } from "../../../../shared/releases/ring-inbox.js";
import type { Release, ReleaseRing } from "../../../../shared/releases/store.js";
import { pauseAt, releaseOf, ring } from "./fixtures.js";

const NOW = Date.parse("2024-07-01T00:00:00Z");

const wave = (change: Partial<WaveSummary> = {}): WaveSummary => ({
  ...{ ring: "Test", wave: 0, offeredAt: "2024-06-12T00:00:00.000Z", offered: 500, done: true },
  ...{ resolved: 400, upToDate: 399, failed: 1, rolledBack: 0, failedOnce: 2, started: 450 },
  ...{ reportAgeBins: [100, 300], returnAgeBins: [350, 50], startedSilent: [], restartPending: [] },
  ...change,
});

function finished(change: Partial<Finished> = {}, ended: Partial<Release["state"]> = {}): Finished {
  const start = releaseOf("enforce", NOW);
  const state = { ...start.state, phase: "ended", outcome: "completed", ...ended } as const;
  const waves = [wave(), wave({ wave: 1 }), wave({ ring: "Ring1", failedOnce: 0, failed: 0 })];
  return {
    release: { ...start, state },
    rings: [{ ring: "Test", state: ring("Test") } as ReleaseRing],
    summary: { waves } as unknown as ReleaseSummary,
    decisions: [],
    letters: [],
    ...change,
  };
}

const reasons = (given: Finished) => finishedDeployment(given, NOW).disturbedBy;
const decided = (by: Decision["by"], verdict: string) => [{ by, verdict } as Decision];
const told = (event: RingLetter["event"]) => [{ key: "k", event }];

describe("a finished release", () => {
  it("teaches what its waves have shown; a failure counts though a later attempt went well", () => {
    expect(finishedDeployment(finished(), NOW)).toEqual({
      releaseId: "r1",
      groupId: "workforce",
      kind: "B",
      updateId: "c1",
      updateName: "2024.06 B",
      finishedAt: NOW,
      resolved: 1_200,
      failures: 4,
      reportAgeBins: { Test: [200, 600], Ring1: [100, 300] },
      started: 1_350,
      returnAgeBins: [1_050, 150],
      disturbedBy: [],
      disturbed: false,
    });
  });

  it("teaches nothing when the gate or the monitoring rule stopped it, or would have", () => {
    expect(reasons(finished({ decisions: decided("gate", "hold") }))).toEqual(["held"]);
    expect(reasons(finished({ decisions: decided("monitoringRule", "pause") }))).toEqual(["paused"]);
    expect(reasons(finished({ letters: told({ type: "held", at: NOW }) }))).toEqual(["held"]);
    expect(reasons(finished({ decisions: decided("controller", "offer") }))).toEqual([]);
  });

  it("teaches nothing when it failed too often while the gate was off", () => {
    const { release, ...rest } = finished();
    const off = { ...release, gate: { ...release.gate, mode: "off" as const } };
    expect(reasons({ ...rest, release: off })).toEqual([]);
    const waves = [wave({ failed: 40, upToDate: 360 })];
    expect(reasons({ ...rest, release: off, summary: { waves } as unknown as ReleaseSummary })).toEqual(["held"]);
  });

  it("teaches nothing when people paused or rolled back some of it", () => {
    const pause = pauseAt(NOW);
    expect(reasons(finished({ letters: told({ type: "tenantPaused", at: NOW, pause }) }))).toEqual(["tenantPause"]);
    const paused = [{ ring: "Test", state: ring("Test", {}, pause) } as ReleaseRing];
    expect(reasons(finished({ rings: paused }))).toEqual(["tenantPause"]);
    const rollback = { requestedAt: NOW, startedAt: null };
    const rolled = [{ ring: "Test", state: { ...ring("Test"), rollback } } as ReleaseRing];
    expect(reasons(finished({ rings: rolled }))).toEqual(["rolledBack"]);
  });

  it("teaches nothing when it did not complete", () => {
    expect(reasons(finished({}, { outcome: "superseded" }))).toEqual(["notCompleted"]);
    expect(reasons(finished({}, { outcome: "rolledBack" }))).toEqual(["rolledBack", "notCompleted"]);
  });
});
