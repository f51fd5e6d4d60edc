import { describe, expect, it } from "vitest";
import { describeChanges } from "../../../../../infra/local/groups-file/describe.js";
import { GroupFileText } from "../../../../../infra/local/groups-file/file-text.js";
import { problemLines } from "../../../../../infra/local/groups-file/problems.js";

const YAML = `groups:
  - name: Lab
    rings:
      - name: Test
        gracePeriodDays: 9
      - { name: Last }
`;

describe("the lines of a file", () => {
  const text = new GroupFileText("groups.yaml", YAML);

  it.each([
    ["groups[0].name", 2],
    ["groups[0].rings[0].gracePeriodDays", 5],
    ["groups[0].rings.Test.gracePeriodDays", 5],
    ["groups[0].rings[1].name", 6],
    ["groups[0].rings[1].distribution.assignedGroupId", 6],
    ["groups[0].scopeTagIds[3]", 2],
    ["groups[7].name", 1],
    ["", 1],
  ])("%s is on line %i, or what is around it", (field, line) => {
    expect(text.lineOf(field)).toBe(line);
  });

  it("are those of JSON too", () => {
    const json = new GroupFileText("groups.json", JSON.stringify({ groups: [{ name: "Lab" }] }, null, 2));
    expect([json.errors, json.value, json.lineOf("groups[0].name")]).toEqual([[], { groups: [{ name: "Lab" }] }, 4]);
  });

  it("are told for broken syntax", () => {
    expect(new GroupFileText("groups.yaml", "groups:\n  - name: [").errors[0]).toMatch(/^groups\.yaml:2: /);
    expect(new GroupFileText("groups.yaml", "").errors).toHaveLength(1);
  });
});

describe("a refusal", () => {
  const text = new GroupFileText("groups.yaml", YAML);

  it("has a line for every problem, with field, rule and limit", () => {
    const problems = [
      { field: "groups[0].rings[0].gracePeriodDays", rule: "maximum", limit: 7, message: "at most 7" },
      { field: "groups[0].name", rule: "rename", message: "fixed" },
    ];
    expect(problemLines(text, { detail: "two problems", problems }, 422)).toEqual([
      "groups.yaml:5: groups[0].rings[0].gracePeriodDays: at most 7 (rule maximum, limit 7)",
      "groups.yaml:2: groups[0].name: fixed (rule rename)",
    ]);
  });

  it("that concerns no field is told as it is", () => {
    expect(problemLines(text, { detail: "The tenant is Inactive." }, 409)).toEqual(["groups: The tenant is Inactive."]);
    expect(problemLines(text, "<html>", 502)).toEqual(["groups: the app answered 502 without saying why."]);
  });
});

it("changes are told field by field and counted", () => {
  const none = { differences: [] };
  const differences = [{ field: "hotpatch", before: true, after: false }];
  expect(
    describeChanges(
      [
        { action: "create", id: "lab", name: "Lab", ...none },
        { action: "update", id: "shops", name: "Shops", differences },
        { action: "unchanged", id: "hq", name: "HQ", ...none },
      ],
      "plan",
    ),
  ).toEqual([
    "+ create Lab (lab)",
    "~ update Shops (shops)",
    "    hotpatch: true → false",
    "2 of 3 groups to be changed.",
  ]);
  expect(describeChanges([], "apply")).toEqual(["The tenant is as the file says."]);
});
