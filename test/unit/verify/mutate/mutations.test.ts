import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { built } from "../../../../infra/local/world/app-root.js";
import { FEATURES } from "../../../acceptance-table/features.js";
import { fateOf } from "../../../verify/mutate/check.js";
import { mutated } from "../../../verify/mutate/mutation.js";
import { MUTATIONS } from "../../../verify/mutate/mutations/index.js";

describe("the list of mutations", () => {
  it.each(MUTATIONS)("$name finds its text once in the built app", (mutation) => {
    const source = readFileSync(built(mutation.file), "utf8");
    expect(mutated(source, mutation)).toContain(mutation.replace);
  });

  it("has names of its own, and rows that exist", () => {
    expect(new Set(MUTATIONS.map(({ name }) => name)).size).toBe(MUTATIONS.length);
    for (const { rows } of MUTATIONS) {
      expect(rows.length).toBeGreaterThan(0);
      expect(rows.filter((row) => FEATURES[row] === undefined)).toEqual([]);
    }
  });
});

describe("planting", () => {
  const mutation = { name: "m", file: "f.js", find: "= 35;", replace: "= 36;" };

  it("replaces the one place", () => {
    expect(mutated("const LIMIT = 35;\n", mutation)).toBe("const LIMIT = 36;\n");
  });

  it.each([
    ["const LIMIT = 34;", 0],
    ["a = 35; b = 35;", 2],
  ])("of %j is refused: the text is there %i times", (source, times) => {
    expect(() => mutated(source, mutation)).toThrow(`Mutation m: its text is ${times} times in f.js`);
  });

  it("takes a replacement literally", () => {
    expect(mutated("a = 35;", { ...mutation, replace: "= $&;" })).toBe("a = $&;");
  });
});

describe("a mutation", () => {
  const results = (...tests: [title: string, status: string][]) => ({
    testResults: [
      {
        name: "a.test.ts",
        status: "failed",
        message: "The host did not start: x\nmore",
        assertionResults: tests.map(([title, status]) => ({ title, status })),
      },
    ],
  });

  it("is caught when one of its rows fails while the app runs", () => {
    const found = fateOf({ rows: [61, 62] }, results(["row 61: a", "failed"], ["row 62: b", "passed"]));
    expect(found).toEqual({ failing: [61], complaint: undefined });
  });

  it("is not caught when only other rows fail", () => {
    const found = fateOf({ rows: [61] }, results(["row 61: a", "passed"], ["row 62: b", "failed"]));
    expect(found.complaint).toBe("row 61 did not notice");
  });

  it("proves nothing when no test passes", () => {
    expect(fateOf({ rows: [61] }, results(["row 61: a", "failed"])).complaint).toBe(
      "no test passes at all: The host did not start: x",
    );
  });
});
