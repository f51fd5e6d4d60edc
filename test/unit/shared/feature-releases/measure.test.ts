import { describe, expect, it } from "vitest";
import { addDays } from "../../../../shared/calendar/days.js";
import { commandsFor, newDates, newlyUninstalled, unmeasured } from "../../../../shared/feature-releases/measure.js";
import type { FeatureRelease, FeatureStatus } from "../../../../shared/feature-releases/release.js";
import { featureUpdateOf } from "../../../../shared/feature-releases/update.js";
import { learnHistory } from "../../../../shared/gate/history.js";
import { defaultGroup } from "../../../../shared/groups/defaults.js";
import { newRelease, newRings } from "../../../../shared/releases/create.js";
import { tenantPause } from "../../../../shared/releases/pauses.js";
import type { Release } from "../../../../shared/releases/store.js";
import { workloadFor } from "../../../../shared/workloads/index.js";

const FIRST = Date.parse("2026-09-07T00:00:00Z");
const definition = defaultGroup("Workforce");
const bindings = Object.fromEntries(definition.rings.map(({ name }) => [name, { entraGroupId: `g-${name}` }]));
const group = { id: "workforce", definition, status: "active", bindings } as const;

/** Test in phase 1 and Ring1 in phase 2, a week later in two gradual groups. */
function feature(statuses: readonly [FeatureStatus, FeatureStatus], secondDate = "2026-09-14"): FeatureRelease {
  const phase = (number: number, ring: string, firstDate: string, status: FeatureStatus) => ({
    ...{ number, firstDate, gradualGroups: number, daysBetween: 7 },
    ...{ status, because: null, startedAt: null, pending: false },
    policyId: status === "Scheduled" ? null : `policy ${number}`,
    rings: [{ groupId: "workforce", ring, movedTo: null }],
  });
  return {
    ...{ id: "autumn", name: "Autumn", description: "", version: "Windows 11, version 24H2", build: 26_100 },
    groupIds: ["workforce"],
    phases: [phase(1, "Test", "2026-09-07", statuses[0]), phase(2, "Ring1", secondDate, statuses[1])],
    ...{ createdAt: 1, createdBy: { id: "ada", name: "Ada" } },
  };
}

function measuring(of: FeatureRelease): Release {
  const update = featureUpdateOf(of, group.id);
  if (update === undefined) throw new Error("The release reaches no ring.");
  return newRelease({ id: "m1", group, update, others: [], history: learnHistory([]), now: FIRST });
}

const pausedUntil = (release: Release, ring: string, until: number): Release => ({
  ...release,
  state: {
    ...release.state,
    rings: release.state.rings.map((view) =>
      view.ring === ring
        ? { ...view, pauses: { ...view.pauses, tenant: { ...tenantPause({ by: "x" }, FIRST), until } } }
        : view,
    ),
  },
});

describe("measuring a feature release", () => {
  it("begins in a group once a phase has its policy, and once only", () => {
    const waiting = feature(["Scheduled", "Scheduled"]);
    const begun = feature(["Active", "Scheduled"]);
    expect(unmeasured([waiting], [group], [])).toEqual([]);
    const [found] = unmeasured([begun], [group], []);
    expect(found?.update).toMatchObject({ workload: "feature", catalogEntryId: "autumn" });
    expect(found?.update.opens).toEqual({
      Test: { at: FIRST, spreadDays: 0 },
      Ring1: { at: addDays(FIRST, 7), spreadDays: 7 },
    });
    expect(unmeasured([begun], [group], [measuring(begun)])).toEqual([]);
  });

  it("pauses rings with their phases, for as long as these are, and resumes them with these", () => {
    const release = measuring(feature(["Active", "Active"]));
    const isPaused = feature(["Paused", "Active"]);
    expect(commandsFor(release, isPaused, FIRST)).toMatchObject([{ kind: "pause", rings: ["Test"] }]);
    const paused = pausedUntil(release, "Test", addDays(FIRST, 35));
    expect(commandsFor(paused, isPaused, FIRST)).toEqual([]);
    expect(commandsFor(paused, isPaused, addDays(FIRST, 26))).toMatchObject([{ kind: "extend", rings: ["Test"] }]);
    const active = feature(["Active", "Active"]);
    expect(commandsFor(paused, active, FIRST)).toMatchObject([{ kind: "resume", rings: ["Test"] }]);
  });

  it("tells rings once that people had the feature update uninstalled there", () => {
    const active = feature(["Active", "Active"]);
    const [release, uninstall] = [measuring(active), { since: FIRST, until: addDays(FIRST, 10), hasEnded: false }];
    const phases = active.phases.map((phase) =>
      phase.number === 1 ? { ...phase, rings: phase.rings.map((ring) => ({ ...ring, uninstall })) } : phase,
    );
    const rings = newRings(release, group);
    expect(newlyUninstalled(release, active, rings)).toEqual([]);
    expect(newlyUninstalled(release, { ...active, phases }, rings)).toEqual(["Test"]);
    const told = rings.map((ring) => ({ ...ring, state: { ...ring.state, uninstalled: true as const } }));
    expect(newlyUninstalled(release, { ...active, phases }, told)).toEqual([]);
  });

  it("gives rings that have not begun the number of gradual groups that their phases have", () => {
    const before = feature(["Active", "Scheduled"]);
    const rings = newRings(measuring(before), group);
    const phases = before.phases.map((phase) => ({ ...phase, gradualGroups: 1 }));
    const update = featureUpdateOf({ ...before, phases }, group.id);
    if (update === undefined) throw new Error("The release reaches no ring.");
    const plans = workloadFor(update).plan(update, group);
    expect(newDates(plans, rings).map(({ ring, targetAt }) => [ring, targetAt])).toEqual([
      ["Ring1", addDays(FIRST, 14)],
    ]);
  });

  it("ends where no phase holds a ring of the group any more", () => {
    const release = measuring(feature(["Active", "Active"]));
    expect(commandsFor(release, feature(["Inactive", "Canceled"]), FIRST)).toMatchObject([{ kind: "cancel" }]);
  });

  it("gives rings that have not begun the new dates of their phases", () => {
    const before = feature(["Active", "Scheduled"]);
    const rings = newRings(measuring(before), group);
    const moved = featureUpdateOf(feature(["Active", "Scheduled"], "2026-09-21"), group.id);
    if (moved === undefined) throw new Error("The release reaches no ring.");
    const plans = workloadFor(moved).plan(moved, group);
    expect(newDates(plans, rings).map(({ ring, availableAt }) => [ring, availableAt])).toEqual([
      ["Ring1", addDays(FIRST, 14)],
    ]);
  });
});
