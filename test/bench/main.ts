import { flag, integer, parse, UsageError } from "../../infra/local/args.js";
import type { Benchmark, BenchmarkResult } from "./benchmark.js";
import { cohorts } from "./cohorts.js";
import { ordering } from "./ordering.js";
import { registration } from "./registration.js";
import { signals } from "./signals.js";
import { simulate } from "./simulate.js";

/** Every benchmark of the project. */
const BENCHMARKS: readonly Benchmark[] = [cohorts, ordering, registration, signals, simulate];

const OPTIONS = {
  seed: integer("seed of every random draw", { min: 0, max: 2 ** 31 - 1, default: 1 }),
  json: flag("print one JSON object"),
};

async function main(argv: readonly string[]): Promise<void> {
  const [name, ...rest] = argv;
  if (name === undefined || name.startsWith("--")) {
    for (const { name, about } of BENCHMARKS) console.log(`${name.padEnd(12)} ${about}`);
    return;
  }
  const benchmark = BENCHMARKS.find((candidate) => candidate.name === name);
  if (!benchmark) throw new UsageError(`no benchmark is called '${name}'; there are ${names()}`);
  const { seed, json } = parse(rest, OPTIONS);
  const result = await benchmark.run({ seed: seed ?? 1, progress: (line) => process.stderr.write(`${line}\n`) });
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
    ...figures.map(({ name, value, unit, aim }) => {
      const verdict = aim === undefined ? "" : `   aim ${aim.text}: ${aim.met ? "met" : "MISSED"}`;
      return `${name.padEnd(width)} ${rounded(value).padStart(10)} ${unit}${verdict}`;
    }),
  ].join("\n");
}

const rounded = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toPrecision(3));

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof UsageError ? `bench: ${error.message}` : error);
  process.exitCode = 1;
});
