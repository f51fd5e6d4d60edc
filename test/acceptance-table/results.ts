import { z } from "zod";
import { FEATURES } from "./features.js";
import { rowsOfTitle } from "./rows.js";

/** What vitest's JSON reporter writes, as far as it is read here. */
export const vitestSchema = z.object({
  testResults: z.array(
    z.object({
      /** Path of the test file. */
      name: z.string(),
      status: z.string(),
      message: z.string().default(""),
      assertionResults: z.array(
        z.object({
          title: z.string(),
          status: z.string(),
          failureMessages: z.array(z.string()).nullish(),
        }),
      ),
    }),
  ),
});
export type VitestResults = z.infer<typeof vitestSchema>;

export type RowStatus = "passing" | "failing" | "missing";

export interface RowResult {
  readonly row: number;
  readonly feature: string;
  readonly status: RowStatus;
  /** Tests that speak for the row. */
  readonly tests: number;
  /** One line for each test that did not pass. */
  readonly failures: readonly string[];
}

interface Outcome {
  readonly passed: boolean;
  /** Absent when the file broke before it had tests. */
  readonly title?: string;
  readonly reason: string;
}

/**
 * The state of the rows, in the order given. A row passes when it has tests and every one of them passed: a test that
 * was skipped, or whose file broke before it could run, proves nothing.
 * @param rowsOfFile rows that a test file speaks for, by reading it
 */
export function rowResults(
  rows: readonly number[],
  results: VitestResults,
  rowsOfFile: (file: string) => readonly number[],
): RowResult[] {
  const outcomes = outcomesByRow(results, rowsOfFile);
  return rows.map((row) => {
    const all = outcomes.get(row) ?? [];
    const bad = all.filter(({ passed }) => !passed);
    return {
      row,
      feature: FEATURES[row] ?? "",
      status: all.length === 0 ? "missing" : bad.length === 0 ? "passing" : "failing",
      tests: all.filter(({ title }) => title !== undefined).length,
      failures: bad.map(({ title, reason }) => (title === undefined ? reason : `${title}: ${reason}`)),
    };
  });
}

/** Titles of acceptance tests that name no row of the table, in order: they would be lost in it. */
export function strays({ testResults }: VitestResults): string[] {
  // A result of all tests holds others too.
  const acceptance = testResults.filter(({ name }) => name.replaceAll("\\", "/").includes("test/acceptance/"));
  const titles = acceptance.flatMap(({ assertionResults }) => assertionResults.map(({ title }) => title));
  return titles.filter((title) => !rowsOfTitle(title).some((row) => FEATURES[row] !== undefined));
}

function outcomesByRow(
  results: VitestResults,
  rowsOfFile: (file: string) => readonly number[],
): ReadonlyMap<number, Outcome[]> {
  const found = new Map<number, Outcome[]>();
  const note = (row: number, outcome: Outcome) => found.set(row, [...(found.get(row) ?? []), outcome]);
  for (const { name, status, message, assertionResults } of results.testResults) {
    for (const { title, status, failureMessages } of assertionResults) {
      const reason = firstLine(failureMessages?.[0] ?? "") || firstLine(message) || `it was ${status}`;
      for (const row of rowsOfTitle(title)) note(row, { passed: status === "passed", title, reason });
    }
    if (status === "passed") continue;
    const seen = new Set(assertionResults.flatMap(({ title }) => rowsOfTitle(title)));
    const unseen = rowsOfFile(name).filter((row) => !seen.has(row));
    for (const row of unseen) note(row, { passed: false, reason: firstLine(message) || `${name} did not run` });
  }
  return found;
}

function firstLine(text: string): string {
  return text.trim().split("\n")[0] ?? "";
}
