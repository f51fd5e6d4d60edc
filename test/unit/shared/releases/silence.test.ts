import { describe, expect, it } from "vitest";
import { DAY_MS, HOUR_MS } from "../../../../shared/calendar/days.js";
import { defaultArrivals } from "../../../../shared/gate/arrivals.js";
import type { WaveSummary } from "../../../../shared/ledger/index.js";
import { advanceRelease } from "../../../../shared/releases/advance.js";
import type { ReleaseNews } from "../../../../shared/releases/news.js";
import { needsCheckIns, startedDevices } from "../../../../shared/releases/silence.js";
import type { ReleaseRing } from "../../../../shared/releases/store.js";
import { releaseOf, ring } from "./fixtures.js";

const NOW = Date.parse("2024-06-25T00:00:00Z");
const began = NOW - 12 * DAY_MS;
const iso = (at: number) => new Date(at).toISOString();
const wave = (change: Partial<WaveSummary>) =>
  ({ ring: "Ring1", started: 40, resolved: 30, startedSilent: [], restartPending: [], ...change }) as WaveSummary;
const rings = [{ ring: "Ring1", state: ring("Ring1") } as ReleaseRing];
const graceMs = (ring("Ring1").plan.graceDays ?? 0) * DAY_MS;

function news(silent: number, change: Partial<ReleaseNews> = {}): ReleaseNews {
  const step = { ring: "Test", wave: 0, offered: 100, offeredAt: began, arrivals: defaultArrivals(0) };
  return {
    ...{ commands: [], rings: [], offers: [], offered: 100, rolledBack: 0, checkIns: null },
    steps: [{ ...step, resolved: 90, failures: 0 }],
    begun: { started: 100, silent: [{ since: began, devices: silent }] },
    ...change,
  };
}

describe("devices that began to install", () => {
  it("are those of all waves; a final report proves a beginning", () => {
    const waves = [wave({ startedSilent: [{ since: iso(began), devices: 2 }] }), wave({ started: 5, resolved: 9 })];
    expect(startedDevices({ waves }, rings)).toEqual({ started: 49, silent: [{ since: began, devices: 2 }] });
  });

  it("are silent only after their grace period where they wait for a restart", () => {
    expect(graceMs).toBeGreaterThan(0);
    const group = { since: iso(began), devices: 3 };
    const { silent } = startedDevices({ waves: [wave({ restartPending: [group] })] }, rings);
    expect(silent).toEqual([{ since: began + graceMs, devices: 3 }]);
  });
});

describe("a release whose devices do not come back", () => {
  const release = releaseOf("enforce", NOW);

  it("holds, keeps why, and asks at once", () => {
    const result = advanceRelease(release, news(9), NOW);
    expect(result.decisions).toMatchObject([{ verdict: "hold", silence: { decision: "hold", overdue: 9 } }]);
    expect(result.questions).toMatchObject([{ kind: "silenceHold", overdue: 9, failures: 0 }]);
    expect(result.release.silence).toMatchObject({ overdue: 9, started: 100 });
    expect(result.release.silence).not.toHaveProperty("input");
  });

  it("pauses when it is sure", () => {
    const result = advanceRelease(release, news(14), NOW);
    expect(result.release).toMatchObject({ pauseReason: "pausedByGate", state: { gate: { decision: "pause" } } });
    expect(result.questions).toMatchObject([{ kind: "gatePause", overdue: 14 }]);
  });

  it("goes on while everybody else stays away as long", () => {
    const checkIns = { at: NOW, control: { usualHours: 12, currentHours: 72 } };
    const result = advanceRelease(release, news(14, { checkIns }), NOW);
    expect(result.decisions).toEqual([]);
    expect(result.release.checkIns).toEqual(checkIns);
    const later = advanceRelease(result.release, news(14), NOW + HOUR_MS);
    expect(later.release.state.gate.decision).toBe("continue");
  });

  it("asks about the others only while silence speaks against the update, every six hours at most", () => {
    const begun = news(9).begun;
    expect(needsCheckIns(release, news(0).begun, NOW)).toBe(false);
    expect(needsCheckIns(release, begun, NOW)).toBe(true);
    const known = { ...release, checkIns: { at: NOW, control: null } };
    expect(needsCheckIns(known, begun, NOW + 5 * HOUR_MS)).toBe(false);
    expect(needsCheckIns(known, begun, NOW + 6 * HOUR_MS)).toBe(true);
    expect(needsCheckIns(releaseOf("off", NOW), begun, NOW)).toBe(false);
  });
});
