import { describe, expect, it } from "vitest";
import type { Graph } from "../../../../shared/graph/graph.js";
import { defaultGroup } from "../../../../shared/groups/defaults.js";
import { versionViolations } from "../../../../shared/groups/rules/feature-version.js";

const NOW = Date.parse("2024-11-20T00:00:00Z");
let calls = 0;
const graph = {
  list: async () => {
    calls++;
    return [
      { version: "Windows 11, version 22H2", releaseDateTime: null, endOfSupportDate: Date.parse("2024-10-08") },
      { version: "Windows 11, version 23H2", releaseDateTime: null, endOfSupportDate: Date.parse("2025-11-11") },
      { version: "Windows 11, version 24H2", releaseDateTime: null, endOfSupportDate: Date.parse("2026-10-13") },
    ];
  },
} as unknown as Graph;

const group = (version: string | null, feature = true) => {
  const base = defaultGroup("Sales");
  return {
    ...base,
    updateTypes: { ...base.updateTypes, feature },
    deploymentSettings: { ...base.deploymentSettings, targetFeatureVersion: version },
  };
};

/** Rules that the change breaks, and whether it asked Graph. */
async function broken(before: ReturnType<typeof group> | undefined, after: ReturnType<typeof group>) {
  calls = 0;
  const violations = await versionViolations(graph, [{ before, after, prefix: "groups[1]." }], NOW);
  return { rules: violations.map(({ rule }) => rule), fields: violations.map(({ field }) => field), asks: calls > 0 };
}

describe("the Windows version that a group is set to", () => {
  const field = "groups[1].deploymentSettings.targetFeatureVersion";

  it.each([
    ["one that the catalogue does not have", "Windows 11, version 27H2", "unknownVersion"],
    ["one with a slip of the pen", "Windows 11 version 24H2", "unknownVersion"],
    ["one that gets no updates any more", "Windows 11, version 22H2", "unsupportedVersion"],
  ])("is refused: %s", async (_what, version, rule) => {
    expect(await broken(undefined, group(version))).toEqual({ rules: [rule], fields: [field], asks: true });
  });

  it("is refused when the group is set to a later one already", async () => {
    const change = await broken(group("Windows 11, version 24H2"), group("Windows 11, version 23H2"));
    expect(change).toEqual({ rules: ["downgrade"], fields: [field], asks: true });
  });

  it("may rise, and may be taken away", async () => {
    const [older, newer] = [group("Windows 11, version 23H2"), group("Windows 11, version 24H2")];
    expect((await broken(older, newer)).rules).toEqual([]);
    expect(await broken(newer, group(null))).toEqual({ rules: [], fields: [], asks: false });
  });

  it("is not looked at where it stays, though its support has ended since, nor where no policy has it", async () => {
    const ended = group("Windows 11, version 22H2");
    expect(await broken(ended, ended)).toEqual({ rules: [], fields: [], asks: false });
    expect(await broken(undefined, group("nonsense", false))).toEqual({ rules: [], fields: [], asks: false });
  });
});
