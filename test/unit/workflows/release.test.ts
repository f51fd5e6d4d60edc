import { describe, expect, it } from "vitest";
import { DAY_MS, HOUR_MS } from "../../../shared/calendar/days.js";
import { AppError } from "../../../shared/errors.js";
import { defaultArrivals } from "../../../shared/gate/arrivals.js";
import type { Advance } from "../../../shared/releases/advance.js";
import type { ReleaseNews } from "../../../shared/releases/news.js";
import type { RingOffers } from "../../../shared/releases/offers.js";
import type { Release } from "../../../shared/releases/store.js";
import { releaseOf, ring as stateOf } from "../shared/releases/fixtures.js";
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

describe("likely issues", () => {
  /** Ring3 is about to open; the devices of the others have all finished without a failure. */
  const due = stateOf("Ring3").plan.availableAt + HOUR_MS;
  const opened = due - 8 * DAY_MS;
  const offers = RINGS.map((ring): RingOffers => {
    const notOffered = ring === "Ring3" ? 1_500 : 0;
    const { plan } = stateOf(ring as "Ring3");
    return {
      ...{ ring, plan, size: 1_500, notOffered, offered: 1_500 - notOffered },
      waves: notOffered === 0 ? { 0: { devices: 1_500, done: true } } : {},
      ...{ firstOfferAt: opened, lastOfferAt: opened },
    };
  });
  const steps = [
    {
      ...{ ring: "Test", wave: 0, offered: 6_000, offeredAt: opened, resolved: 6_000, failures: 0 },
      arrivals: defaultArrivals(0),
    },
  ];
  const grants = RINGS.filter((ring) => ring !== "Ring3").map((ring) => ({
    ...{ ring, wave: 0, devices: 1_500, last: true, at: opened },
  }));
  const found = { ring: "Ring3", method: "likely-issues/1", devices: 40, outcomes: 2_000, failures: 9 };
  const enforcing = (over: Partial<Release> = {}): Release => ({ ...releaseOf("enforce", opened), grants, ...over });
  const from = { start: due, input: { releaseId: ID } };
  const begun = { started: 6_000, silent: [] };
  const looks = { observeRelease: () => news(null, { offers, steps, begun }) };

  it("are held before their ring is granted its first wave, and once", () => {
    const asked: unknown[] = [];
    const { calls, saved } = carry(
      enforcing(),
      {
        ...looks,
        holdLikelyIssues: (input: unknown) => {
          asked.push(input);
          return [found];
        },
      },
      [due + HOUR_MS],
      from,
    );
    expect(asked).toEqual([{ releaseId: ID, rings: ["Ring3"], pTol: 0.003 }]);
    expect(saved[0]).toMatchObject({ likelyIssues: { rings: [{ ...found, since: due }] }, grants });
    const held = calls.indexOf("holdLikelyIssues");
    expect(calls.slice(held, held + 3)).toEqual(["holdLikelyIssues", "recordRelease", "observeRelease"]);
    expect(saved.some((release) => release.grants.some(({ ring }) => ring === "Ring3"))).toBe(true);
  });

  it("do not keep a ring from opening when they cannot be found", () => {
    const { saved } = carry(enforcing(), { ...looks, holdLikelyIssues: refused(1_000) }, [], from);
    expect(saved.some((release) => release.grants.some(({ ring }) => ring === "Ring3"))).toBe(true);
    expect(saved.at(-1)?.problem).toBeNull();
  });

  it("are let go in the ledger once the release has said so; what fails is tried again an hour later", () => {
    const ended = { at: due - HOUR_MS, settled: false };
    const likelyIssues = { rings: [{ ...found, since: opened }], quiet: { since: opened }, ended };
    let runs = 0;
    const { saved, calls } = carry(
      enforcing({
        likelyIssues,
        grants: [...grants, { ring: "Ring3", wave: 0, devices: 1_460, last: true, at: opened }],
      }),
      {
        ...looks,
        freeLikelyIssues: () => {
          if (runs++ === 0) throw new AppError("forbidden", "Grant the permission.");
          return { Ring3: 40 };
        },
      },
      [],
      from,
    );
    expect(saved.map(({ problem }) => problem)).toContain("Grant the permission.");
    expect(calls.filter((name) => name === "freeLikelyIssues")).toHaveLength(2);
    const after = saved.find((release) => release.likelyIssues?.ended?.settled === true);
    expect(after?.grants).toContainEqual(expect.objectContaining({ ring: "Ring3", wave: 1, devices: 40, last: true }));
    expect(saved.at(-1)?.problem).toBeNull();
  });
});
