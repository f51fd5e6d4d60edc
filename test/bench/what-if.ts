import { ringSizes } from "../../infra/local/fleet/ring-sizes.js";
import { wall } from "../../shared/wall.js";
import { defaultBase } from "../../shared/what-if/base.js";
import { CASES, caseOf, type WhatIfCase } from "../../shared/what-if/cases.js";
import { modelFleet, orderOf } from "../../shared/what-if/fleet.js";
import { NO_HISTORY } from "../../shared/what-if/history.js";
import { runChunk, type WhatIfInput } from "../../shared/what-if/trials.js";
import { type Benchmark, type Figure, figure } from "./benchmark.js";
import { peakMemoryMb } from "./peak-memory.js";
import { spread } from "./statistics.js";

const FLEET = 50_000;
const MONTHS = 100;
const LARGE_FLEET = 1_000_000;
/** A healthy month and one of every other case. */
const LARGE_MONTHS = 5;

interface Limits {
  readonly must: number;
  readonly aim?: number;
}

export const whatIf: Benchmark = {
  name: "whatif",
  about: "processor time of a simulated month of 50,000 and of 1,000,000 devices, and memory",
  async run({ seed, progress }) {
    const small = inputOf(FLEET, MONTHS, seed);
    // Whatever is found once for a fleet is not the time of a month.
    for (let month = 0; month < 4; month++) orderOf(small.fleet, month);
    runChunk(small, 0, 5);
    const times = CASES.map((kind) => [kind, timesOf(small, kind)] as const);
    progress(`${MONTHS} months of ${FLEET} devices`);
    const all = times.flatMap(([, sample]) => sample);
    const [large, making] = timed(() => inputOf(LARGE_FLEET, LARGE_MONTHS, seed));
    progress(`${LARGE_FLEET} devices made`);
    const largeTimes = Array.from({ length: LARGE_MONTHS }, (_, month) => {
      const [, time] = timed(() => runChunk(large, month, month + 1));
      progress(`month ${month + 1} of ${LARGE_MONTHS}: ${time.ms.toFixed(0)} ms`);
      return time;
    });
    const peak = peakMemoryMb(process.pid);
    return {
      model: [
        "the product's gate with controller, silence and cohort holds on its five default rings, devices of shared/model",
        "a month: draws, fates and 40 days, from the first hash to the figures; 17 attributes per device",
        `${FLEET} devices: orders and hypotheses of the fleet are found before, as in a what-if of many months`,
        `${LARGE_FLEET} devices: the first month finds the order too, and that of the bad cohort the hypotheses`,
        "time of the processor, all threads together: what others had of the core is not in it; wall: what passed",
      ],
      parameters: { devices: FLEET, months: MONTHS, largeDevices: LARGE_FLEET, largeMonths: LARGE_MONTHS, seed },
      figures: [
        withSpread(`one month of ${FLEET} devices`, all.map(processor), { must: 300, aim: 100 }),
        ...times.map(([kind, sample]) => withSpread(`  ${kind}`, sample.map(processor))),
        withSpread("  wall", all.map(passed)),
        limited(`one month of ${LARGE_FLEET} devices, slowest`, Math.max(...largeTimes.map(processor)), "ms", {
          must: 30_000,
          aim: 10_000,
        }),
        ...largeTimes.map(({ ms }, month) => figure(`  ${caseOf(month, true)}`, ms, "ms")),
        figure("  wall, slowest", Math.max(...largeTimes.map(passed)), "ms"),
        figure(`${LARGE_FLEET} devices made: attributes and their index`, making.ms, "ms"),
        ...(peak === undefined ? [] : [limited("peak memory", peak, "MB", { must: 2_000 })]),
      ],
    };
  },
};

function inputOf(devices: number, months: number, seed: number): WhatIfInput {
  const base = defaultBase();
  const sizes = ringSizes(devices);
  const fleet = modelFleet(
    base.rings.map(({ name }, ring) => ({ name, size: sizes[ring] ?? 0 })),
    seed,
  );
  return { seed, months, candidates: [{ name: "As it is", ...base }], fleet, history: NO_HISTORY, base };
}

function timesOf(input: WhatIfInput, kind: WhatIfCase): Time[] {
  const months = Array.from({ length: input.months }, (_, month) => month);
  return months
    .filter((month) => caseOf(month, true) === kind)
    .map((month) => timed(() => runChunk(input, month, month + 1))[1]);
}

interface Time {
  /** Of the processor, and what passed; ms. */
  readonly ms: number;
  readonly wallMs: number;
}

function timed<T>(work: () => T): [result: T, time: Time] {
  const [begun, used] = [wall.monotonic(), process.cpuUsage()];
  const result = work();
  const { user, system } = process.cpuUsage(used);
  return [result, { ms: (user + system) / 1000, wallMs: wall.monotonic() - begun }];
}

const processor = ({ ms }: Time): number => ms;
const passed = ({ wallMs }: Time): number => wallMs;

function withSpread(name: string, sample: readonly number[], limits?: Limits): Figure {
  const { mean, ...around } = spread(sample);
  return { ...limited(name, mean, "ms", limits), spread: around };
}

function limited(name: string, value: number, unit: string, limits?: Limits): Figure {
  const limit = (most: number) => ({ text: `below ${most}`, met: value < most });
  return {
    ...{ name, value, unit },
    ...(limits === undefined ? {} : { must: limit(limits.must) }),
    ...(limits?.aim === undefined ? {} : { aim: limit(limits.aim) }),
  };
}
