import { describe, expect, it } from "vitest";
import { defaultGroup } from "../../../../shared/groups/defaults.js";
import { differences } from "../../../../shared/groups/differences.js";
import type { AutopatchGroup } from "../../../../shared/groups/group.js";
import { lockedSettings, lockSettingsFor } from "../../../../shared/groups/locks.js";
import type { Distribution } from "../../../../shared/groups/ring.js";
import { distributionViolations } from "../../../../shared/groups/rules/distribution.js";
import { editViolations, LOCKED_BANNER } from "../../../../shared/groups/rules/edit.js";
import { tenantViolations } from "../../../../shared/groups/rules/tenant.js";

const guid = (n: number) => `6f000000-0000-4000-8000-${String(n).padStart(12, "0")}`;
const assigned = (n: number): Distribution => ({ assignedGroupId: guid(n) });
const share = (dynamicPercent: number): Distribution => ({ dynamicPercent });

/** The five default rings with these distributions, and a pool. */
function group(
  distributions: readonly Distribution[],
  dynamicGroupIds = [guid(100)],
  name = "Contoso",
): AutopatchGroup {
  const plain = defaultGroup(name);
  const rings = plain.rings.map((ring, index) => ({ ...ring, distribution: distributions[index] ?? {} }));
  return { ...plain, rings, dynamicGroupIds };
}

const good = [assigned(1), share(10), share(25), share(65), assigned(2)];
const rulesOf = (given: AutopatchGroup) => [...distributionViolations(given)].map(({ rule, field }) => [rule, field]);

describe("distribution", () => {
  it("takes middle rings that are dynamic, assigned or both", () => {
    expect(rulesOf(group(good))).toEqual([]);
    expect(
      rulesOf(group([assigned(1), assigned(3), { ...assigned(4), ...share(35) }, share(65), assigned(2)])),
    ).toEqual([]);
    expect(rulesOf(group([assigned(1), assigned(3), assigned(4), assigned(5), assigned(2)], []))).toEqual([]);
  });

  it.each([
    ["a middle ring without devices", [assigned(1), {}, share(35), share(65), assigned(2)], "distribution", 1],
    ["Test without a directory group", [{}, ...good.slice(1)], "oneDirectoryGroup", 0],
    ["Last with a share", [...good.slice(0, 4), { ...assigned(2), ...share(1) }], "assignedOnly", 4],
    ["a total of 99", [assigned(1), share(10), share(25), share(64), assigned(2)], "percentTotal", 1],
    ["a total of 101", [assigned(1), share(10), share(25), share(66), assigned(2)], "percentTotal", 1],
  ] as const)("refuses %s", (_, distributions, rule, ring) => {
    const [first] = rulesOf(group(distributions));
    expect(first?.[0]).toBe(rule);
    expect(first?.[1]).toMatch(new RegExp(`^rings\\[${ring}\\]\\.distribution`));
  });

  it("needs a pool for shares, and shares for a pool", () => {
    expect(rulesOf(group(good, []))).toEqual([["dynamicRingWithoutPool", "dynamicGroupIds"]]);
    const all = [assigned(1), assigned(3), assigned(4), assigned(5), assigned(2)];
    expect(rulesOf(group(all))).toEqual([["poolWithoutDynamicRing", "dynamicGroupIds"]]);
  });
});

describe("between the groups of a tenant", () => {
  const mine = { id: "contoso", definition: group(good) };
  const other = (n: number) => ({
    id: `other-${n}`,
    definition: group([assigned(1000 + 2 * n), {}, {}, {}, assigned(1001 + 2 * n)], [], `Other ${n}`),
  });
  const others = (count: number) => Array.from({ length: count }, (_, n) => other(n));
  const rules = (...given: Parameters<typeof tenantViolations>) =>
    [...tenantViolations(...given)].map(({ rule }) => rule);

  it("a new group may be the 300th but not the 301st, while the 300 there are may be edited", () => {
    expect(rules(mine, others(299), { isNew: true })).toEqual([]);
    expect(rules(mine, others(300), { isNew: true })).toEqual(["groupLimit"]);
    expect(rules(mine, others(300), { isNew: false })).toEqual([]);
  });

  it("names differ in more than case and blanks around them", () => {
    const namesake = { id: "x", definition: group([], [], " cONTOSO ") };
    expect(rules(mine, [namesake], { isNew: true })).toEqual(["uniqueGroupName"]);
  });

  it("a directory group is used once, also within one group and between ring and pool", () => {
    const user = { id: "x", definition: group([assigned(100)], [guid(2)], "Fabrikam") };
    const found = [...tenantViolations(mine, [user], { isNew: true })];
    expect(found.map(({ field, usedIn }) => [field, usedIn])).toEqual([
      ["rings[4].distribution.assignedGroupId", "the dynamic pool of Autopatch group Fabrikam"],
      ["dynamicGroupIds[0]", "ring Test of Autopatch group Fabrikam"],
    ]);
    const twice = { id: "y", definition: group([assigned(1), {}, {}, {}, assigned(1)]) };
    expect(rules(twice, [], { isNew: true })).toEqual(["directoryGroupUsedOnce"]);
  });
});

describe("an edit", () => {
  const before = group(good);
  const rules = (after: AutopatchGroup) => [...editViolations(before, after, [])].map(({ rule }) => rule);

  it("keeps name and preset and may change the rest", () => {
    expect(rules({ ...before, description: "new", hotpatch: false })).toEqual([]);
    expect(rules({ ...before, name: "Fabrikam" })).toEqual(["rename"]);
    expect(rules({ ...before, preset: "sharedDevice" })).toEqual(["presetFixed"]);
  });

  it("leaves feature settings alone while a feature update release targets the group, and says so", async () => {
    lockSettingsFor(async (groupId) => (groupId === "contoso" ? ["feature-1"] : []));
    const locked = await lockedSettings({ id: "contoso", definition: before });
    const slower = { ...before, rings: before.rings.map((ring) => ({ ...ring, featureDeadlineDays: 9 })) };
    const [violation] = editViolations(before, slower, locked);
    expect(violation).toMatchObject({ field: "rings.Test.featureDeadlineDays", releaseId: "feature-1" });
    expect(violation?.message.startsWith(LOCKED_BANNER)).toBe(true);
    const graces = { ...before, rings: before.rings.map((ring) => ({ ...ring, gracePeriodDays: 5 })) };
    expect([...editViolations(before, graces, locked)]).toEqual([]);
    expect(await lockedSettings({ id: "fabrikam", definition: before })).toEqual([]);
    lockSettingsFor(async () => []);
  });

  it("is told field by field, rings by name", () => {
    const [first, ...rest] = before.rings;
    const after = {
      ...before,
      hotpatch: false,
      rings: [{ ...before.rings[0], ...first, gracePeriodDays: 1 }, ...rest],
    };
    expect(differences(before, after as AutopatchGroup)).toEqual([
      { field: "hotpatch", before: true, after: false },
      { field: "rings.Test.gracePeriodDays", before: 0, after: 1 },
    ]);
  });

  it("tells rings that come and go", () => {
    const after = { ...before, rings: before.rings.toSpliced(1, 1) };
    expect(differences(before, after).map(({ field }) => field)).toEqual(["rings", "rings.Ring1"]);
  });
});
