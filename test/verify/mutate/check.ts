import { appRoot } from "../../../infra/local/world/app-root.js";
import { filesOf, rowsOfFile } from "../../acceptance-table/files.js";
import { rowResults, type VitestResults } from "../../acceptance-table/results.js";
import { runTests } from "../../acceptance-table/run.js";
import type { Check, CheckContext } from "../check.js";
import { copyApp } from "./app-copy.js";
import type { Mutation } from "./mutation.js";

/** What came of the tests that carry a mutation's rows. */
export interface Fate {
  readonly failing: readonly number[];
  /** Why the mutation proves nothing; undefined when a row caught it. */
  readonly complaint: string | undefined;
}

/** The acceptance tests notice defects: each mutation, planted alone into a copy of the app, makes a row fail. */
export function mutate(mutations: readonly Mutation[]): Check {
  return {
    name: "mutate",
    about: "a defect planted for each group of rows makes one of its rows fail",
    async run({ progress }) {
      const complaints = await sound(mutations, progress);
      const figures: Record<string, string | number> = {
        mutations: mutations.length,
        rowsBrokenUnmutated: complaints.length,
      };
      for (const mutation of mutations) {
        const { failing, complaint } = fateOf(mutation, await patiently(mutation));
        progress(`${mutation.name} (${mutation.about}): ${complaint ?? `failing ${named(failing)}`}`);
        figures[mutation.name] = complaint === undefined ? named(failing) : "not caught";
        if (complaint !== undefined) complaints.push(`${mutation.name}: ${complaint}`);
      }
      return { passed: complaints.length === 0, figures, complaints };
    },
  };
}

/** Rows that fail without any defect, one complaint each: their failing proves nothing. */
async function sound(mutations: readonly Mutation[], progress: CheckContext["progress"]): Promise<string[]> {
  const rows = [...new Set(mutations.flatMap((mutation) => mutation.rows))].sort((a, b) => a - b);
  progress(`the app as it is, ${named(rows)}`);
  return rowResults(rows, await run(rows), rowsOfFile)
    .filter(({ status }) => status !== "passing")
    .map(({ row, status }) => `row ${row} is ${status} without any defect`);
}

/** A busy machine may fail to start the app in time: what says nothing is asked once more. */
async function patiently(mutation: Mutation): Promise<VitestResults> {
  const results = await run(mutation.rows, mutation);
  return anyPasses(results) ? results : run(mutation.rows, mutation);
}

async function run(rows: readonly number[], mutation?: Mutation): Promise<VitestResults> {
  const root = appRoot();
  const copy = await copyApp(root, mutation);
  try {
    const env = { RINGMASTER_APP: copy.dir };
    return await runTests({ root, files: filesOf(root, new Set(rows)), env, progress: false });
  } finally {
    copy.remove();
  }
}

/** Which of the mutation's rows noticed. A defect that lets no test at all pass has broken the app, not the rule. */
export function fateOf({ rows }: Pick<Mutation, "rows">, results: VitestResults): Fate {
  const failing = rowResults(rows, results, () => []).flatMap(({ row, status }) => (status === "failing" ? [row] : []));
  if (!anyPasses(results)) return { failing, complaint: `no test passes at all: ${firstReason(results)}` };
  return { failing, complaint: failing.length > 0 ? undefined : `${named(rows)} did not notice` };
}

function anyPasses({ testResults }: VitestResults): boolean {
  return testResults.some(({ assertionResults }) => assertionResults.some(({ status }) => status === "passed"));
}

function firstReason({ testResults }: VitestResults): string {
  const messages = testResults.flatMap(({ message, assertionResults }) => [
    message,
    ...assertionResults.flatMap(({ failureMessages }) => failureMessages ?? []),
  ]);
  return messages.find((message) => message !== "")?.split("\n")[0] ?? "there are no tests";
}

function named(rows: readonly number[]): string {
  return `${rows.length === 1 ? "row" : "rows"} ${rows.join(", ")}`;
}
