import { describe, expect, it } from "vitest";
import { autoPhases, checkPhases, proposedPhases, type RingRef } from "../../../../shared/feature-releases/phases.js";
import {
  type FeatureRelease,
  FeatureStatus,
  permittedActs,
  statusOf,
  withoutGroup,
} from "../../../../shared/feature-releases/release.js";
import { defaultGroup } from "../../../../shared/groups/defaults.js";

function group(id: string, rings: readonly string[]) {
  const definition = defaultGroup(id);
  const [pattern] = definition.rings;
  if (pattern === undefined) throw new Error("There is no ring.");
  return { id, definition: { ...definition, rings: rings.map((name) => ({ ...pattern, name })) } };
}
const finance = group("finance", ["Test", "Ring1", "Ring2", "Last"]);
const marketing = group("marketing", ["Test", "Ring1", "Ring2", "Ring3", "Last"]);
const named = (phases: readonly (readonly RingRef[])[]) =>
  phases.map((rings) => rings.map(({ groupId, ring }) => `${groupId} ${ring}`));

describe("phases", () => {
  it("have ring n of every group in phase n", () => {
    expect(named(autoPhases([finance, marketing]))).toEqual([
      ["finance Test", "marketing Test"],
      ["finance Ring1", "marketing Ring1"],
      ["finance Ring2", "marketing Ring2"],
      ["finance Last", "marketing Ring3"],
      ["marketing Last"],
    ]);
  });

  it("follow each other, each from the goal date of the one before", () => {
    const first = { firstDate: "2026-02-02", gradualGroups: 2, daysBetween: 7 };
    const phases = proposedPhases([finance], first, () => []);
    expect(phases.map(({ firstDate }) => firstDate)).toEqual(["2026-02-02", "2026-02-16", "2026-03-02", "2026-03-16"]);
  });

  it.each([
    ["a ring in no phase", [["Test", "Ring1", "Ring2"]], "ringWithoutPhase"],
    ["a phase without a ring", [["Test", "Ring1", "Ring2", "Last"], []], "phaseWithoutRing"],
    ["a ring in two phases", [["Test", "Ring1", "Ring2", "Last"], ["Last"]], "ringInTwoPhases"],
    ["a ring that there is not", [["Test", "Ring1", "Ring2", "Last", "Ring9"]], "unknownRing"],
  ])("%s is refused", (_what, rings, rule) => {
    const phases = rings.map((names) => ({
      rings: names.map((ring) => ({ groupId: "finance", ring })),
      firstDate: "2026-02-02",
      gradualGroups: 1,
      daysBetween: 7,
    }));
    expect(() => checkPhases(phases, [finance])).toThrow(
      expect.objectContaining({ code: "rule_violated", details: expect.objectContaining({ rule }) }),
    );
  });
});

const { scheduled, active, inactive, paused, canceled } = FeatureStatus;

function release(...statuses: readonly FeatureStatus[]): FeatureRelease {
  const phases = statuses.map((status, index) => ({
    number: index + 1,
    rings: ["finance", "marketing"].map((groupId) => ({ groupId, ring: `Ring${index}`, movedTo: null })),
    ...{ firstDate: "2026-02-02", gradualGroups: 1, daysBetween: 7, status, because: null },
    ...{ policyId: null, startedAt: null, pending: false },
  }));
  const createdBy = { id: "ada", name: "Ada" };
  return { id: "r1", name: "R", description: "", version: "", build: 1, groupIds: [], phases, createdAt: 0, createdBy };
}

describe("a release", () => {
  it.each([
    [[scheduled, scheduled], scheduled, ["editDates", "cancel"]],
    [[active, scheduled], scheduled, ["editDates", "pause", "cancel"]],
    [[paused, scheduled], scheduled, ["editDates", "resume", "cancel"]],
    [[active, active], active, ["pause"]],
    [[active, paused], active, ["pause", "resume"]],
    [[active, inactive], active, ["pause"]],
    [[active, canceled], active, ["pause"]],
    [[paused, paused], paused, ["resume"]],
    [[inactive, inactive], inactive, []],
    [[canceled, canceled], canceled, []],
    [[inactive, canceled], inactive, []],
  ] as const)("with phases %j is %s and permits %j", (statuses, status, acts) => {
    expect(statusOf(release(...statuses))).toBe(status);
    expect(permittedActs(release(...statuses)).sort()).toEqual([...acts].sort());
  });

  it("of which one group goes keeps the other's rings, and is Inactive once both went", () => {
    const one = withoutGroup(release(active, active), "finance", "r2");
    expect(one.phases.map(({ status }) => status)).toEqual([active, active]);
    expect(one.phases[0]?.rings.map(({ movedTo }) => movedTo)).toEqual(["r2", null]);
    const none = withoutGroup(one, "marketing", "r3");
    expect([statusOf(none), none.phases.every(({ pending }) => pending)]).toEqual([inactive, true]);
    expect(withoutGroup(none, "marketing", "r4")).toBe(none);
  });
});
