import { describe, expect, it } from "vitest";
import { addDays, DAY_MS, HOUR_MS } from "../../../../shared/calendar/days.js";
import { defaultArrivals } from "../../../../shared/gate/arrivals.js";
import { decideOffers } from "../../../../shared/gate/offers.js";
import type { RingSettings } from "../../../../shared/groups/ring.js";
import type { ReleaseSummary, WaveSummary } from "../../../../shared/ledger/index.js";
import { advanceRelease } from "../../../../shared/releases/advance.js";
import type { CohortHold } from "../../../../shared/releases/holds.js";
import { nextLookAt } from "../../../../shared/releases/judge.js";
import type { ReleaseNews } from "../../../../shared/releases/news.js";
import { controlRelease, offersOf, type RingOffers } from "../../../../shared/releases/offers.js";
import type { Release, ReleaseRing } from "../../../../shared/releases/store.js";
import { B, pauseAt, releaseOf, ring as stateOf } from "./fixtures.js";

const SIZES = { Test: 50, Ring1: 95, Ring2: 285, Ring3: 1_520, Last: 50 };
type Name = keyof typeof SIZES;
const NAMES = Object.keys(SIZES) as Name[];

const wave = (ring: Name, index: number, offered: number, at: number, done = true): WaveSummary => ({
  ring,
  wave: index,
  offeredAt: new Date(at).toISOString(),
  offered,
  done,
  resolved: 0,
  upToDate: 0,
  failed: 0,
  rolledBack: 0,
  reportAgeBins: [],
  returnAgeBins: [],
  failedOnce: 0,
  started: 0,
  startedSilent: [],
  restartPending: [],
});

/** The rings with these waves in the ledger. */
function offers(waves: readonly WaveSummary[] = [], change: Partial<Record<Name, Partial<RingSettings>>> = {}) {
  const rings = NAMES.map((ring) => ({ ring, state: stateOf(ring, change[ring]) })) as unknown as ReleaseRing[];
  const counts = NAMES.map((ring) => {
    const offered = waves.filter((one) => one.ring === ring).reduce((sum, one) => sum + one.offered, 0);
    return [ring, { size: SIZES[ring], notOffered: SIZES[ring] - offered, offered }];
  });
  return offersOf(rings, { rings: Object.fromEntries(counts), waves } as unknown as ReleaseSummary);
}

const NOTHING = { evidence: null, silence: null };
const release = (over: Partial<Release> = {}): Release => ({ ...releaseOf("enforce", B), ...over });

function news(rings: RingOffers[], over: Partial<ReleaseNews> = {}): ReleaseNews {
  const ringNews = NAMES.map((ring) => ({
    ...{ ring, phase: "upcoming" as const, openedAt: null, endedAt: null, outcome: null, behind: false },
  }));
  const nobody = { begun: { started: 0, silent: [] }, checkIns: null };
  return { ...nobody, commands: [], rings: ringNews, steps: [], offers: rings, offered: 0, rolledBack: 0, ...over };
}

const granted = (advance: ReturnType<typeof advanceRelease>) =>
  advance.letters.flatMap(({ ring, event }) =>
    event.type === "waveGranted" ? [[ring, event.wave, event.grant.devices, event.grant.last]] : [],
  );

describe("a release whose rings wait", () => {
  it("grants the first ring its devices on its day, and not before", () => {
    expect(granted(advanceRelease(release(), news(offers()), B - 1))).toEqual([]);
    expect(granted(advanceRelease(release(), news(offers()), B))).toEqual([["Test", 0, 50, true]]);
  });

  it("looks again when the next ring's day comes", () => {
    const { release: next } = advanceRelease(release(), news(offers()), B - HOUR_MS);
    expect(nextLookAt(next, B - HOUR_MS)).toBe(B);
  });

  it("keeps what the controller decided, so that it can be computed again", () => {
    const { decisions } = advanceRelease(release(), news(offers()), B);
    const [decision] = decisions;
    expect(decision).toMatchObject({ by: "controller", verdict: "offer", enforced: true });
    if (decision === undefined || !("waves" in decision.evidence)) throw new Error("It has no controller evidence.");
    expect(decideOffers(JSON.parse(JSON.stringify(decision.evidence.input)))).toEqual(decision.evidence);
  });

  it("counts a grant that the ledger does not show yet as offered, and grants it once", () => {
    const first = advanceRelease(release(), news(offers()), B);
    expect(granted(advanceRelease(first.release, news(offers()), B + 1))).toEqual([]);
    const halfMarked = offers([wave("Test", 0, 20, B, false)]);
    expect(granted(advanceRelease(first.release, news(halfMarked), B + 1))).toEqual([]);
  });

  it("offers nothing more while too much is at stake", () => {
    const at = addDays(B, 1);
    const first = advanceRelease(release(), news(offers()), B).release;
    const rings = offers([wave("Test", 0, 50, B)]);
    expect(controlRelease(first, rings, NOTHING, at)).toMatchObject({ allowed: 0, limitedBy: "failures" });
    expect(granted(advanceRelease(first, news(rings), at))).toEqual([]);
  });

  it("probes in a hold because of failures, once everything offered was heard of, and says so", () => {
    const heard = { ...wave("Test", 0, 50, B), resolved: 48, upToDate: 46, failed: 2 };
    const rings = offers([heard]);
    const offered = { ring: "Test", wave: 0, offered: 50, offeredAt: B, arrivals: defaultArrivals(0) };
    const steps = [{ ...offered, resolved: 48, failures: 2 }];
    const held = advanceRelease(
      advanceRelease(release(), news(offers()), B).release,
      news(rings, { steps }),
      addDays(B, 5),
    );
    expect([held.release.state.gate.decision, granted(held)]).toEqual(["hold", []]);
    expect(held.release.control).toMatchObject({ allowed: 0, limitedBy: "hold" });
    const soon = advanceRelease(held.release, news(rings, { steps }), addDays(B, 6) - 1);
    expect(granted(soon)).toEqual([]);
    const probe = advanceRelease(held.release, news(rings, { steps }), addDays(B, 6));
    expect(granted(probe)).toEqual([["Ring1", 0, probe.release.control?.waves[0]?.devices, false]]);
    expect(probe.letters.map(({ event }) => event)).toMatchObject([{ grant: { probe: true } }]);
    const silent = { ...held.release, silence: { decision: "hold" } as Release["silence"] };
    expect(granted(advanceRelease(silent, news(rings, { steps }), addDays(B, 6)))).toHaveLength(1);
  });

  it("grants nothing to a paused ring, and looks again when its pause ends", () => {
    const start = release();
    const until = pauseAt(B).until;
    const paused = start.state.rings.map((view) =>
      view.ring === "Test" ? { ...view, pauses: { tenant: pauseAt(B), service: null } } : view,
    );
    const result = advanceRelease({ ...start, state: { ...start.state, rings: paused } }, news(offers()), B);
    expect(granted(result)).toEqual([]);
    expect(result.release.nextWaitingAt).toBeLessThan(until);
    const late = until - HOUR_MS;
    const { release: waits } = advanceRelease(result.release, news(offers()), late);
    expect(nextLookAt(waits, late)).toBe(until);
  });

  it("opens no ring wider than its own waves, one turn after the other", () => {
    const planned = { Test: { waves: [0.2, 0.8], waveIntervalHours: 12 } };
    const first = advanceRelease(release(), news(offers([], planned)), B);
    expect(granted(first)).toEqual([["Test", 0, 10, false]]);
    const rings = offers([wave("Test", 0, 10, B)], planned);
    const waits = advanceRelease(first.release, news(rings), B + HOUR_MS);
    expect([granted(waits), nextLookAt(waits.release, B + 11 * HOUR_MS)]).toEqual([[], B + 12 * HOUR_MS]);
  });

  it("lets a ring without devices open and end too", () => {
    const nobody = offers().map((ring) => (ring.ring === "Test" ? { ...ring, size: 0, notOffered: 0 } : ring));
    const first = advanceRelease(release(), news(nobody), B);
    expect(granted(first)).toEqual([["Test", 0, 0, true]]);
    expect(granted(advanceRelease(first.release, news(nobody), B + 1))).toEqual([]);
  });

  it("grants nothing before a hold that was decided is carried out", () => {
    const hold = { id: "1", cohort: "model=bad", enforced: true, ended: null, settled: false } as unknown as CohortHold;
    expect(granted(advanceRelease(release({ holds: [hold] }), news(offers()), B))).toEqual([]);
    const settled = release({ holds: [{ ...hold, settled: true }] });
    expect(granted(advanceRelease(settled, news(offers()), B))).toEqual([["Test", 0, 50, true]]);
  });

  it("has nothing at stake with devices of a held cohort, which the gate does not count", () => {
    const rings = offers([wave("Test", 0, 50, B)]);
    const aside = rings.map((ring) => (ring.ring === "Test" ? { ...ring, offered: 80, setAside: 30 } : ring));
    const at = addDays(B, 1) + HOUR_MS;
    const decided = (of: RingOffers[]) => controlRelease(release(), of, NOTHING, at)?.input.offered;
    expect([decided(rings), decided(aside)]).toEqual([50, 50]);
  });

  it("lets H of the group decide, else max(20, 0.1 %)", () => {
    const stake = (harmBound: number | null) => {
      const start = release();
      return controlRelease({ ...start, gate: { ...start.gate, harmBound } }, offers(), NOTHING, B)?.input.harmBound;
    };
    expect([stake(null), stake(70)]).toEqual([20, 70]);
  });
});

describe("the gate's settings", () => {
  const at = addDays(B, 5);
  const rings = offers([wave("Test", 0, 50, B)]);
  const under = (gate: Partial<Release["gate"]>) => {
    const start = release();
    return advanceRelease({ ...start, gate: { ...start.gate, ...gate } }, news(rings), at);
  };

  it("advise: the controller says what it would offer, and rings open as planned", () => {
    const result = under({ mode: "advise" });
    expect([granted(result), result.release.control?.input.waiting.length]).toEqual([[], 2]);
  });

  it("planned: rings open as planned", () => {
    expect(granted(under({ offers: "planned" }))).toEqual([]);
  });

  it("a hold level of its own holds earlier", () => {
    const step = { ring: "Test", wave: 0, offered: 50, offeredAt: B, resolved: 40, failures: 2, arrivals: [] };
    const judged = (holdEvidence: number) => {
      const start = release();
      const given = { ...start, gate: { ...start.gate, holdEvidence } };
      return advanceRelease(given, news(rings, { steps: [step] }), B + 2 * DAY_MS).release.state.gate.decision;
    };
    expect([judged(5), judged(900)]).toEqual(["hold", "continue"]);
  });
});
