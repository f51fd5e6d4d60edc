import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { filesOf, rowsOfFile } from "../../acceptance-table/files.js";
import { readResults } from "../../acceptance-table/run.js";

let root: string;
const path = (...parts: string[]) => join(root, ...parts);
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "acceptance-files-"));
  mkdirSync(path("test", "acceptance"), { recursive: true });
  const files = {
    "b.test.ts": 'it("row 1: a");',
    "a.test.ts": 'it("row 2: a"); it("rows 1, 3: b");',
    "c.ts": '"row 1: x"',
  };
  for (const [name, source] of Object.entries(files)) writeFileSync(path("test", "acceptance", name), source);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe("the test files of rows", () => {
  const named = (name: string) => join("test", "acceptance", name);

  it.each([
    [[1], ["a.test.ts", "b.test.ts"]],
    [[3], ["a.test.ts"]],
    [[4], []],
  ])("%j are %j", (rows, files) => {
    expect(filesOf(root, new Set(rows))).toEqual(files.map(named));
  });

  it("speak for no row when they are not there", () => {
    expect(rowsOfFile(path("nothing.test.ts"))).toEqual([]);
  });
});

describe("a result file", () => {
  it.each([
    ["missing.json", undefined, /cannot be read as JSON/],
    ["text.json", "hello", /cannot be read as JSON/],
    ["other.json", '{"name":"ringmaster"}', /is no result of vitest's JSON reporter: testResults is wrong/],
  ])("%s is refused in one line", (name, content, message) => {
    if (content !== undefined) writeFileSync(path(name), content);
    expect(() => readResults(path(name))).toThrow(message);
  });

  it("of vitest is read", () => {
    const found = { name: "a.test.ts", status: "passed", message: "", assertionResults: [] };
    writeFileSync(path("good.json"), JSON.stringify({ success: true, testResults: [{ ...found, startTime: 1 }] }));
    expect(readResults(path("good.json"))).toEqual({ testResults: [found] });
  });
});
