import { spawn } from "node:child_process";
import { built } from "../../infra/local/world/app-root.js";
import { type Benchmark, type BenchmarkOptions, type BenchmarkResult, type Figure, figure } from "./benchmark.js";
import type { SimulateRun } from "./simulate-run.js";

const SMALL = 2_000;
const LARGE = 20_000;
const RUNS = 3;
/** A device of the large fleet may cost this much of what one of the small fleet costs. */
const COST_RATIO_AT_MOST = 1.1;

export const simulate: Benchmark = {
  name: "simulate",
  about: "a nominal month in virtual time with 2,000 and 20,000 devices: seconds, cost per device, memory",
  async run({ seed, progress }): Promise<BenchmarkResult> {
    const small = await medianRun(SMALL, seed, progress);
    const large = await medianRun(LARGE, seed, progress);
    const ratio = large.seconds / LARGE / (small.seconds / SMALL);
    return {
      model: [
        "one release from Patch Tuesday to completed on the full stack: Azurite, broker, tenant, fleet, host with the app",
        "scenario nominal, gate enforce, virtual time without pacing, in memory; start and seeding of the stack included",
        "every run in processes of its own; the run with the median time of three, all three with the same seed",
      ],
      parameters: { devices: `${SMALL} and ${LARGE}`, runs: RUNS, seed },
      figures: [
        ...figuresOf(SMALL, small),
        ...figuresOf(LARGE, large),
        figure("cost per device, large to small", ratio, "", {
          text: `at most ${COST_RATIO_AT_MOST}`,
          met: ratio <= COST_RATIO_AT_MOST,
        }),
      ],
    };
  },
};

function figuresOf(devices: number, run: SimulateRun): Figure[] {
  const memory = Object.entries(run.memory).flatMap(([part, peak]) =>
    peak === null ? [] : [figure(`${devices}: peak memory, ${part}`, peak, "MB")],
  );
  return [
    figure(`${devices}: time`, run.seconds, "s"),
    figure(`${devices}: time per device`, (1000 * run.seconds) / devices, "ms"),
    figure(`${devices}: storage transactions`, run.storageTransactions, ""),
    figure(`${devices}: device signals`, run.signals, ""),
    figure(`${devices}: longest history`, run.maxHistoryEvents, "events"),
    ...memory,
  ];
}

async function medianRun(devices: number, seed: number, progress: BenchmarkOptions["progress"]): Promise<SimulateRun> {
  const runs: SimulateRun[] = [];
  for (let n = 1; n <= RUNS; n++) {
    const run = await runAlone(devices, seed);
    if (run.outcome !== "completed") throw new Error(`The run with ${devices} devices ended ${run.outcome}.`);
    progress(`${devices} devices, run ${n} of ${RUNS}: ${run.seconds} s`);
    runs.push(run);
  }
  const median = runs.toSorted((a, b) => a.seconds - b.seconds)[Math.floor(RUNS / 2)];
  if (median === undefined) throw new Error("Nothing was run.");
  return median;
}

function runAlone(devices: number, seed: number): Promise<SimulateRun> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [built("test/bench/simulate-run.ts"), String(devices), String(seed)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0) resolve(JSON.parse(output) as SimulateRun);
      else reject(new Error(`The run with ${devices} devices ended with code ${code}.`));
    });
  });
}
