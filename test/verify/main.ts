import { command, flag, text, UsageError } from "../../infra/local/args.js";
import { wall } from "../../shared/wall.js";
import type { Check, Result } from "./check.js";
import { badUpdate } from "./checks/bad-update.js";
import { conformance } from "./checks/conformance.js";
import { inProcess } from "./checks/in-process.js";
import { kill } from "./checks/kill.js";
import { nominal } from "./checks/nominal.js";
import { reproducible } from "./checks/reproducible.js";
import { mutate } from "./mutate/check.js";
import { MUTATIONS } from "./mutate/mutations/index.js";

const CHECKS: readonly Check[] = [nominal, badUpdate, reproducible, inProcess, kill];

const options = {
  json: flag("prints one JSON object"),
  only: text(
    `one check: ${CHECKS.map(({ name }) => name).join(", ")}, conformance; with --mutate one mutation`,
    "NAME",
  ),
  quick: flag("the same claims with fewer seeds and kills"),
  mutate: flag(
    "plants one defect after the other, and nothing else: a row of the acceptance table has to fail each time",
  ),
  conformance: text("folder of the public Functions-host suite, checked too", "DIR"),
};

await command("npm run verify --", options, async (values) => {
  const checks = values.mutate ? [mutate(mutationsOf(values.only))] : chosen(values.only, values.conformance);
  const results: Result[] = [];
  for (const check of checks) {
    process.stderr.write(`${check.name}: ${check.about}\n`);
    const result = await judged(check, values.quick);
    results.push(result);
    if (!values.json) console.log(line(result));
  }
  const passed = results.every((result) => result.passed);
  if (values.json) console.log(JSON.stringify({ passed, quick: values.quick, checks: results }));
  else console.log(`${results.filter((each) => each.passed).length} of ${results.length} checks passed`);
  return passed ? 0 : 1;
});

function chosen(only: string | undefined, suite: string | undefined): readonly Check[] {
  const checks = suite === undefined ? CHECKS : [...CHECKS, conformance(suite)];
  if (only === undefined) return checks;
  const check = checks.find(({ name }) => name === only);
  if (check !== undefined) return [check];
  if (only === "conformance") throw new UsageError("--only conformance needs --conformance DIR");
  throw new UsageError(`--only must be one of ${CHECKS.map(({ name }) => name).join(", ")}, not '${only}'`);
}

function mutationsOf(only: string | undefined): typeof MUTATIONS {
  const mutations = MUTATIONS.filter(({ name }) => only === undefined || name === only);
  if (mutations.length > 0) return mutations;
  throw new UsageError(`--only must be one of ${MUTATIONS.map(({ name }) => name).join(", ")}, not '${only}'`);
}

/** A check that throws has failed; the others still run. */
async function judged(check: Check, quick: boolean): Promise<Result> {
  const begun = wall.monotonic();
  const progress = (text: string) => process.stderr.write(`  ${check.name}: ${text}\n`);
  const seconds = () => Math.round((wall.monotonic() - begun) / 100) / 10;
  try {
    const verdict = await check.run({ quick, progress });
    return { name: check.name, ...verdict, seconds: seconds() };
  } catch (error) {
    const complaint = error instanceof Error ? error.message : String(error);
    return { name: check.name, passed: false, figures: {}, complaints: [complaint], seconds: seconds() };
  }
}

function line({ name, passed, figures, complaints, seconds }: Result): string {
  const measured = Object.entries(figures).map(([figure, value]) => `${figure} ${value}`);
  return [
    `${passed ? "passed" : "FAILED"}  ${name}  ${measured.join(", ")} (${seconds} s)`,
    ...complaints.map((complaint) => `        ${complaint}`),
  ].join("\n");
}
