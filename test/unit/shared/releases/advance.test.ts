import { describe, expect, it } from "vitest";
import { DAY_MS, HOUR_MS } from "../../../../shared/calendar/days.js";
import { defaultArrivals } from "../../../../shared/gate/arrivals.js";
import type { GateMode } from "../../../../shared/groups/group.js";
import { type Advance, advanceRelease } from "../../../../shared/releases/advance.js";
import type { LoggedCommand } from "../../../../shared/releases/commands.js";
import { nextLookAt } from "../../../../shared/releases/judge.js";
import type { ReleaseNews } from "../../../../shared/releases/news.js";
import type { Release } from "../../../../shared/releases/store.js";
import { releaseOf } from "./fixtures.js";

const NOW = Date.parse("2024-06-13T17:00:00Z");
const ACTOR = { id: "a", name: "Ada" };

const release = (mode: GateMode = "enforce"): Release => releaseOf(mode, NOW);

/** Test offered two days ago, with so many reports and failures. */
function news(
  counts: { failures?: number; resolved?: number; rolledBack?: number } = {},
  over: Partial<ReleaseNews> = {},
) {
  const { failures = 0, resolved = failures, rolledBack = 0 } = counts;
  const step = { ring: "Test", wave: 0, offered: 50, offeredAt: NOW - 2 * DAY_MS, arrivals: defaultArrivals(0) };
  const rings = release().state.rings.map(({ ring }) => ({
    ring,
    phase: ring === "Test" ? ("active" as const) : ("upcoming" as const),
    openedAt: ring === "Test" ? NOW - 2 * DAY_MS : null,
    endedAt: null,
    outcome: null,
    behind: false,
  }));
  return {
    commands: [],
    begun: { started: 0, silent: [] },
    checkIns: null,
    offers: [],
    rings,
    steps: [{ ...step, resolved, failures }],
    offered: 50,
    rolledBack,
    ...over,
  };
}

function command(key: string, given: LoggedCommand["command"]): LoggedCommand {
  return { key, actor: ACTOR, command: given };
}

const told = (result: Advance) => result.letters.map(({ ring, event }) => `${ring} ${event.type}`);

describe("a release that looks at its news", () => {
  it("goes on without a word while devices are healthy", () => {
    const result = advanceRelease(release(), news({ resolved: 20 }), NOW);
    expect([told(result), result.decisions, result.questions]).toEqual([[], [], []]);
    expect(result.release.state.gate.decision).toBe("continue");
  });

  it("pauses every open ring and asks people when the evidence is overwhelming", () => {
    const result = advanceRelease(release(), news({ failures: 8 }), NOW);
    expect(told(result)).toEqual(["Test", "Ring1", "Ring2", "Ring3", "Last"].map((ring) => `${ring} servicePaused`));
    expect(result.decisions).toMatchObject([{ by: "gate", verdict: "pause", previous: "continue", enforced: true }]);
    expect(result.questions).toMatchObject([{ kind: "gatePause", failures: 8, offered: 50 }]);
    expect(result.release).toMatchObject({ pausedAt: NOW, pauseReason: "pausedByGate", approvalsAsked: 1 });
  });

  it("only says what it would do when the gate advises", () => {
    const result = advanceRelease(release("advise"), news({ failures: 8 }), NOW);
    expect(told(result)).toEqual([]);
    expect(result.decisions).toMatchObject([{ verdict: "pause", enforced: false }]);
    expect(result.questions).toMatchObject([{ kind: "gateAdvice" }]);
    expect(result.release.pausedAt).toBeNull();
  });

  it("does not judge at all when the gate is off", () => {
    const result = advanceRelease(release("off"), news({ failures: 50 }), NOW);
    expect([told(result), result.decisions, result.release.evidence]).toEqual([[], [], null]);
  });

  it("keeps the evidence of a decision so that it can be computed again", () => {
    const [decision] = advanceRelease(release(), news({ failures: 5 }), NOW).decisions;
    expect(decision?.evidence).toMatchObject({ failures: 5, method: "e-gate/2", input: { now: NOW, p0: 0.002 } });
  });

  it("lets a person resume, and then judges only what comes after", () => {
    const paused = advanceRelease(release(), news({ failures: 8 }), NOW).release;
    const resume = command("k1", { kind: "resume", at: NOW, by: "Ada" });
    const resumed = advanceRelease(paused, news({ failures: 8 }, { commands: [resume] }), NOW);
    expect(told(resumed)).toContain("Ring1 resumed");
    expect(resumed.release.state.gate.decision).toBe("continue");
    expect(resumed.release.pauseReason).toBeNull();
    const later = advanceRelease(resumed.release, news({ failures: 8 }), NOW + HOUR_MS);
    expect(later.decisions).toEqual([]);
  });

  it("applies a command once, however often it is found", () => {
    const pause = command("k1", { kind: "pause", at: NOW, by: "Ada", rings: ["Ring1"] });
    const first = advanceRelease(release(), news({}, { commands: [pause] }), NOW);
    expect(told(first)).toEqual(["Ring1 tenantPaused"]);
    expect(first.release.handled).toEqual(["k1"]);
  });

  it("refuses a command that no longer fits and goes on", () => {
    const resume = command("k1", { kind: "resume", at: NOW, by: "Ada", rings: ["Ring1"] });
    const result = advanceRelease(release(), news({}, { commands: [resume] }), NOW);
    expect(result.refused).toMatchObject([{ command: { key: "k1" } }]);
    expect(result.release.handled).toEqual(["k1"]);
  });

  it("asks once about a pause that ends within three days, and again when it was extended", () => {
    const pause = command("k1", { kind: "pause", at: NOW, by: "Ada", rings: ["Ring1"] });
    let current = advanceRelease(release(), news({}, { commands: [pause] }), NOW).release;
    const askedOn = (day: number, commands: LoggedCommand[] = []) => {
      const result = advanceRelease(current, news({}, { commands }), NOW + day * DAY_MS);
      current = result.release;
      return result.questions.map(({ kind, pause: about }) => [kind, about]);
    };
    const about = (day: number) => [["pauseEnding", { rings: ["Ring1"], until: NOW + day * DAY_MS }]];
    expect([askedOn(31.9), askedOn(32), askedOn(32.25)]).toEqual([[], about(35), []]);
    const extend = command("k2", { kind: "extend", at: NOW + 33 * DAY_MS, by: "Ada", rings: ["Ring1"] });
    expect([askedOn(33, [extend]), askedOn(64), askedOn(65)]).toEqual([[], [], about(68)]);
    expect(askedOn(68)).toEqual([]);
  });

  it("pauses by the monitoring rule at its threshold and not below it", () => {
    const rule = { signal: "rollback", threshold: 4, action: "pauseDeployment" } as const;
    const watched = { ...release("off"), monitoringRule: rule };
    expect(told(advanceRelease(watched, news({ rolledBack: 1 }), NOW))).toEqual([]);
    const result = advanceRelease(watched, news({ rolledBack: 2 }), NOW);
    expect(result.release.pauseReason).toBe("pausedByMonitoring");
    expect(told(result)).toContain("Ring3 servicePaused");
  });

  it("keeps the first of two rules that were added at once", () => {
    const rule = { signal: "rollback", threshold: 4, action: "pauseDeployment" } as const;
    const add = (key: string, threshold: number) =>
      command(key, { kind: "setMonitoringRule", at: NOW, rule: { ...rule, threshold }, create: true });
    const result = advanceRelease(release(), news({}, { commands: [add("k1", 4), add("k2", 9)] }), NOW);
    expect(result.release.monitoringRule?.threshold).toBe(4);
    expect(result.refused).toMatchObject([{ command: { key: "k2" } }]);
  });

  it("resumes when the monitoring rule is raised above what happened, not when it stays below", () => {
    const rule = { signal: "rollback", threshold: 4, action: "pauseDeployment" } as const;
    const paused = advanceRelease({ ...release("off"), monitoringRule: rule }, news({ rolledBack: 2 }), NOW).release;
    const set = (threshold: number) =>
      advanceRelease(
        paused,
        news(
          { rolledBack: 2 },
          {
            commands: [command("k", { kind: "setMonitoringRule", at: NOW, rule: { ...rule, threshold } })],
          },
        ),
        NOW,
      );
    expect(told(set(3))).toEqual([]);
    expect(told(set(5))).toContain("Ring3 resumed");
    expect(set(5).release.pauseReason).toBeNull();
  });

  it("only says so, and once, where the monitoring rule alerts", () => {
    const rule = { signal: "rollback", threshold: 4, action: "alertError" } as const;
    const first = advanceRelease({ ...release("off"), monitoringRule: rule }, news({ rolledBack: 2 }), NOW);
    expect([told(first), first.decisions]).toMatchObject([
      [],
      [{ by: "monitoringRule", verdict: "alert", enforced: false }],
    ]);
    expect(advanceRelease(first.release, news({ rolledBack: 3 }), NOW + HOUR_MS).decisions).toEqual([]);
  });

  it("is not judged any more once its end is decided", () => {
    const cancel = command("k1", { kind: "cancel", at: NOW, by: "Ada" });
    const result = advanceRelease(release(), news({ failures: 9 }, { commands: [cancel] }), NOW);
    expect([result.decisions, result.questions]).toEqual([[], []]);
  });

  it("turns a hold about which nobody decided into a pause, and one that is over into nothing", () => {
    const held = advanceRelease(release(), news({ failures: 2, resolved: 3 }), NOW).release;
    const pause = command("k1", { kind: "servicePause", at: NOW, reason: "inconclusiveHold without an answer" });
    const counts = { failures: 2, resolved: 3 };
    const result = advanceRelease(held, news(counts, { commands: [pause] }), NOW);
    expect(told(result)).toContain("Ring2 servicePaused");
    expect(result.release).toMatchObject({ pausedAt: NOW, pauseReason: "pausedByInconclusiveHold" });
    expect(result.decisions).toMatchObject([{ verdict: "pause", previous: "hold" }]);
    expect(result.questions).toMatchObject([{ kind: "gatePause" }]);
    const free = advanceRelease(release(), news({}, { commands: [pause] }), NOW);
    expect([told(free), free.release.pausedAt]).toEqual([[], null]);
  });

  it("pauses once: what was paused for want of an answer is not paused again by the evidence", () => {
    const held = advanceRelease(release(), news({ failures: 5 }), NOW).release;
    const pause = command("k1", { kind: "servicePause", at: NOW, reason: "inconclusiveHold without an answer" });
    const paused = advanceRelease(held, news({ failures: 5 }, { commands: [pause] }), NOW + 72 * HOUR_MS).release;
    const later = advanceRelease(paused, news({ failures: 9 }), NOW + 168 * HOUR_MS);
    expect([later.decisions, later.questions, told(later)]).toEqual([[], [], []]);
    expect(later.release).toMatchObject({
      pausedAt: NOW + 72 * HOUR_MS,
      pauseReason: "pausedByInconclusiveHold",
      state: { gate: { decision: "pause" } },
    });
  });

  it("follows advice to pause that was left to the time-out, and is told so once", () => {
    const advised = advanceRelease(release("advise"), news({ failures: 8 }), NOW).release;
    const pause = command("k1", { kind: "servicePause", at: NOW, reason: "gateAdvice without an answer" });
    const result = advanceRelease(advised, news({ failures: 8 }, { commands: [pause] }), NOW);
    expect(told(result)).toContain("Ring2 servicePaused");
    expect(result.release).toMatchObject({ pausedAt: NOW, pauseReason: "pausedByGate" });
    expect(result.decisions).toMatchObject([{ verdict: "pause", previous: "pause", enforced: true }]);
    expect(result.questions).toEqual([]);
  });

  it("asks with everything that people need: what, where, and on which evidence", () => {
    const counts = news({ failures: 8, resolved: 12 });
    const later = counts.steps.map((step) => ({ ...step, wave: 1, offered: 7, resolved: 0, failures: 0 }));
    const { release: asked, questions } = advanceRelease(
      release(),
      { ...counts, steps: [...counts.steps, ...later] },
      NOW,
    );
    const { update, groupName, gate, evidence } = asked;
    expect(questions).toMatchObject([
      {
        subject: { update: update.shortName, group: groupName },
        gate: { e: evidence?.e, hold: gate.holdEvidence, pause: 1 / gate.alpha },
        rings: [{ ring: "Test", offered: 57, resolved: 12, failures: 8 }],
      },
    ]);
  });

  it("ends with its last ring", () => {
    const ended = news().rings.map((ring) => ({
      ...ring,
      phase: "ended" as const,
      outcome: "completed" as const,
      endedAt: NOW,
    }));
    const result = advanceRelease(release(), news({}, { rings: ended }), NOW);
    expect(result.release).toMatchObject({ endedAt: NOW, state: { phase: "ended", outcome: "completed" } });
  });

  it("does not take a ring's end for its last word while events are on their way to it", () => {
    const ended = news().rings.map((ring) => ({
      ...ring,
      phase: "ended" as const,
      outcome: "completed" as const,
      behind: true,
    }));
    expect(advanceRelease(release(), news({}, { rings: ended }), NOW).release.state.phase).toBe("active");
  });

  it("looks again within six hours, and when a hold has lasted two days", () => {
    expect(nextLookAt(release(), NOW)).toBe(NOW + 6 * HOUR_MS);
    const held = advanceRelease(release(), news({ failures: 2, resolved: 3 }), NOW).release;
    expect(held.state.gate.decision).toBe("hold");
    expect(nextLookAt(held, NOW + 47 * HOUR_MS)).toBe(NOW + 48 * HOUR_MS);
    const rollBack = command("k1", { kind: "rollBack", at: NOW, by: "Ada" });
    const ending = advanceRelease(held, news({ failures: 2, resolved: 3 }, { commands: [rollBack] }), NOW).release;
    expect(nextLookAt(ending, NOW + 200 * HOUR_MS)).toBe(NOW + 206 * HOUR_MS);
  });

  it("looks again when evidence for a pause on few failures has lasted a week, and then pauses", () => {
    const held = advanceRelease(release(), news({ failures: 5 }), NOW);
    expect(told(held)).toContain("Ring1 held");
    const asked = advanceRelease(held.release, news({ failures: 5 }), NOW + 48 * HOUR_MS);
    expect(asked.questions).toMatchObject([{ kind: "inconclusiveHold" }]);
    const due = NOW + 168 * HOUR_MS;
    expect(nextLookAt(asked.release, due - 2 * HOUR_MS)).toBe(due);
    expect(nextLookAt(asked.release, due - 7 * HOUR_MS)).toBe(due - HOUR_MS);
    const result = advanceRelease(asked.release, news({ failures: 5 }), due);
    expect(told(result)).toContain("Ring1 servicePaused");
    expect(result.decisions).toMatchObject([
      { by: "gate", verdict: "pause", previous: "hold", enforced: true, doubt: { since: NOW, failures: 5 } },
    ]);
    expect(result.questions).toMatchObject([{ kind: "gatePause" }]);
    expect(nextLookAt(result.release, due)).toBe(due + 6 * HOUR_MS);
  });
});
