import { hash32 } from "../../shared/random.js";
import { drawFleet } from "../../shared/what-if/draws.js";
import { fatesOf } from "../../shared/what-if/fates.js";
import { badDevices, modelFleet, orderOf } from "../../shared/what-if/fleet.js";
import { LESSON_MONTHS, learnMonths } from "../../shared/what-if/lessons.js";
import { type MonthOutcome, type MonthRing, runMonth } from "../../shared/what-if/month.js";
import { ownGate } from "../../shared/what-if/policies.js";
import type { MonthHistory } from "../../shared/what-if/policy.js";
import { type Figure, figure } from "./benchmark.js";
import { HARM_BOUND, model, own } from "./gate-cases.js";
import { percentage, spread } from "./statistics.js";

/** Fleets with attributes of their own; they take turns. */
const FLEETS = 4;
/** A bad value is on 3 to 8 % of the fleet, and fails on a quarter of these (gate.md §5). */
const BAD_RATE = 0.25;

interface CohortMonth {
  readonly outcome: MonthOutcome;
  /** The devices held at the end are exactly the bad ones. */
  readonly exact: boolean;
}

/**
 * Months in which one attribute value is bad, and as many healthy ones, through the whole gate: controller, silence,
 * cohort holds, diversity-first order. Nobody answers questions, so that a month that stays held or paused is not done.
 */
export function cohortFigures(
  rings: readonly MonthRing[],
  seed: number,
  months: number,
  progress: (line: string) => void,
): Figure[] {
  const fleets = Array.from({ length: FLEETS }, (_, fleet) => modelFleet(rings, hash32(seed, "fleet", fleet)));
  const history = learnedHistory(rings, seed);
  const play = (kind: "bad cohort" | "healthy") =>
    Array.from({ length: months }, (_, month): CohortMonth => {
      if (month % 50 === 0) progress(`${kind}, month ${month + 1} of ${months}`);
      const fleet = fleets[month % FLEETS];
      if (fleet === undefined) throw new RangeError(`There is no fleet for month ${month}.`);
      const monthSeed = hash32(seed, kind, month);
      const struck = kind === "healthy" ? undefined : badDevices(fleet, monthSeed);
      const draws = drawFleet(model, monthSeed, rings);
      const scenario = struck === undefined ? {} : { struck, regression: { failureRate: BAD_RATE } };
      const policy = ownGate({ harmBound: HARM_BOUND, cohorts: fleet.index });
      const fates = fatesOf(model, draws, scenario);
      const outcome = runMonth({ model, rings, draws, fates, history, policy, order: orderOf(fleet, month) });
      const { heldDevices } = outcome;
      const exact = heldDevices !== null && struck?.every((bad, device) => bad === heldDevices[device]) === true;
      return { outcome, exact };
    });
  return [...badFigures(play("bad cohort")), ...healthyFigures(play("healthy"))];
}

function learnedHistory(rings: readonly MonthRing[], seed: number): MonthHistory {
  const months: MonthOutcome[] = [];
  for (let month = 0; month < LESSON_MONTHS; month++) {
    const draws = drawFleet(model, hash32(seed, "cohort lesson", month), rings);
    months.push(
      runMonth({ model, rings, draws, fates: fatesOf(model, draws), history: learnMonths(months), policy: own }),
    );
  }
  return learnMonths(months);
}

const isDone = ({ pausedAt, heldAtEnd, finished }: MonthOutcome) => pausedAt === null && !heldAtEnd && finished;

function badFigures(months: readonly CohortMonth[]): Figure[] {
  const outcomes = months.map(({ outcome }) => outcome);
  const done = months.filter(({ exact, outcome }) => exact && isDone(outcome)).length;
  const exposed = outcomes.map(({ firstHold }) => firstHold?.started ?? Number.POSITIVE_INFINITY).sort((a, b) => a - b);
  const median = exposed[Math.floor(exposed.length / 2)] ?? 0;
  const { mean: share, ...around } = percentage(done, months.length);
  const harmed = spread(outcomes.map((one) => one.harmed));
  const { mean: harm, ...aroundHarm } = harmed;
  const ofMonths = (name: string, hits: number): Figure => {
    const { mean, ...interval } = percentage(hits, months.length);
    return { ...figure(name, mean, "% of months"), spread: interval };
  };
  return [
    {
      ...figure("bad cohort: exactly it held, completed for the rest", share, "% of months"),
      must: { text: "at least 98", met: share >= 98 },
      aim: { text: "100", met: share === 100 },
      spread: around,
    },
    ofMonths("  paused for everybody", outcomes.filter(({ pausedAt }) => pausedAt !== null).length),
    ofMonths(
      "  other devices held at the end",
      months.filter(({ exact, outcome }) => !exact && isDone(outcome)).length,
    ),
    {
      ...figure("bad cohort: exposed at the first hold of a cohort, median", median, "devices"),
      must: { text: "at most 600", met: median <= 600 },
      aim: { text: "at most 400", met: median <= 400 },
    },
    figure("  p95", exposed[Math.floor(0.95 * exposed.length)] ?? 0, "devices"),
    { ...figure("bad cohort: harmed", harm, "devices"), spread: aroundHarm },
  ];
}

function healthyFigures(months: readonly CohortMonth[]): Figure[] {
  const held = months.filter(({ outcome }) => outcome.firstHold !== null).length;
  const kept = months.filter(({ outcome }) => outcome.held > 0).length;
  return [
    figure("healthy: months with any cohort held, provisional too", held, `of ${months.length}`),
    {
      ...figure("healthy: months with a cohort held at the end", kept, `of ${months.length}`),
      aim: { text: "0", met: kept === 0 },
    },
  ];
}
