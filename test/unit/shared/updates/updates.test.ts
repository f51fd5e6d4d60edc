import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { buildText, compareBuilds, parseBuild } from "../../../../shared/updates/build.js";
import { becomesRelease, type QualityUpdate, updateKind } from "../../../../shared/updates/quality-update.js";
import { remainingRevisions, supersededVersions, supersedence } from "../../../../shared/updates/supersedence.js";
import { isUpToDate, updateState } from "../../../../shared/updates/up-to-date.js";

function update(shortName: string, releaseDate: string, builds: readonly string[], hotpatch?: string): QualityUpdate {
  const revision = (build: string, isHotpatch: boolean) => ({
    product: "Windows 11",
    version: "any",
    build: `10.0.${build}`,
    kb: "KB5000000",
    isHotpatch,
  });
  return {
    catalogEntryId: `${shortName}-${releaseDate}`,
    shortName,
    displayName: shortName,
    releaseDate,
    classification: "security",
    cadence: "monthly",
    isExpeditable: true,
    revisions: [...builds.map((build) => revision(build, false)), ...(hotpatch ? [revision(hotpatch, true)] : [])],
  };
}

const april = update("2025.04 B", "2025-04-08T00:00:00Z", ["19045.5737", "22631.5189", "26100.3775"]);
const aprilOob = update("2025.04 OOB", "2025-04-11T00:00:00Z", ["22631.5192"]);
const may = update("2025.05 B", "2025-05-13T00:00:00Z", ["19045.5854", "22631.5335", "26100.4061"], "26100.3981");

describe("builds", () => {
  it("are read with and without the leading 10.0 and written with it", () => {
    expect(parseBuild("10.0.22631.3737")).toEqual(parseBuild("22631.3737"));
    expect(parseBuild("22631")).toBeUndefined();
    expect(parseBuild("10.0.22631.x")).toBeUndefined();
    expect(buildText({ major: 22631, revision: 3737 })).toBe("10.0.22631.3737");
  });

  it("compare numerically within a version and not at all across versions", () => {
    const compare = (a: number, b: number) => compareBuilds({ major: 1, revision: a }, { major: 1, revision: b });
    expect(compare(999, 1000)).toBeLessThan(0);
    expect(compareBuilds({ major: 1, revision: 1 }, { major: 2, revision: 1 })).toBeUndefined();
  });
});

describe("up to date", () => {
  it("is at or above the revision of the device's own version", () => {
    expect(isUpToDate("10.0.22631.5188", april)).toBe(false);
    expect(isUpToDate("10.0.22631.5189", april)).toBe(true);
    expect(isUpToDate("10.0.22631.5335", april)).toBe(true);
    expect(isUpToDate("10.0.19045.5736", april)).toBe(false);
  });

  it("does not apply to a version for which the update has no revision", () => {
    expect(updateState("10.0.26100.3775", aprilOob)).toBe("notApplicable");
    expect(updateState("nonsense", aprilOob)).toBe("notApplicable");
    expect(isUpToDate("10.0.26100.9999", aprilOob)).toBe(false);
  });

  it("is reached by the hotpatch revision itself, not by a preview between hotpatch and cumulative update", () => {
    expect(updateState("10.0.26100.3981", may)).toBe("upToDate");
    expect(updateState("10.0.26100.3990", may)).toBe("notUpToDate");
    expect(updateState("10.0.26100.4061", may)).toBe("upToDate");
  });

  it("never ends by installing something newer of the same version", () => {
    fc.assert(
      fc.property(fc.nat(9999), fc.nat(9999), (a, b) => {
        const [low, high] = a < b ? [a, b] : [b, a];
        if (isUpToDate(`10.0.22631.${low}`, april)) expect(isUpToDate(`10.0.22631.${high}`, april)).toBe(true);
      }),
    );
  });
});

describe("kinds", () => {
  it("come from the short name, and from cadence and classification where it says nothing", () => {
    expect(updateKind(may)).toBe("B");
    expect(updateKind({ ...may, shortName: "?", cadence: "outOfBand" })).toBe("OOB");
    expect(updateKind({ ...may, shortName: "?", classification: "nonSecurity" })).toBe("D");
  });

  it("become releases when monthly security or out of band, never as previews", () => {
    const releases = ["2025.05 B", "2025.05 OOB", "2025.05 C", "2025.05 D"].map((shortName) =>
      becomesRelease({ ...may, shortName }),
    );
    expect(releases).toEqual([true, true, false, false]);
  });
});

describe("supersedence", () => {
  it("is full by the next month's update", () => {
    expect(supersedence(may, april)).toBe("full");
    expect(supersedence(april, may)).toBe("none");
    expect(supersedence(may, may)).toBe("none");
  });

  it("needs a later publication and a higher revision", () => {
    const sameDay = update("2025.04 OOB", "2025-04-08T00:00:00Z", ["22631.5192"]);
    const lower = update("2025.04 OOB", "2025-04-11T00:00:00Z", ["22631.5188"]);
    expect(supersedence(sameDay, april)).toBe("none");
    expect(supersedence(lower, april)).toBe("none");
  });

  it("is partial by an out-of-band update for one version", () => {
    expect(supersedence(aprilOob, april)).toBe("partial");
    expect(supersededVersions(aprilOob, april)).toEqual([22631]);
    expect(remainingRevisions(april, aprilOob).map(({ build }) => build)).toEqual([
      "10.0.19045.5737",
      "10.0.26100.3775",
    ]);
  });
});
