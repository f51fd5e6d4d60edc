import { flag, integer } from "../../infra/local/args.js";
import type { MonthOutcome } from "../../shared/what-if/month.js";
import type { Benchmark, Figure } from "./benchmark.js";
import {
  DEVICES,
  DRIFT,
  FOUR_RINGS,
  fiveRings,
  type GateRuns,
  HARM_BOUND,
  model,
  own,
  POLICIES,
  runCases,
  type Schedules,
  SLOW_REPORTS,
} from "./gate-cases.js";
import { cohortFigures } from "./gate-cohorts.js";
import { percentage, spread } from "./statistics.js";

/** Healthy months per month with regressions: false pauses are rare. */
const HEALTHY_FACTOR = 5;

/** The limits of issue 4, devices or days: what must hold, and what would be good. */
const HARMED: Readonly<Record<string, { readonly must: number; readonly aim: number }>> = {
  "0.5 %": { must: 35, aim: 25 },
  "2 %": { must: 15, aim: 10 },
  "10 %": { must: 12, aim: 8 },
  "10 % silent brick": { must: 80, aim: 40 },
};

export const gate: Benchmark = {
  name: "gate",
  about: "harm, false pauses and days of the health gate beside time-only rings and thresholds, on the same seeds",
  options: {
    months: integer("months per regression; five times as many healthy ones", { min: 1, max: 100_000, default: 200 }),
    "five-rings": flag("the product's default rings instead of those of gate.md §1a"),
  },
  async run({ seed, progress, given }) {
    const months = Number(given.months);
    const five = given["five-rings"] === true;
    const schedules = five ? fiveRings() : FOUR_RINGS;
    const healthyMonths = HEALTHY_FACTOR * months;
    const runs = runCases(schedules, seed, { months, healthyMonths }, progress);
    return {
      model: modelLines(schedules),
      parameters: { devices: DEVICES, rings: schedules.usual.length, months, healthyMonths, H: HARM_BOUND, seed },
      figures: [
        ...harmFigures(runs),
        ...cohortFigures(schedules.usual, seed, months, progress),
        ...healthFigures(runs),
        ...dayFigures(runs),
        ...otherFigures(runs),
      ],
    };
  },
};

function modelLines({ usual, fast }: Schedules): string[] {
  const plan = (rings: Schedules["usual"]) =>
    rings.map(
      ({ name, size, offsetDays, deadlineDays }) => `${name} ${size} (day ${offsetDays}, deadline ${deadlineDays})`,
    );
  return [
    `default schedule: ${plan(usual).join(", ")}`,
    `fast schedule: ${plan(fast).join(", ")}`,
    `D = max(deadline, ${model.shortestDeadlineDays} d); active devices install at min(Exp(${model.activeMeanPerDeadline}·D + ${model.activeBaseDays}), D + U(0, ${model.forcedSpreadDays})) d, ${100 * model.offlineShare} % offline ones at D + Exp(${model.offlineMeanDays})`,
    `reports: log-normal, median ${model.reportMedianDays} d, sigma ${model.reportSigmaFailing} failing, ${model.reportSigmaHealthy} healthy; never: ${100 * model.neverReportFailing} % failing, ${100 * model.neverReportHealthy} % healthy`,
    `base failure rate ${model.baseFailureRate}; a regression adds its rate; a pause reaches a device in U(0, ${model.policyReachHours} h)`,
    "p0, F and the no-return curve are learned month by month from the six undisturbed months before (history.ts)",
    `drift: base rate × log-normal with mean 1 and sigma ${DRIFT}, learned from too; slow: report delays and the check-ins of the control × ${SLOW_REPORTS}`,
    "cohorts: one value on 3 to 8 % of the fleet fails on a quarter of it; cohort holds and diversity-first order are in these months only",
    "days count devices on which the installation has run; a month that does not get there counts as 40; devices are offered in the order of their numbers",
  ];
}

function harmFigures({ regressions }: GateRuns): Figure[] {
  return [...regressions].flatMap(([regression, byPolicy]) =>
    [...byPolicy].map(([policy, outcomes]) => {
      const { mean, ...around } = spread(outcomes.map(({ harmed }) => harmed));
      const limits = policy === own.name ? HARMED[regression] : undefined;
      return {
        name: `harmed at ${regression}, ${policy}`,
        value: mean,
        unit: "devices",
        ...atMost(mean, limits),
        spread: around,
      };
    }),
  );
}

const isPaused = ({ pausedAt }: MonthOutcome): boolean => pausedAt !== null;

function rate(
  name: string,
  outcomes: readonly MonthOutcome[],
  hit: (one: MonthOutcome) => boolean,
  limits?: Limits,
): Figure {
  const { mean, ...around } = percentage(outcomes.filter(hit).length, outcomes.length);
  return { name, value: mean, unit: "% of months", ...atMost(mean, limits), spread: around };
}

function healthFigures({ healthy, drifting, slow, fast }: GateRuns): Figure[] {
  const mine = healthy.get(own.name) ?? [];
  const stuck = (one: MonthOutcome) => one.pausedAt === null && (one.heldAtEnd || !one.finished);
  return [
    rate(`false pauses, ${own.name}`, mine, isPaused, { must: 0.2, aim: 0 }),
    rate(`holds that never release, ${own.name}`, mine, stuck, { must: 0.5, aim: 0 }),
    rate(`false pauses at ${100 * DRIFT} % drift, ${own.name}`, drifting, isPaused, { must: 1, aim: 0.3 }),
    rate(`holds that never release at ${100 * DRIFT} % drift, ${own.name}`, drifting, stuck),
    rate(`false pauses with slow reports, ${own.name}`, slow, isPaused, { must: 1, aim: 0.3 }),
    rate(`holds that never release with slow reports, ${own.name}`, slow, stuck),
    rate(`false pauses on the fast schedule, ${own.name}`, fast, isPaused),
    ...POLICIES.filter((policy) => policy !== own).map(({ name }) =>
      rate(`false pauses, ${name}`, healthy.get(name) ?? [], isPaused),
    ),
  ];
}

function days(name: string, sample: readonly number[], limits?: Limits): Figure {
  const { mean, ...around } = spread(sample);
  return { name, value: mean, unit: "days", ...atMost(mean, limits), spread: around };
}

function dayFigures({ healthy, fast }: GateRuns): Figure[] {
  const to95 = (outcomes: readonly MonthOutcome[] = []) => outcomes.map(({ daysTo95 }) => daysTo95);
  return [
    days(`days to 95 %, ${own.name}`, to95(healthy.get(own.name)), { must: 19, aim: 18 }),
    days(`days to 95 % on the fast schedule, ${own.name}`, to95(fast), { must: 14, aim: 12.5 }),
    ...POLICIES.filter((policy) => policy !== own).map(({ name }) =>
      days(`days to 95 %, ${name}`, to95(healthy.get(name))),
    ),
    days(
      `days to 90 %, ${own.name}`,
      (healthy.get(own.name) ?? []).map(({ daysTo90 }) => daysTo90),
    ),
  ];
}

function otherFigures({ healthy, monthMs }: GateRuns): Figure[] {
  const mine = healthy.get(own.name) ?? [];
  const of = (name: string, sample: readonly number[], unit: string) => {
    const { mean, ...around } = spread(sample);
    return { name, value: mean, unit, spread: around };
  };
  return [
    of(
      "waves in a healthy month",
      mine.map(({ waves }) => waves.length),
      "waves",
    ),
    of(
      "days held in a healthy month",
      mine.map(({ heldDays }) => heldDays),
      "days",
    ),
    of("one simulated month on one core", monthMs, "ms"),
  ];
}

interface Limits {
  readonly must: number;
  readonly aim: number;
}

function atMost(value: number, limits?: Limits): Pick<Figure, "must" | "aim"> {
  if (limits === undefined) return {};
  const limit = (at: number) => ({ text: `at most ${at}`, met: value <= at });
  return { must: limit(limits.must), aim: limit(limits.aim) };
}
