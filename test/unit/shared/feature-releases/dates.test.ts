import { describe, expect, it } from "vitest";
import { editDates } from "../../../../shared/feature-releases/commands.js";
import type { FeatureRelease, Phase } from "../../../../shared/feature-releases/release.js";

const now = Date.parse("2024-06-12T12:00:00Z");
const VERSION = "Windows 11, version 22H2";
const catalogue = [{ version: VERSION, build: 22621, releasedAt: 0, endOfSupport: Date.parse("2024-10-08T00:00:00Z") }];
const phases = ["2024-07-01", "2024-07-08", "2024-07-15"].map(
  (firstDate, index): Phase => ({
    ...{ number: index + 1, rings: [], firstDate, gradualGroups: 1, daysBetween: 7 },
    ...{ status: "Scheduled", because: null, policyId: null, startedAt: null, pending: false },
  }),
);
const release: FeatureRelease = {
  ...{ id: "summer", name: "Summer", description: "", version: VERSION, build: 22621, groupIds: [], phases },
  ...{ createdAt: 0, createdBy: { id: "ada", name: "Ada" } },
};
const edit = (dates: Readonly<Record<number, string>>) =>
  editDates(
    release,
    Object.entries(dates).map(([phase, firstDate]) => ({ phase: Number(phase), firstDate })),
    { catalogue, now },
  ).phases.map(({ firstDate }) => firstDate);
const refusal = (rule: string, field: string) =>
  expect.objectContaining({ field, details: expect.objectContaining({ rule }) });

describe("other dates of phases", () => {
  it("keep the order of the phases, of which two may begin on one day", () => {
    expect(edit({ 2: "2024-07-15" })).toEqual(["2024-07-01", "2024-07-15", "2024-07-15"]);
    expect(() => edit({ 2: "2024-07-16" })).toThrow(refusal("phaseOrder", "phases[0].firstDate"));
    expect(() => edit({ 3: "2024-07-22", 1: "2024-07-09" })).toThrow(refusal("phaseOrder", "phases[0].firstDate"));
    expect(() => edit({ 1: "2024-09-01", 2: "2024-09-08", 3: "2024-09-07" })).toThrow(
      refusal("phaseOrder", "phases[2].firstDate"),
    );
  });

  it("begin the last phase while the version has support", () => {
    expect(edit({ 3: "2024-10-07" }).at(-1)).toBe("2024-10-07");
    expect(() => edit({ 3: "2024-10-08" })).toThrow(refusal("unsupportedVersion", "phases"));
  });
});
