import { describe, expect, it } from "vitest";
import { summary, table, toJson } from "../../acceptance-table/print.js";
import { rowResults, strays, type VitestResults } from "../../acceptance-table/results.js";

interface Test {
  readonly title: string;
  readonly status: string;
  readonly failureMessages?: string[];
}

const test = (title: string, status = "passed", ...failureMessages: string[]): Test => ({
  title,
  status,
  failureMessages,
});

function file(tests: readonly Test[], status = "passed", message = ""): VitestResults["testResults"][number] {
  return { name: "/app/test/acceptance/pause.test.ts", status, message, assertionResults: [...tests] };
}

function rowOf(row: number, ...files: VitestResults["testResults"]) {
  return rowResults([row], { testResults: files }, () => [61, 62])[0];
}

describe("a row", () => {
  it("passes when every test of it has passed, in whichever file", () => {
    const found = rowOf(
      61,
      file([test("row 61: a"), test("row 62: b", "failed")], "failed"),
      file([test("row 61: c")]),
    );
    expect(found).toMatchObject({ row: 61, feature: "Length of a pause", status: "passing", tests: 2, failures: [] });
  });

  it("fails when one of its tests fails, which is named with the first line of its reason", () => {
    const bad = test("row 61: b", "failed", "Error: 34 days\n    at pause.ts");
    const found = rowOf(61, file([test("row 61: a"), bad], "failed"));
    expect(found).toMatchObject({ status: "failing", tests: 2, failures: ["row 61: b: Error: 34 days"] });
  });

  it.each(["skipped", "pending", "todo"])("fails when one of its tests is %s: it proves nothing", (status) => {
    expect(rowOf(61, file([test("row 61: a"), test("row 61: b", status)]))).toMatchObject({ status: "failing" });
  });

  it("is missing when no test speaks for it", () => {
    expect(rowOf(60, file([test("row 61: a"), test("a")]))).toMatchObject({ status: "missing", tests: 0 });
  });

  it("fails when the file that carries it broke before it had tests", () => {
    const found = rowOf(62, file([], "failed", "Error: no world\nat x"));
    expect(found).toMatchObject({ status: "failing", tests: 0, failures: ["Error: no world"] });
  });

  it("counts in each of the rows that a test names", () => {
    const both = file([test("rows 61, 62: a")]);
    expect([rowOf(61, both)?.tests, rowOf(62, both)?.tests]).toEqual([1, 1]);
  });
});

it("acceptance tests that name no row of the table are told apart", () => {
  const tests = [test("row 61: a"), test("a"), test("row 107: b"), test("rows 106, 107: c")];
  const unit = { ...file([test("d")]), name: "/app/test/unit/shared/slo.test.ts" };
  expect(strays({ testResults: [file(tests), unit] })).toEqual(["a", "row 107: b"]);
});

describe("printed", () => {
  const rows = rowResults(
    [60, 61, 105],
    { testResults: [file([test("row 61: a"), test("row 105: b", "failed", "Error: no")], "failed")] },
    () => [],
  );

  it("a row has number, feature, status and tests, and a failing one its reasons below", () => {
    expect(
      table(rows)
        .split("\n")
        .map((line) => line.replace(/ {2,}/g, "|")),
    ).toEqual([
      " 60|Reasons asked for a pause|missing",
      " 61|Length of a pause|passing|1 test",
      "105|Monitoring rule|FAILING|1 test",
      "|row 105: b: Error: no",
      "1 of 3 rows passing, 1 failing, 1 missing",
    ]);
  });

  it("the sums count every row once", () => {
    expect(summary(rows)).toBe("1 of 3 rows passing, 1 failing, 1 missing");
  });

  it("JSON has exactly row, feature, status and tests", () => {
    expect(toJson(rows)).toEqual({
      rows: [
        { row: 60, feature: "Reasons asked for a pause", status: "missing", tests: 0 },
        { row: 61, feature: "Length of a pause", status: "passing", tests: 1 },
        { row: 105, feature: "Monitoring rule", status: "failing", tests: 1 },
      ],
    });
  });
});
