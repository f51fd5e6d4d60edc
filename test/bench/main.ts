import { flag, integer, parse, UsageError } from "../../infra/local/args.js";
import type { Benchmark, BenchmarkResult, Figure } from "./benchmark.js";
import { cohorts } from "./cohorts.js";
import { gate } from "./gate.js";
import { ordering } from "./ordering.js";
import { registration } from "./registration.js";
import { signals } from "./signals.js";
import { simulate } from "./simulate.js";
import { whatIf } from "./what-if.js";

/** Every benchmark of the project. */
const BENCHMARKS: readonly Benchmark[] = [cohorts, gate, ordering, registration, signals, simulate, whatIf];

const OPTIONS = {
  seed: integer("seed of every random draw", { min: 0, max: 2 ** 31 - 1, default: 1 }),
  json: flag("print one JSON object"),
};

async function main(argv: readonly string[]): Promise<void> {
  const [name, ...rest] = argv;
  if (name === undefined || name.startsWith("--")) {
    for (const { name, about, options = {} } of BENCHMARKS) {
      console.log(`${name.padEnd(12)} ${about}`);
      for (const [option, { about: text }] of Object.entries(options))
        console.log(`${"".padEnd(14)}--${option}: ${text}`);
    }
    return;
  }
  const benchmark = BENCHMARKS.find((candidate) => candidate.name === name);
  if (!benchmark) throw new UsageError(`no benchmark is called '${name}'; there are ${names()}`);
  const { seed, json, ...given } = parse(rest, { ...benchmark.options, ...OPTIONS });
  const progress = (line: string) => process.stderr.write(`${line}\n`);
  const result = await benchmark.run({ seed: seed ?? 1, progress, given });
  console.log(json === true ? JSON.stringify({ benchmark: name, seed, ...result }) : render(result));
}

const names = (): string => BENCHMARKS.map((benchmark) => benchmark.name).join(", ");

function render({ model, parameters, figures }: BenchmarkResult): string {
  const width = Math.max(...figures.map(({ name }) => name.length));
  return [
    ...model.map((line) => `model      ${line}`),
    `parameters ${Object.entries(parameters)
      .map(([name, value]) => `${name}=${value}`)
      .join(" ")}`,
    ...figures.map((one) => `${one.name.padEnd(width)} ${rounded(one.value).padStart(10)} ${one.unit}${remarks(one)}`),
  ].join("\n");
}

function remarks({ must, aim, spread }: Figure): string {
  const verdicts = Object.entries({ must, aim }).flatMap(([kind, limit]) =>
    limit === undefined ? [] : [`   ${kind} ${limit.text}: ${limit.met ? "met" : "MISSED"}`],
  );
  if (spread === undefined) return verdicts.join("");
  const p95 = spread.p95 === undefined ? "" : `, p95 ${rounded(spread.p95)}`;
  return [` (${rounded(spread.low)} to ${rounded(spread.high)}${p95})`, ...verdicts].join("");
}

const rounded = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toPrecision(3));

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof UsageError ? `bench: ${error.message}` : error);
  process.exitCode = 1;
});
