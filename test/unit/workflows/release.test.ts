import { describe, expect, it } from "vitest";
import { DAY_MS, HOUR_MS } from "../../../shared/calendar/days.js";
import { AppError } from "../../../shared/errors.js";
import type { Advance, ReleaseNews } from "../../../shared/releases/advance.js";
import type { Release } from "../../../shared/releases/store.js";
import { releaseOf } from "../shared/releases/fixtures.js";
import { play, registered, type Script } from "./puppet.js";

const { orchestrators } = registered();
await import("../../../workflows/release.js");

const START = Date.parse("2024-06-11T17:05:00Z");
const ID = "r1";

const atStart = (changes: Partial<Release> = {}): Release => ({ ...releaseOf("off", START), ...changes });

const RINGS = atStart().state.rings.map(({ ring }) => ring);

/** All rings upcoming, or ended with the same outcome. */
function news(outcome: "completed" | "cancelled" | null = null, over: Partial<ReleaseNews> = {}): ReleaseNews {
  const phase = outcome === null ? ("upcoming" as const) : ("ended" as const);
  const rings = RINGS.map((ring) => ({ ring, phase, openedAt: null, endedAt: null, outcome, behind: false }));
  const nobody = { begun: { started: 0, silent: [] }, checkIns: null };
  return { ...nobody, commands: [], offers: [], rings, steps: [], offered: 0, rolledBack: 0, ...over };
}

/** Plays a generation; `saved` holds every version that was recorded. */
function carry(
  release: Release,
  activities: Script["activities"],
  events: number[] = [],
  from: Pick<Script, "start" | "input"> = { start: START, input: { releaseId: ID } },
) {
  const orchestrator = orchestrators.get("release");
  if (orchestrator === undefined) throw new Error("The release did not register.");
  const saved: Release[] = [];
  const performance = play(orchestrator, {
    ...from,
    events,
    activities: {
      loadRelease: () => release,
      recordRelease: ({ advance }: { advance: Advance }) => {
        saved.push(advance.release);
      },
      startRings: () => undefined,
      finishRelease: () => undefined,
      setCompletedRings: () => undefined,
      observeRelease: () => news(),
      ...activities,
    },
  });
  return { ...performance, saved };
}

/** Fails so many times with an error that is not repeated by itself. */
function refused(times: number) {
  let runs = 0;
  return () => {
    if (runs++ < times) throw new AppError("forbidden", "Grant the permission.");
  };
}

describe("the end of a release", () => {
  const completed = { observeRelease: () => news("completed") };

  it("is closed once everything that it entails is done", () => {
    const { result, saved } = carry(atStart(), completed);
    expect([result, saved.at(-1)?.closed, saved.at(-1)?.problem]).toEqual(["completed", true, null]);
  });

  it("shows what keeps it from being closed, and is tried again an hour later", () => {
    const { result, saved, endedAt } = carry(atStart(), { ...completed, finishRelease: refused(1) });
    expect(saved.map(({ problem }) => problem)).toContain("Grant the permission.");
    expect([result, saved.at(-1)?.problem, endedAt - START]).toEqual(["completed", null, HOUR_MS]);
  });

  it("hears a rollback that was ordered while it was being closed", () => {
    let closing = false;
    const rollBack = {
      key: "k1",
      actor: { id: "a", name: "Ada" },
      command: { kind: "rollBack", at: START, by: "Ada" },
    } as const;
    const { saved } = carry(atStart(), {
      observeRelease: ({ handled }: { handled: string[] }) => {
        const rings = news("completed").rings.map((ring) => ({ ...ring, openedAt: START }));
        return { ...news("completed"), rings, commands: closing && !handled.includes("k1") ? [rollBack] : [] };
      },
      finishRelease: () => {
        closing = true;
      },
    });
    const after = saved.find(({ handled }) => handled.includes("k1"));
    expect(after).toMatchObject({ closed: false, state: { phase: "active", ending: { outcome: "rolledBack" } } });
  });
});

describe("a release that cannot be prepared", () => {
  const forbidden = { enrolReleaseDevices: refused(1000) };

  it("shows why, and tries again every hour", () => {
    const { saved, calls, continued } = carry(atStart({ prepared: false }), forbidden);
    expect(saved.at(-1)).toMatchObject({ prepared: false, problem: "Grant the permission." });
    expect([calls.includes("startRings"), continued]).toEqual([false, true]);
  });

  it("can be cancelled all the same: its rings are started, and hear that they end", () => {
    const cancel = {
      key: "k1",
      actor: { id: "a", name: "Ada" },
      command: { kind: "cancel", at: START, by: "Ada" },
    } as const;
    let started = false;
    const { result } = carry(atStart({ prepared: false }), {
      ...forbidden,
      startRings: () => {
        started = true;
      },
      observeRelease: ({ handled }: { handled: string[] }) =>
        news(started ? "cancelled" : null, { commands: handled.length === 0 ? [cancel] : [] }),
    });
    expect(result).toBe("cancelled");
  });
});

describe("a running release", () => {
  it("guards its rings: once a day those that do not run are started", () => {
    const { calls, endedAt } = carry(atStart(), {});
    const days = Math.floor((endedAt - START) / DAY_MS);
    expect(days).toBeGreaterThan(0);
    expect(calls.filter((name) => name === "startRings")).toHaveLength(days);
  });

  it("does not forget its rings over many events", () => {
    const events = Array.from({ length: 10 }, (_, minute) => START + minute * 60_000);
    const first = carry(atStart(), {}, events);
    expect(first.calls).not.toContain("startRings");
    const due = events.map((at) => at + DAY_MS);
    const second = carry(atStart(), {}, due, { start: START + DAY_MS, input: first.next });
    expect(second.calls.filter((name) => name === "startRings")).toHaveLength(1);
  });

  it("tells completed rings of a pause until they have been told", () => {
    const paused = atStart({ pauseReason: "pausedByGate" });
    const { saved, calls } = carry(paused, { setCompletedRings: refused(1) });
    expect(calls.filter((name) => name === "setCompletedRings")).toHaveLength(2);
    expect(saved[1]).toMatchObject({ problem: "Grant the permission.", completedRings: "approved" });
    expect(saved[2]).toMatchObject({ problem: null, completedRings: "suspended" });
  });

  it("gives every version that it records a revision of its own", () => {
    const revisions = carry(atStart(), {}).saved.map(({ revision }) => revision);
    expect(new Set(revisions).size).toBe(revisions.length);
    expect(revisions).toEqual(revisions.toSorted((a, b) => a - b));
  });
});
