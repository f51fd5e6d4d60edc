import { describe, expect, it } from "vitest";
import { describeChanges } from "../../../../../infra/local/groups-file/describe.js";
import { GroupFileText } from "../../../../../infra/local/groups-file/file-text.js";
import { problemLines, unreachableLine } from "../../../../../infra/local/groups-file/problems.js";

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

  it("for want of the right key says where the key is given and where it is found", () => {
    const [line, ...rest] = problemLines(text, {}, 401);
    expect(rest).toEqual([]);
    for (const told of ["401", "missing or wrong", "--key", "RINGMASTER_KEY", "npm start", ".ringmaster/world.json"])
      expect(line).toContain(told);
  });

  it("that the platform gives without a reason says what to look at", () => {
    expect(problemLines(text, "<html>", 403)).toEqual([expect.stringMatching(/^groups: .*403: .*access restrictions/)]);
  });

  it.each([401, 403])("%i of the app itself tells its reason, and which role the key needs", (status) => {
    expect(problemLines(text, { detail: "The holder may not." }, status)).toEqual([
      "groups: The holder may not.",
      expect.stringMatching(/API_KEY_ROLE.*Administrator/),
    ]);
  });

  it("of the connection is told with its cause and what to do", () => {
    const refused = new TypeError("fetch failed", { cause: new Error("connect ECONNREFUSED 127.0.0.1:7071") });
    expect(unreachableLine("http://127.0.0.1:7071", refused)).toBe(
      'groups: http://127.0.0.1:7071 cannot be reached (connect ECONNREFUSED 127.0.0.1:7071). Start the app ("npm start"), or name its address with --url.',
    );
    const both = new TypeError("fetch failed", {
      cause: Object.assign(new AggregateError([]), { code: "ECONNREFUSED" }),
    });
    expect(unreachableLine("http://localhost:7071", both)).toContain("cannot be reached (ECONNREFUSED).");
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
