import { describe, expect, it } from "vitest";
import { checkVersion, latestVersion, supportAt } from "../../../../shared/feature-releases/catalogue.js";
import { compareVersions, winnerOf } from "../../../../shared/feature-releases/version.js";

const name = (major: number, version: string) => `Windows ${major}, version ${version}`;

describe("Windows versions", () => {
  it("are in the order of their names, Windows 10 first", () => {
    const sorted = [
      name(10, "1909"),
      name(10, "2004"),
      name(10, "20H2"),
      name(10, "22H2"),
      name(11, "21H2"),
      name(11, "22H2"),
      name(11, "24H2"),
      name(11, "25H2"),
    ];
    expect([...sorted].reverse().sort(compareVersions)).toEqual(sorted);
    expect(compareVersions("Windows Next", name(10, "1909"))).toBeLessThan(0);
  });

  it("of several policies the latest wins, whatever their order", () => {
    const policies = ["23H2", "25H2", "24H2"].map((version) => ({ version: name(11, version), id: version }));
    expect(winnerOf(policies)?.id).toBe("25H2");
    expect(winnerOf([...policies].reverse())?.id).toBe("25H2");
    expect(winnerOf([])).toBeUndefined();
  });
});

describe("the version of a release", () => {
  const day = (text: string) => Date.parse(`${text}T00:00:00Z`);
  const catalogue = [
    { version: name(11, "22H2"), build: 22_621, releasedAt: null, endOfSupport: day("2025-10-14") },
    { version: name(11, "24H2"), build: null, releasedAt: null, endOfSupport: day("2027-10-12") },
    { version: name(11, "25H2"), build: 26_200, releasedAt: null, endOfSupport: null },
    { version: name(11, "26H2"), build: 28_000, releasedAt: null, endOfSupport: null },
    { version: name(11, "27H2"), build: null, releasedAt: null, endOfSupport: null },
  ];
  const check = (version: string, floor = name(11, "21H2")) =>
    checkVersion(version, catalogue, {
      at: day("2026-02-02"),
      floors: [{ groupId: "sales", version: floor, by: "its settings" }],
    });
  const ruleOf = (run: () => unknown) => {
    try {
      run();
    } catch (error) {
      return (error as { details: { rule: string } }).details.rule;
    }
    return undefined;
  };

  it("is one of the catalogue, supported, and no downgrade", () => {
    expect(check(name(11, "24H2")).version).toBe(name(11, "24H2"));
    expect(check(name(11, "24H2"), name(11, "24H2")).version).toBe(name(11, "24H2"));
    expect(ruleOf(() => check(name(12, "27H2")))).toBe("unknownVersion");
    expect(ruleOf(() => check(name(11, "22H2")))).toBe("unsupportedVersion");
    expect(ruleOf(() => check(name(11, "24H2"), name(11, "25H2")))).toBe("downgrade");
  });

  it("that is the latest has support", () => {
    const dated = catalogue.map((each) =>
      each.build === 26_200 ? { ...each, endOfSupport: day("2026-02-01") } : each,
    );
    const at = (text: string) => latestVersion(dated.slice(0, 3), day(text))?.version;
    expect([at("2026-01-31"), at("2026-02-01")]).toEqual([name(11, "25H2"), name(11, "24H2")]);
    expect(latestVersion([], 0)).toBeUndefined();
  });

  it("has a build, by the catalogue or by the table of versions", () => {
    expect([check(name(11, "26H2")).build, check(name(11, "24H2")).build]).toEqual([28_000, 26_100]);
    expect(ruleOf(() => check(name(11, "27H2")))).toBe("unknownBuild");
  });

  it("is Support Ending within two months", () => {
    const at = (text: string) => supportAt({ endOfSupport: day("2025-10-14") }, day(text));
    expect([at("2025-08-13"), at("2025-08-14"), at("2025-10-13"), at("2025-10-14")]).toEqual([
      "Supported",
      "Support Ending",
      "Support Ending",
      "Not supported",
    ]);
    expect(supportAt({ endOfSupport: null }, day("2030-01-01"))).toBe("Supported");
  });
});
