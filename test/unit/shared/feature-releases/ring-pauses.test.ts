import { describe, expect, it } from "vitest";
import { pausePhases, resumePhases } from "../../../../shared/feature-releases/commands.js";
import { type FeatureRelease, type Phase, permittedActs } from "../../../../shared/feature-releases/release.js";
import { isPausedIn } from "../../../../shared/feature-releases/suspensions.js";

const because = { reason: "changeFreeze", at: 1, by: { id: "ada", name: "Ada" } } as const;
const [sales, finance] = ["sales", "finance"].map((groupId) => ({ groupId, ring: "Test" })) as [Ref, Ref];
type Ref = { readonly groupId: string; readonly ring: string };
const phase: Phase = {
  ...{ number: 1, rings: [sales, finance].map((ring) => ({ ...ring, movedTo: null })), firstDate: "2024-07-01" },
  ...{
    gradualGroups: 1,
    daysBetween: 7,
    status: "Active",
    because: null,
    policyId: "p1",
    startedAt: 0,
    pending: false,
  },
};
const release: FeatureRelease = {
  ...{ id: "summer", name: "Summer", description: "", version: "Windows 11, version 23H2", build: 22_631 },
  ...{ groupIds: ["sales", "finance"], phases: [phase], createdAt: 0, createdBy: { id: "ada", name: "Ada" } },
};
const look = ({ phases }: FeatureRelease) =>
  phases.map((each) => ({
    status: each.status,
    because: each.because?.reason ?? null,
    paused: each.rings.filter((ring) => isPausedIn(each, ring)).map(({ groupId }) => groupId),
  }));

describe("rings of a phase", () => {
  it("are paused alone, while the phase goes on until none of them does", () => {
    const one = pausePhases(release, { rings: [sales] }, because);
    expect(look(one)).toEqual([{ status: "Active", because: "changeFreeze", paused: ["sales"] }]);
    expect([one.phases[0]?.pending, permittedActs(one)]).toEqual([true, ["pause", "resume"]]);
    const both = pausePhases(one, { rings: [finance] }, because);
    expect(look(both)).toEqual([{ status: "Paused", because: "changeFreeze", paused: ["sales", "finance"] }]);
    expect(permittedActs(both)).toEqual(["resume"]);
  });

  it("are resumed alone, while those that are left stay paused", () => {
    const paused = pausePhases(release, {}, because);
    const one = resumePhases(paused, { rings: [finance] });
    expect(look(one)).toEqual([{ status: "Active", because: "changeFreeze", paused: ["sales"] }]);
    const none = { status: "Active", because: null, paused: [] };
    expect([look(resumePhases(one, { rings: [sales] })), look(resumePhases(one, {}))]).toEqual([[none], [none]]);
  });

  it("are left as they are where they are so already", () => {
    const one = pausePhases(release, { rings: [sales] }, because);
    expect(() => pausePhases(one, { rings: [sales] }, because)).toThrow(/is not Active/);
    expect(() => resumePhases(one, { rings: [finance] })).toThrow(/is not Paused/);
  });
});
