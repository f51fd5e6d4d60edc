import { describe, expect, it } from "vitest";
import { FEATURES, ROWS } from "../../acceptance-table/features.js";
import { rowList } from "../../acceptance-table/options.js";
import { rowsOfSource, rowsOfTitle } from "../../acceptance-table/rows.js";

it("the table has 106 rows, each with a feature of its own", () => {
  expect(ROWS).toEqual(Array.from({ length: 106 }, (_, index) => index + 1));
  expect(new Set(Object.values(FEATURES)).size).toBe(106);
});

describe("a title", () => {
  it.each([
    ["row 61: a pause ends", [61]],
    ["rows 31, 33: a move stays", [31, 33]],
    ["a pause of row 61: ends", []],
    ["row 61 ends", []],
    ["row sixty: ends", []],
  ])("%j speaks for %j", (title, rows) => {
    expect(rowsOfTitle(title)).toEqual(rows);
  });
});

it("a test file speaks for the rows in its titles, each once", () => {
  const source = [
    'it("row 61: a", run);',
    "it(`row 9: {name}`, run);",
    'it.each(x)("rows 3, 61: %s", run);',
    "// row 5: no",
  ];
  expect(rowsOfSource(source.join("\n"))).toEqual([3, 9, 61]);
});

describe("the rows asked for", () => {
  it.each([
    ["46", [46]],
    ["14-16,1", [1, 14, 15, 16]],
    ["3, 3-4", [3, 4]],
    ["106", [106]],
  ])("%j are %j", (given, rows) => {
    expect(rowList(given)).toEqual(rows);
  });

  it.each(["0", "107", "105-107", "5-4", "x", "", "1,"])("%j is refused", (given) => {
    expect(() => rowList(given)).toThrow(/^must be rows from 1 to 106/);
  });
});
