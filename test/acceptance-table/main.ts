import { command } from "../../infra/local/args.js";
import { appRoot } from "../../infra/local/world/app-root.js";
import { ROWS } from "./features.js";
import { filesOf, rowsOfFile } from "./files.js";
import { options } from "./options.js";
import { table, toJson } from "./print.js";
import { rowResults, strays, type VitestResults } from "./results.js";
import { readResults, runTests } from "./run.js";

/** `npm run acceptance`: the rows of the acceptance table, from the results of the tests that carry their numbers. */
await command("npm run acceptance --", options, async ({ json, only, from }) => {
  const rows = only ?? ROWS;
  const results = from === undefined ? await run(rows) : readResults(from);
  const others = strays(results).length;
  if (others > 0)
    process.stderr.write(`acceptance: ${others} acceptance tests besides belong to no row of the table\n`);
  const found = rowResults(rows, results, rowsOfFile);
  console.log(json ? JSON.stringify(toJson(found)) : table(found));
  return found.some(({ status }) => status === "failing") ? 1 : 0;
});

async function run(rows: readonly number[]): Promise<VitestResults> {
  const root = appRoot();
  const files = filesOf(root, new Set(rows));
  process.stderr.write(`acceptance: ${files.length} test files of ${rows.length} rows\n`);
  return files.length === 0 ? { testResults: [] } : runTests({ root, files, progress: true });
}
