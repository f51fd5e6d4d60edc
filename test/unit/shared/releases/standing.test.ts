import { describe, expect, it } from "vitest";
import { addDays, DAY_MS, HOUR_MS } from "../../../../shared/calendar/days.js";
import { computeCohortEvidence } from "../../../../shared/cohorts/evidence.js";
import { edgeUpdateOf } from "../../../../shared/edge/update.js";
import { defaultArrivals } from "../../../../shared/gate/arrivals.js";
import { learnHistory } from "../../../../shared/gate/history.js";
import { defaultGroup } from "../../../../shared/groups/defaults.js";
import { officeUpdateOf } from "../../../../shared/microsoft-365-apps/update.js";
import { advanceRelease } from "../../../../shared/releases/advance.js";
import { isComplete } from "../../../../shared/releases/completion.js";
import { newRelease, newRings } from "../../../../shared/releases/create.js";
import { withExamination } from "../../../../shared/releases/examination.js";
import { holdsInForce, unsettledHolds } from "../../../../shared/releases/holds.js";
import type { ReleaseNews } from "../../../../shared/releases/news.js";
import { tenantPause } from "../../../../shared/releases/pauses.js";
import { ringStep } from "../../../../shared/releases/ring-step.js";
import { releaseView } from "../../../../shared/releases/view.js";
import { refuseInWorkload } from "../../../../shared/releases/workload-refusals.js";
import { Workload, type WorkloadUpdate } from "../../../../shared/updates/update.js";
import { counts, withEvents } from "./fixtures.js";

const FIRST = Date.parse("2024-10-07T00:00:00Z");
const definition = defaultGroup("Workforce");
const bindings = Object.fromEntries(definition.rings.map(({ name }) => [name, { entraGroupId: `g-${name}` }]));
const group = { id: "workforce", definition, status: "active", bindings } as const;
const NO_NEWS: ReleaseNews = {
  ...{ commands: [], rings: [], steps: [], begun: { started: 0, silent: [] }, checkIns: null, offers: [] },
  ...{ offered: 0, rolledBack: 0 },
};
const update: WorkloadUpdate = {
  workload: Workload.feature,
  ...{ catalogEntryId: "autumn", shortName: "Windows 11, version 24H2", displayName: "Autumn" },
  releaseDate: new Date(FIRST).toISOString(),
  revisions: [
    { product: "Windows 11", version: "24H2", build: "10.0.26100", kb: "Windows 11, version 24H2", isHotpatch: false },
  ],
  opens: { Test: { at: FIRST }, Ring1: { at: addDays(FIRST, 7), spreadDays: 7 } },
};
const release = {
  ...newRelease({ id: "r1", group, update, others: [], history: learnHistory([]), now: FIRST }),
  prepared: true,
};
const [test, ring1] = newRings(release, group).map(({ state }) => state);
if (test === undefined || ring1 === undefined) throw new Error("The release has no rings.");

describe("a release over a standing policy", () => {
  it("has the rings that the update opens, with the deadline and grace period of feature updates", () => {
    expect(release.state.rings.map(({ ring }) => ring)).toEqual(["Test", "Ring1"]);
    const { availableAt, deadlineDays, graceDays, targetAt, sloAt } = ring1.plan;
    expect([availableAt, deadlineDays, graceDays]).toEqual([addDays(FIRST, 7), 5, 2]);
    // Seven days of spread, then 5 + 2, then the five reporting days.
    expect([targetAt, sloAt]).toEqual([addDays(FIRST, 21), addDays(FIRST, 26)]);
  });

  it("grants no waves and keeps no likely issues back", () => {
    expect(release.gate).toMatchObject({ mode: "enforce", offers: "planned", likelyIssues: false });
    expect(ring1.grants).toBeNull();
  });

  it("stops the policy on the ring's day while the gate holds, and lets it go on after", () => {
    const held = withEvents(ring1, { type: "held", at: FIRST });
    expect(ringStep(held, addDays(FIRST, 6))).toMatchObject({ kind: "wait", until: addDays(FIRST, 7) });
    expect(ringStep(held, addDays(FIRST, 7))).toEqual({ kind: "suspend" });
    const stopped = withEvents(held, { type: "suspended", at: addDays(FIRST, 7) });
    expect(ringStep(stopped, addDays(FIRST, 8))).toMatchObject({ kind: "wait", reason: "gate" });
    const freed = withEvents(stopped, { type: "released", at: addDays(FIRST, 9) });
    expect(ringStep(freed, addDays(FIRST, 9))).toEqual({ kind: "approve" });
    const approved = withEvents(freed, { type: "approved", at: addDays(FIRST, 9) });
    expect(ringStep(approved, addDays(FIRST, 9))).toMatchObject({ kind: "openWave", wave: 0, last: true });
  });

  it.each([
    ["the service", { type: "servicePaused", at: FIRST, pause: { since: FIRST, reason: "evidence" } }, null],
    ["a person", { type: "tenantPaused", at: FIRST, pause: tenantPause({ by: "Ada" }, FIRST) }, addDays(FIRST, 35)],
  ] as const)("stops the policy on the ring's day while %s pauses the release", (_who, pause, until) => {
    const paused = withEvents(ring1, pause);
    expect(ringStep(paused, addDays(FIRST, 6))).toMatchObject({ kind: "wait", until: addDays(FIRST, 7) });
    expect(ringStep(paused, addDays(FIRST, 7))).toEqual({ kind: "suspend" });
    const stopped = withEvents(paused, { type: "suspended", at: addDays(FIRST, 7) });
    expect(ringStep(stopped, addDays(FIRST, 8))).toEqual({ kind: "wait", until, reason: "pause" });
  });

  it("looks again when a pause ends before the ring's day", () => {
    const pause = { ...tenantPause({ by: "Ada" }, FIRST), until: addDays(FIRST, 3) };
    const paused = withEvents(ring1, { type: "tenantPaused", at: FIRST, pause });
    expect(ringStep(paused, addDays(FIRST, 1))).toMatchObject({ kind: "wait", until: addDays(FIRST, 3) });
    expect(ringStep(paused, addDays(FIRST, 4))).toMatchObject({ kind: "wait", until: addDays(FIRST, 7) });
  });

  it("leaves a ring alone that has begun, for a hold delays new offers only", () => {
    const opened = withEvents(test, { type: "waveOpened", at: FIRST, wave: 0 }, { type: "held", at: FIRST + HOUR_MS });
    expect(ringStep(opened, FIRST + DAY_MS)).toMatchObject({ kind: "wait", reason: "reports" });
  });

  it("completes on its day and not before, for nobody knows how many devices will be offered it", () => {
    const opened = withEvents(
      test,
      { type: "waveOpened", at: FIRST, wave: 0 },
      { type: "progress", at: FIRST + DAY_MS, counts: counts(50, 50) },
    );
    expect(isComplete(opened, FIRST + DAY_MS)).toBe(false);
    expect(isComplete(opened, opened.plan.reportEndsAt)).toBe(true);
  });
});

describe("evidence against an update that only people may pause", () => {
  const now = FIRST + 2 * DAY_MS;
  const news: ReleaseNews = {
    ...{ commands: [], begun: { started: 0, silent: [] }, checkIns: null, offers: [], offered: 50, rolledBack: 0 },
    rings: [],
    steps: [
      {
        ...{ ring: "Test", wave: 0, offered: 50, offeredAt: FIRST, resolved: 12, failures: 12 },
        arrivals: defaultArrivals(5),
      },
    ],
  };
  const result = advanceRelease(release, news, now);

  it("keeps it from further rings and asks people, and pauses nothing", () => {
    expect(result.letters.map(({ ring, event }) => `${ring} ${event.type}`)).toEqual(["Test held", "Ring1 held"]);
    expect(result.questions).toMatchObject([{ kind: "gateHold", onlyPeoplePause: true }]);
    expect(result.release.pausedAt).toBeNull();
  });

  it("goes on once somebody says so", () => {
    const command = { kind: "proceed", at: now, by: "Ada" } as const;
    const commands = [{ key: "c1", actor: { id: "ada", name: "Ada" }, command }];
    const after = advanceRelease(result.release, { ...news, commands }, now);
    expect(after.refused).toEqual([]);
    expect(after.letters.map(({ ring, event }) => `${ring} ${event.type}`)).toEqual([
      "Test released",
      "Ring1 released",
    ]);
  });

  it("is no pause when nobody answers in time", () => {
    const command = { kind: "servicePause", at: now, reason: "inconclusiveHold without an answer" } as const;
    const commands = [{ key: "q1", actor: { id: "service", name: "service" }, command }];
    const after = advanceRelease(result.release, { ...news, commands }, now);
    expect(after.letters.filter(({ event }) => event.type === "servicePaused")).toEqual([]);
  });
});

describe("a release that nothing can stop", () => {
  const version = {
    channel: "stable",
    name: "125",
    version: "125.0.2535.51",
    publishedAt: new Date(FIRST).toISOString(),
  };
  const rule = { signal: "rollback", threshold: 10, action: "pauseDeployment" } as const;
  const watched = { ...group, definition: { ...definition, monitoringRule: rule } };
  const followed = newRelease({
    ...{ id: "e1", group: watched, update: edgeUpdateOf(version, group), others: [], history: learnHistory([]) },
    now: FIRST,
  });

  it("is measured, and judged by nobody, and says why", () => {
    expect(followed.gate.mode).toBe("off");
    expect(releaseView(followed).gate.limits).toMatch(/measured, not judged/);
    expect(releaseView(release).gate.limits).toBeNull();
  });

  it("tells people of its monitoring rule, now and after a change, instead of a pause without effect", () => {
    expect(followed.monitoringRule?.action).toBe("alertError");
    const command = { kind: "setMonitoringRule", at: FIRST, by: "Ada", rule } as const;
    const commands = [{ key: "c1", actor: { id: "ada", name: "Ada" }, command }];
    expect(advanceRelease(followed, { ...NO_NEWS, commands }, FIRST).release.monitoringRule?.action).toBe("alertError");
  });
});

describe("a cohort that fails with a version of Office", () => {
  const list = ["2403", "2404"].map((name) => ({
    ...{
      channel: "monthlyEnterprise",
      name,
      version: `16.0.1${name}.20100`,
      publishedAt: new Date(FIRST).toISOString(),
    },
  }));
  const [, newest] = list;
  if (newest === undefined) throw new Error("A version is needed.");
  const started = newRelease({
    ...{ id: "o1", group, update: officeUpdateOf(newest, list, group), others: [], history: learnHistory([]) },
    now: FIRST,
  });
  const evidence = computeCohortEvidence({
    ...{ cohort: [{ attribute: "model", value: "bad" }], devices: 20, cohortExposed: 10, cohortFailures: 10 },
    ...{ exposed: 200, failures: 10, gateLogE: 0 },
    family: { kind: "value", release: 200, hypotheses: 10, favouredDevices: 20 },
  });

  it("is named to people and kept from nothing, for the policy holds whole rings only", () => {
    const found = { found: [evidence], advice: [], superfluous: [], reviewed: [] };
    const { release: after, decisions } = withExamination(started, found, FIRST);
    expect(started.gate.mode).toBe("enforce");
    expect([holdsInForce(after), unsettledHolds(after)]).toEqual([[], []]);
    expect(decisions.map(({ verdict, enforced }) => [verdict, enforced])).toEqual([["hold", false]]);
  });
});

describe("commands that a workload does not take", () => {
  it("are refused with what does it instead", () => {
    expect(() => refuseInWorkload(release, "pause")).toThrow(/feature-releases\/\{id\}\/pause/);
    expect(() => refuseInWorkload(release, "resume")).not.toThrow();
    expect(() => refuseInWorkload({ id: "q", update: { ...update, workload: "edge" } }, "rollBack")).toThrow(/Edge/);
  });
});
