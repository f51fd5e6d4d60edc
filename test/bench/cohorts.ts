import { type AttributeIndex, indexAttributes } from "../../shared/attributes/columns.js";
import { devicesOf } from "../../shared/cohorts/cohort.js";
import { drillDown } from "../../shared/cohorts/drill-down.js";
import { hypothesesOf } from "../../shared/cohorts/hypotheses.js";
import { deviceSynthesiser, MODEL_DEFAULTS } from "../../shared/model/index.js";
import { hash32, uniform } from "../../shared/random.js";
import { wall } from "../../shared/wall.js";
import { type Benchmark, type BenchmarkOptions, type Figure, figure } from "./benchmark.js";
import {
  badCohorts,
  FLEET_DEVICES,
  fleetIndex,
  type MonthResult,
  pickOne,
  playMonth,
  sameDevices,
} from "./cohort-trial.js";
import { foretell, TRAINED } from "./safeguard-trial.js";

const FLEETS = 4;
const BAD_RUNS = 200;
const BAD_RATE = 0.25;
const HEALTHY_RUNS = 500;
const UNIFORM_RUNS = 100;
const UNIFORM_RATES = [0.02, 0.1];
const WHOLE_MONTHS = 20;
const FORETOLD = 10;
/** Test, First and Fast have the update, Broad is about to open; and most of Broad has reported. */
const BEFORE_BROAD = 9;
const END = 18;
/** Tolerated rate with the model's p0. */
const P_TOL = 1.5 * MODEL_DEFAULTS.baseFailureRate;

export const cohorts: Benchmark = {
  name: "cohorts",
  about: "bad cohorts found and held, false holds, time of a drill-down; likely issues foretold",
  async run({ seed, progress }) {
    const fleets = Array.from({ length: FLEETS }, (_, fleet) => fleetIndex(hash32(seed, "fleet", fleet)));
    return {
      model: [
        "devices of gate.md §1a: install, report and silence by shared/model, attributes synthesised",
        "rings 50/500/4,500/45,000 open by the calendar (days 0/1/6/9, deadlines 0/2/2/5), devices in them by lot",
        "cohorts are looked for every 6 h among the devices that have reported; only the gate of cohorts acts",
        "exposed: installed when the first cohort is held. No blast-radius controller: on day 6 it jumps by thousands",
        `likely issues: 10 values with odds ratios 4 to 60, full disk, long running; trained on ${TRAINED} outcomes`,
      ],
      parameters: {
        devices: FLEET_DEVICES,
        fleets: FLEETS,
        badRuns: BAD_RUNS,
        badRate: BAD_RATE,
        healthyRuns: HEALTHY_RUNS,
        uniformRuns: UNIFORM_RUNS,
        wholeMonths: WHOLE_MONTHS,
        baseFailureRate: MODEL_DEFAULTS.baseFailureRate,
        reportMedianDays: MODEL_DEFAULTS.reportMedianDays,
        seed,
      },
      figures: [
        ...timing(hash32(seed, "fleet", 0)),
        ...likelyIssues(fleets, seed, progress),
        ...badCohortRuns(fleets, seed, progress),
        ...falseHolds(fleets, seed, progress),
      ],
    };
  },
};

function badCohortRuns(fleets: readonly AttributeIndex[], seed: number, progress: BenchmarkOptions["progress"]) {
  const runs = Array.from({ length: BAD_RUNS }, (_, run) => {
    if (run % 50 === 0) progress(`bad cohort, run ${run + 1} of ${BAD_RUNS}`);
    const [index, of] = [pickOne(fleets, run), hash32(seed, "bad", run)];
    const bad = pickOne(badCohorts(index), of);
    const members = new Set(devicesOf(index, bad));
    const added = (device: number) => (members.has(device) ? BAD_RATE : 0);
    const month = playMonth({ index, seed: of, added, untilDay: BEFORE_BROAD });
    return {
      first: month.first,
      firstExact: sameDevices(index, month.held.slice(0, 1), bad),
      exact: sameDevices(index, month.kept, bad),
    };
  });
  const exact = runs.filter((run) => run.exact).length;
  const exposed = ascending(runs, (first) => first.exposed);
  const median = quantile(exposed, 0.5);
  return [
    figure("exactly the bad cohort held", exact / BAD_RUNS, "", {
      text: "at least 0.98",
      met: exact / BAD_RUNS >= 0.98,
    }),
    figure("  95 % interval from", wilson(exact, BAD_RUNS), ""),
    figure(
      "  at the first hold already",
      share(runs, (run) => run.firstExact),
      "",
    ),
    figure("exposed when held, median", median, "devices", { text: "at most 600", met: median <= 600 }),
    figure("exposed when held, p95", quantile(exposed, 0.95), "devices"),
    figure(
      "reported when held, median",
      quantile(
        ascending(runs, (first) => first.reported),
        0.5,
      ),
      "devices",
    ),
    figure(
      "held before Fast opened",
      share(runs, ({ first }) => first !== null && first.day <= 6),
      "",
    ),
  ];
}

function falseHolds(fleets: readonly AttributeIndex[], seed: number, progress: BenchmarkOptions["progress"]) {
  const holds = (name: string, runs: number, rate: number, untilDay: number): Figure => {
    progress(`${name}, ${runs} runs`);
    const held = Array.from({ length: runs }, (_, run) =>
      playMonth({ index: pickOne(fleets, run), seed: hash32(seed, name, run), added: () => rate, untilDay }),
    ).filter((month) => month.held.length > 0).length;
    return figure(name, held, `of ${runs}`, { text: "0", met: held === 0 });
  };
  return [
    holds("false holds, healthy, to Fast", HEALTHY_RUNS, 0, BEFORE_BROAD),
    holds("false holds, healthy, whole month", WHOLE_MONTHS, 0, END),
    ...UNIFORM_RATES.map((rate) =>
      holds(`false holds, ${100 * rate} % for everybody`, UNIFORM_RUNS, rate, BEFORE_BROAD),
    ),
  ];
}

/** One value fails at 25 %, everybody else at the base rate; nothing is cached before. */
function timing(fleetSeed: number): Figure[] {
  const synthesise = deviceSynthesiser(fleetSeed);
  const devices = Array.from({ length: FLEET_DEVICES }, (_, device) => ({ ...synthesise(device).attributes }));
  const [index, indexing] = timed(() => indexAttributes(FLEET_DEVICES, (device) => devices[device] ?? {}));
  const [hypotheses, counting] = timed(() => {
    const { values, pairs } = hypothesesOf(index);
    return { values: values.hypotheses, pairs: pairs().family.hypotheses };
  });
  const bad = new Set(devicesOf(index, pickOne(badCohorts(index), fleetSeed)));
  const everybody = Array.from({ length: FLEET_DEVICES }, (_, device) => device);
  const fails = (device: number) => uniform(fleetSeed, device, "timing") < (bad.has(device) ? BAD_RATE : 0.002);
  const drillDowns = [500, 5_000, FLEET_DEVICES].map((exposures) => {
    const exposed = everybody.slice(0, exposures);
    const failing = exposed.filter(fails);
    const [, ms] = timed(() => drillDown({ index, exposed, failing }));
    return figure(`drill-down, ${exposures} exposed`, ms, "ms");
  });
  return [
    figure("attribute values", index.valueCount, ""),
    figure("hypotheses, values", hypotheses.values, ""),
    figure("hypotheses, pairs", hypotheses.pairs, ""),
    figure("index of the attributes", indexing, "ms"),
    figure("hypotheses counted", counting, "ms"),
    ...drillDowns,
  ];
}

function likelyIssues(fleets: readonly AttributeIndex[], seed: number, progress: BenchmarkOptions["progress"]) {
  progress("likely issues");
  const trials = Array.from({ length: FORETOLD }, (_, trial) =>
    foretell(pickOne(fleets, trial), hash32(seed, "likely issues", trial), P_TOL),
  );
  const mean = (of: (trial: (typeof trials)[number]) => number) =>
    trials.reduce((sum, trial) => sum + of(trial), 0) / trials.length;
  return [
    figure(
      "likely issues: AUC, mean",
      mean(({ auc }) => auc),
      "",
    ),
    figure(
      "  possible with the true risks",
      mean(({ aucPossible }) => aucPossible),
      "",
    ),
    figure(
      "failures to come in the riskiest 5 %",
      mean(({ captured }) => captured),
      "",
    ),
    figure(
      "  possible with the true risks",
      mean(({ capturedPossible }) => capturedPossible),
      "",
    ),
    figure(
      "likely issues held, share of Broad",
      mean(({ held }) => held),
      "",
    ),
    figure(
      "  failures to come among them",
      mean(({ heldFailures }) => heldFailures),
      "",
    ),
    figure(
      "  failure rate of those held",
      mean(({ heldRate }) => heldRate),
      "",
    ),
  ];
}

function timed<T>(work: () => T): [result: T, ms: number] {
  const begin = wall.monotonic();
  const result = work();
  return [result, wall.monotonic() - begin];
}

function share<T>(values: readonly T[], test: (value: T) => boolean): number {
  return values.filter(test).length / values.length;
}

/** A run in which nothing was held counts as the whole fleet. */
function ascending(
  runs: readonly { readonly first: MonthResult["first"] }[],
  of: (first: NonNullable<MonthResult["first"]>) => number,
): number[] {
  return runs.map(({ first }) => (first === null ? FLEET_DEVICES : of(first))).sort((a, b) => a - b);
}

function quantile(sorted: readonly number[], q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? 0;
}

/** Lower end of the 95 % Wilson interval of a share. */
function wilson(hits: number, runs: number): number {
  const [p, z] = [hits / runs, 1.96];
  const centre = p + (z * z) / (2 * runs);
  return (centre - z * Math.sqrt((p * (1 - p)) / runs + (z * z) / (4 * runs * runs))) / (1 + (z * z) / runs);
}
