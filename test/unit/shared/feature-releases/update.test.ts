import { expect, it } from "vitest";
import type { FeatureRelease, Phase } from "../../../../shared/feature-releases/release.js";
import { featureUpdateOf } from "../../../../shared/feature-releases/update.js";
import { feature } from "../../../../shared/feature-releases/workload.js";

const phase: Phase = {
  ...{ number: 1, rings: [{ groupId: "sales", ring: "Test", movedTo: null }], firstDate: "2026-12-01" },
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
  ...{ id: "winter", name: "Winter", description: "", version: "Windows 11, version 26H2", build: 28_000 },
  ...{ groupIds: ["sales"], phases: [phase], createdAt: 0, createdBy: { id: "ada", name: "Ada" } },
};

it("devices are up to date with a version that is newer than the table of versions", () => {
  const update = featureUpdateOf(release, "sales");
  if (update === undefined) throw new Error("The release brings nothing.");
  const states = ["10.0.26200.9000", "10.0.28000.1", "10.0.29000.1"].map((osVersion) =>
    feature.stateOf({ osVersion }, update),
  );
  expect(states).toEqual(["notUpToDate", "upToDate", "upToDate"]);
});
