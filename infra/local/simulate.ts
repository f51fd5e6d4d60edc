import { accessSync, constants, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { command, flag, integer, oneOf, text, UsageError } from "./args.js";
import { scenarioNames } from "./fleet/index.js";
import { runInProcess } from "./in-process/run.js";
import { whatIfCommand } from "./what-if/command.js";
import { chosenWorkload, striking } from "./world/runs/choice.js";
import { RunWorkload } from "./world/runs/run.js";
import { runSimulation } from "./world/simulation.js";
import { summaryText } from "./world/summary-text.js";
import { Answering } from "./year/answers.js";
import { yearCommand } from "./year/command.js";

const share = (about: string) => ({
  about: `${about} (0 to 1; default: the scenario's own)`,
  value: "SHARE",
  parse: (given: string): number | undefined => {
    const value = Number(given);
    if (given !== "" && value >= 0 && value <= 1) return value;
    throw new UsageError(`must be a share from 0 to 1, not '${given}'`);
  },
});

const WORKLOADS = Object.values(RunWorkload);

const options = {
  workload: oneOf("whose release it is; a scenario about one brings it along", WORKLOADS, RunWorkload.quality),
  scenario: oneOf("what the fleet goes through", scenarioNames(), "nominal"),
  devices: integer("devices in the tenant", { min: 10, max: 50_000, default: 2_000 }),
  seed: integer("seed of everything random", { min: 0, max: 1_000_000, default: 1 }),
  gate: oneOf("health gate of the group", ["off", "advise", "enforce"] as const, "enforce"),
  update: text(
    "name of the update, as releases show it (default: the scenario's or the workload's; quality: 2024.06 B)",
    "NAME",
  ),
  rate: share("failure rate that the update adds, for scenarios that have one"),
  "silent-share": share("share of failing devices that never report, for scenarios that have one"),
  cohort: text(
    "attribute, such as model: the update strikes only devices with one value of it, which 3 to 8 % of them have",
    "ATTRIBUTE",
  ),
  "in-process": flag("the same fleet, gate, rings and ledger in one process, in seconds: no storage, network or host"),
  year: text(
    "twelve months from this one on (2024-01) in one process: Patch Tuesdays, a feature update, drivers and apps",
    "MONTH",
  ),
  answer: oneOf(
    "who answers what the service asks in a year: an administrator goes on after a day if the update is harmless",
    Object.values(Answering),
    "nobody",
  ),
  json: flag("prints one JSON object"),
  out: text("folder that receives summary.json and summary.txt; of a what-if result.json and report.html", "DIR"),
  "what-if": text("compares settings over many months in process instead; infra/local/what-if/file.ts", "FILE"),
};
const WITH_WHAT_IF = ["what-if", "seed", "json", "out"];
const WITH_YEAR = ["year", "answer", "scenario", "devices", "seed", "gate", "json", "out"];

await command("npm run simulate --", options, async (values, given) => {
  const folder = values.out === undefined ? undefined : writableFolder(values.out);
  const file = values["what-if"];
  if (file !== undefined) {
    const stranger = [...given].find((name) => !WITH_WHAT_IF.includes(name));
    if (stranger !== undefined)
      throw new UsageError(`--${stranger} says nothing about a what-if; the file has settings`);
    return whatIfCommand({ file, json: values.json, out: folder, ...(given.has("seed") ? { seed: values.seed } : {}) });
  }
  if (values.year !== undefined) {
    const stranger = [...given].find((name) => !WITH_YEAR.includes(name));
    if (stranger !== undefined) throw new UsageError(`--${stranger} says nothing about a year`);
    return yearCommand({ ...values, from: values.year, answering: values.answer, folder });
  }
  if (given.has("answer")) throw new UsageError("--answer is for a year; add --year MONTH");
  const workload = chosenWorkload(values, given);
  const parameters = Object.fromEntries(
    Object.entries({
      ...striking(workload),
      rate: values.rate,
      silentShare: values["silent-share"],
      cohort: values.cohort === undefined ? undefined : { attribute: values.cohort, minShare: 0.03, maxShare: 0.08 },
    }).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
  const { scenario, devices, seed, gate, update } = values;
  const options = { workload, scenario, parameters, devices, seed, gate, update };
  const summary = values["in-process"]
    ? await runInProcess(options)
    : await runSimulation({
        ...options,
        signal: endRequested(),
        onProgress:
          values.json || !process.stderr.isTTY ? () => undefined : (line) => process.stderr.write(`\r\x1b[2K${line}`),
      });
  if (!values.json && process.stderr.isTTY) process.stderr.write("\r\x1b[2K");
  const json = JSON.stringify(summary);
  console.log(values.json ? json : summaryText(summary));
  if (folder !== undefined) {
    writeFileSync(join(folder, "summary.json"), `${JSON.stringify(summary, null, 2)}\n`);
    writeFileSync(join(folder, "summary.txt"), `${summaryText(summary)}\n`);
  }
  return 0;
});

/** Made before the run, which would otherwise be lost to a mistake in the name. */
function writableFolder(dir: string): string {
  try {
    mkdirSync(dir, { recursive: true });
    accessSync(dir, constants.W_OK);
    return dir;
  } catch (error) {
    throw new UsageError(`--out '${dir}' cannot be written (${error instanceof Error ? error.message : error})`);
  }
}

/** Aborts at the first signal; the run cleans up after itself. */
function endRequested(): AbortSignal {
  const ending = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => ending.abort(signal));
  return ending.signal;
}
