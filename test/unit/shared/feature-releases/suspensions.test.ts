import { describe, expect, it } from "vitest";
import type { FeatureRelease, Phase, PhaseRing } from "../../../../shared/feature-releases/release.js";
import { isPausedIn, withSuspension } from "../../../../shared/feature-releases/suspensions.js";

const ring: PhaseRing = { groupId: "sales", ring: "Test", movedTo: null };
const uninstall = { since: 0, until: 1, hasEnded: true };
const phase: Phase = {
  ...{
    number: 1,
    rings: [ring, { ...ring, groupId: "finance" }],
    firstDate: "2024-07-01",
    gradualGroups: 1,
    daysBetween: 7,
  },
  ...{ status: "Active", because: null, policyId: "p1", startedAt: 0, pending: false },
};
const release: FeatureRelease = {
  ...{ id: "summer", name: "Summer", description: "", version: "Windows 11, version 23H2", build: 22631 },
  ...{ groupIds: ["sales", "finance"], phases: [phase], createdAt: 0, createdBy: { id: "ada", name: "Ada" } },
};
const sales = { groupId: "sales", ring: "Test" };
const suspendedIn = ({ phases }: FeatureRelease) =>
  phases.flatMap(({ rings }) => rings.filter(({ suspended }) => suspended).map(({ groupId }) => groupId));

describe("a ring of a phase", () => {
  it.each([
    ["people have paused", { ...phase, status: "Paused" as const }, ring, true],
    ["had its update uninstalled", phase, { ...ring, uninstall }, true],
    ["the service has suspended", phase, { ...ring, suspended: true }, true],
    ["nobody has stopped", phase, ring, false],
  ])("that %s: paused %4$s", (_what, inPhase, each, paused) => {
    expect(isPausedIn(inPhase, each)).toBe(paused);
  });

  it("is suspended without the others of its phase, and let go on again", () => {
    const suspended = withSuspension(release, sales, true);
    expect(suspendedIn(suspended)).toEqual(["sales"]);
    expect(withSuspension(suspended, sales, false)).toEqual(release);
  });

  it("is left alone that is so already, or that is none of the release's any more", () => {
    expect(withSuspension(release, sales, false)).toBe(release);
    const gone = { ...release, phases: [{ ...phase, rings: [{ ...ring, movedTo: "autumn" }] }] };
    expect(withSuspension(gone, sales, true)).toBe(gone);
  });
});
