import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { built } from "../../infra/local/world/app-root.js";
import { type ChainedEntry, verifyChain } from "../../shared/audit/chain.js";
import type { StoredGroup } from "../../shared/groups/store.js";
import { call, type Problem } from "../support/api.js";
import { pass } from "../support/devices.js";
import { directoryGroups, groupsNamed } from "../support/directory.js";
import { GraphReader, type IntuneRing } from "../support/graph.js";
import { startWorld, type World } from "../support/world.js";

interface Changes {
  readonly changes: readonly {
    readonly action: string;
    readonly id: string;
    readonly differences: readonly unknown[];
  }[];
}

let world: World;
let graph: GraphReader;
let folder: string;

beforeAll(async () => {
  world = await startWorld({ from: "2024-06-03T08:00Z", devices: 8 });
  graph = new GraphReader(world);
  folder = mkdtempSync(join(tmpdir(), "ringmaster-groups-"));
  await directoryGroups(graph, ["Lab tests", "Lab PCs", "Shop tests", "Shop desks", "Shop PCs", "Double", "Double"]);
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await world?.stop();
});

const FILE = `
groups:
  - name: Lab
    rings:
      - { name: Test, distribution: { assignedGroupId: Lab tests } }
      - { name: Last, distribution: { assignedGroupId: Lab PCs } }
  - name: Shops
    dynamicGroupIds: [Shop PCs]
    rings:
      - { name: Test, distribution: { assignedGroupId: Shop tests } }
      - name: Ring1
        qualityDeferralDays: 2
        distribution: { dynamicPercent: 100 }
      - { name: Last, distribution: { assignedGroupId: Shop desks } }
`;

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly error: string;
}

/** The command as people call it, on a file with this text. */
async function groups(act: string, text: string, ...options: string[]): Promise<Ended> {
  const file = join(folder, "groups.yaml");
  writeFileSync(file, text);
  const argv = [built("infra/local/groups-cli.ts"), act, file, "--url", world.api.url, ...options];
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [
      ...argv,
      "--key",
      "function-key-of-the-tests",
    ]);
    return { code: 0, out: stdout, error: stderr };
  } catch (failure) {
    const { code, stdout, stderr } = failure as { code: number; stdout: string; stderr: string };
    return { code, out: stdout, error: stderr.replaceAll(file, "groups.yaml") };
  }
}

const actions = async (act: string, text: string, ...options: string[]) => {
  const { out, error } = await groups(act, text, "--json", ...options);
  if (error !== "") throw new Error(error);
  return Object.fromEntries((JSON.parse(out) as Changes).changes.map(({ id, action }) => [id, action]));
};
const stored = async () => (await call<{ value: StoredGroup[] }>(world, "GET", "/groups")).body.value;

describe("a file of groups", () => {
  it("is compared without changing anything, applied, and applied again without effect", async () => {
    expect(await actions("plan", FILE)).toEqual({ lab: "create", shops: "create" });
    expect((await stored()).map(({ id }) => id)).toEqual(["workforce"]);
    expect(await actions("apply", FILE)).toEqual({ lab: "create", shops: "create" });
    await pass(world, 5);
    expect((await stored()).map(({ id, status }) => [id, status])).toEqual([
      ["lab", "active"],
      ["shops", "active"],
      ["workforce", "active"],
    ]);
    expect(await actions("apply", FILE)).toEqual({ lab: "unchanged", shops: "unchanged" });
    const [, shops] = await stored();
    expect(shops?.definition.rings.map(({ qualityDeferralDays }) => qualityDeferralDays)).toEqual([0, 2, 10]);
    expect(shops?.definition.dynamicGroupIds).toEqual([(await groupsNamed(graph, "Shop PCs"))["Shop PCs"]]);
  });

  it("renames a group that it knows by its id, and tells the other differences by field", async () => {
    const renamed = FILE.replace("- name: Shops", "- id: shops\n    name: Stores").replace("Days: 2", "Days: 3");
    const { out } = await groups("plan", renamed);
    expect(out).toContain("~ rename Stores (shops)");
    expect(out).toContain('    name: "Shops" → "Stores"');
    expect(out).toContain("    rings.Ring1.qualityDeferralDays: 2 → 3");
    expect(await actions("apply", renamed)).toEqual({ lab: "unchanged", shops: "rename" });
    await pass(world, 1);
    expect(Object.keys(await groupsNamed(graph, "Stores - ")).sort()).toEqual([
      "Stores - All rings",
      "Stores - Last",
      "Stores - Ring1",
      "Stores - Test",
    ]);
    const rings = await graph.list<IntuneRing>("beta/deviceManagement/deviceConfigurations");
    const ring1 = rings.find(({ displayName }) => displayName.startsWith("Ringmaster Stores - Ring1 update ring"));
    expect(ring1?.qualityUpdatesDeferralPeriodInDays).toBe(3);
  });

  it("deletes what it does not have only when told so", async () => {
    const one = FILE.slice(0, FILE.indexOf("  - name: Shops"));
    expect(await actions("plan", one)).toEqual({ lab: "unchanged" });
    expect(await actions("plan", one, "--prune")).toEqual({ lab: "unchanged", shops: "delete", workforce: "delete" });
    expect((await stored()).map(({ status }) => status)).toEqual(["active", "active", "active"]);
  });

  it("is refused as a whole with a line for every group that is wrong: file, line, field, rule and limit", async () => {
    const wrong = FILE.replace("- name: Lab", `- name: ${"n".repeat(65)}`).replace("Percent: 100", "Percent: 99");
    const { code, error } = await groups("apply", wrong);
    expect(code).toBe(1);
    const lines = error.trim().split("\n");
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(/^groups\.yaml:3: groups\[0\]\.name: .*\(rule maximum, limit 64\)$/);
    expect(lines[1]).toMatch(
      /^groups\.yaml:13: groups\[1\]\.rings\[1\]\.distribution\.dynamicPercent: .*\(rule percentTotal, limit 100\)$/,
    );
    expect((await stored()).map(({ definition }) => definition.name)).toEqual(["Lab", "Stores", "Workforce"]);
  });

  it.each([
    ["what is no YAML", "groups: [", /^groups\.yaml:1: /],
    ["what is no list of groups", "- Lab", /^groups\.yaml:1: /],
    [
      "a directory group that is not there",
      FILE.replace("Lab tests", "Lab rats"),
      /^groups\.yaml:5: .*rule directoryGroupExists/,
    ],
    [
      "a name that two directory groups have",
      FILE.replace("Lab tests", "Double"),
      /^groups\.yaml:5: .*rule directoryGroupAmbiguous/,
    ],
    ["a setting nobody knows", FILE.replace("qualityDeferralDays", "deferral"), /^groups\.yaml:12: .*deferral/],
    ["a group twice", FILE.replace("name: Shops", "name: LAB"), /groups\.yaml:7: .*rule uniqueGroupName/],
  ])("%s is refused with its line", async (_, text, line) => {
    const { code, error } = await groups("apply", text);
    expect([code, error.trim().split("\n")[0]]).toEqual([1, expect.stringMatching(line)]);
  });

  it("of a file with one group that the tenant refuses nothing is applied", async () => {
    const added = FILE.replace("Shop tests", "Lab PCs").replace("name: Shops", "id: shops\n    name: Stores");
    const before = await stored();
    expect((await groups("apply", added)).error).toMatch(/^groups\.yaml:\d+: .*rule directoryGroupUsedOnce/);
    expect(await stored()).toEqual(before);
  });

  it("leaves an audit log whose chain is whole", async () => {
    const { value } = (await call<{ value: ChainedEntry[] }>(world, "GET", "/audit")).body;
    expect(verifyChain(value)).toMatchObject({ entries: value.length, unchained: 0, broken: null });
    expect(value.length).toBeGreaterThan(20);
  });

  it("is answered over HTTP with the problems of all its groups", async () => {
    const file = { groups: [{ name: "A" }, { name: "B", rings: [] }] };
    const { status, body } = await call<Problem & { problems: Problem[] }>(world, "POST", "/groups/plan", file);
    expect([status, body.problems.map(({ field }) => field)]).toEqual([422, ["groups[0].rings", "groups[1].rings"]]);
  });
});
