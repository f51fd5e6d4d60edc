import { deviceSynthesiser } from "../../shared/model/attributes/synthesise.js";
import {
  columnsOf,
  type DeviceColumns,
  type DeviceRecord,
  diversityOrder,
  hashOrder,
  prefixLength,
  REFERENCE_WEIGHING,
} from "../../shared/ordering/index.js";
import { wall } from "../../shared/wall.js";
import { describeSyntheticFleet, syntheticFleet } from "../support/synthetic-fleet.js";
import { type Benchmark, type BenchmarkResult, type Figure, figure } from "./benchmark.js";
import { type Coverage, coverageOf } from "./coverage.js";

const DEVICES = 50_000;
/** Fleets, one to a seed. */
const FLEETS = 8;
/** Runs of each fleet; the median counts. */
const RUNS = 5;
/** Student's t for 95 % and one degree of freedom less than there are fleets. */
const T_95 = 2.365;
const NAMES = { values: "values seen", pairs: "pairs seen", same: "the same devices first next time" } as const;

/** What is compared on every fleet. */
interface Seen {
  readonly ordered: Shown;
  readonly reference: Shown;
  readonly random: Shown;
}

/** What a figure must reach, and what would be better. */
type Bound = { readonly least: number; readonly better: number } | { readonly below: number; readonly better: number };

interface Shown extends Coverage {
  /** Per cent of the first devices that are among the first of another deployment too. */
  readonly same: number;
}

export const ordering: Benchmark = {
  name: "ordering",
  about: "diversity-first order of 50,000 devices: values and pairs that the first 1 % show, and time",
  async run({ seed, progress }): Promise<BenchmarkResult> {
    const seen: Seen[] = [];
    const fromModel: Seen[] = [];
    const times: number[] = [];
    const processorTimes: number[] = [];
    const columnTimes: number[] = [];
    for (let fleet = 0; fleet < FLEETS; fleet++) {
      const records = syntheticFleet(DEVICES, seed + fleet);
      const started = wall.monotonic();
      const columns = columnsOf(records);
      columnTimes.push(wall.monotonic() - started);
      const deployment = `deployment ${seed + fleet}`;
      const runs = Array.from({ length: RUNS }, () => timed(() => diversityOrder(columns, deployment)));
      times.push(median(runs.map((run) => run.time)));
      processorTimes.push(median(runs.map((run) => run.processor)));
      seen.push(seenIn(columns, deployment));
      fromModel.push(seenIn(columnsOf(modelFleet(seed + fleet)), deployment));
      progress(`fleet ${fleet + 1} of ${FLEETS}: ${times.at(-1)?.toFixed(0)} ms`);
    }
    return {
      model: [
        ...describeSyntheticFleet(),
        "seen: part of all values, and of the pairs that at least 0.05 % of the devices have, in the first 1 %",
        "shared/model: the same for the 17 attributes of the simulated fleet, which depend on each other far less",
        "reference weights: those of gate.md §7 instead of the product's, which weigh all alike",
        "time: of the order from columns, median of the runs; processor time leaves out what others had of the core",
      ],
      parameters: { devices: DEVICES, first: prefixLength(DEVICES), fleets: FLEETS, runs: RUNS, seed },
      figures: [
        ...compared("", seen, { values: { least: 98, better: 99 }, pairs: { least: 80, better: 85 } }),
        ...compared("shared/model: ", fromModel),
        ...withInterval("time", times, "ms", { below: 300, better: 150 }),
        figure("time, slowest fleet", Math.max(...times), "ms"),
        ...withInterval("processor time", processorTimes, "ms"),
        figure("columns from records", median(columnTimes), "ms"),
      ],
    };
  },
};

function modelFleet(seed: number): DeviceRecord[] {
  const synthesise = deviceSynthesiser(seed);
  return Array.from({ length: DEVICES }, (_, nth) => ({
    id: `device ${nth}`,
    attributes: { ...synthesise(nth).attributes },
  }));
}

function seenIn(columns: DeviceColumns, deployment: string): Seen {
  const shownBy = (order: (deployment: string) => Int32Array): Shown => {
    const first = order(deployment).subarray(0, prefixLength(DEVICES));
    const other = new Set(order(`after ${deployment}`).subarray(0, prefixLength(DEVICES)));
    const same = first.filter((device) => other.has(device)).length;
    return { ...coverageOf(columns, first), same: (100 * same) / first.length };
  };
  return {
    ordered: shownBy((each) => diversityOrder(columns, each)),
    reference: shownBy((each) => diversityOrder(columns, each, { weighing: REFERENCE_WEIGHING })),
    random: shownBy((each) => hashOrder(columns.ids, each)),
  };
}

function compared(prefix: string, seen: readonly Seen[], aims?: { values: Bound; pairs: Bound }): Figure[] {
  return (["values", "pairs", "same"] as const).flatMap((what) => {
    const of = (order: keyof Seen) => seen.map((each) => each[order][what]);
    const name = `${prefix}${NAMES[what]}`;
    const bound = what === "same" ? undefined : aims?.[what];
    return [
      ...withInterval(name, of("ordered"), "%", bound),
      ...withInterval(`${name}, reference weights`, of("reference"), "%"),
      ...withInterval(`${name}, random order`, of("random"), "%"),
    ];
  });
}

/** The mean and half the width of its 95 % confidence interval. */
function withInterval(name: string, sample: readonly number[], unit: string, bound?: Bound): Figure[] {
  const mean = sample.reduce((sum, value) => sum + value, 0) / sample.length;
  const variance = sample.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (sample.length - 1);
  return [
    figure(name, mean, unit, bound && aimOf(mean, bound)),
    figure(`${name}, ± (95 %)`, T_95 * Math.sqrt(variance / sample.length), unit),
  ];
}

function aimOf(value: number, bound: Bound) {
  if ("least" in bound) return { text: `at least ${bound.least}, better ${bound.better}`, met: value >= bound.least };
  return { text: `below ${bound.below}, better ${bound.better}`, met: value < bound.below };
}

/** Milliseconds that passed, and that the process had of a processor. */
function timed(run: () => unknown): { time: number; processor: number } {
  const [started, used] = [wall.monotonic(), process.cpuUsage()];
  run();
  const { user, system } = process.cpuUsage(used);
  return { time: wall.monotonic() - started, processor: (user + system) / 1000 };
}

function median(sample: readonly number[]): number {
  return sample.toSorted((a, b) => a - b)[Math.floor(sample.length / 2)] ?? Number.NaN;
}
