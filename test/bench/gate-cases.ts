import { ringSizes } from "../../infra/local/fleet/ring-sizes.js";
import { defaultRings } from "../../shared/groups/defaults.js";
import { modelParameters, type Regression } from "../../shared/model/index.js";
import { hash32, normal } from "../../shared/random.js";
import { wall } from "../../shared/wall.js";
import { drawFleet, type FleetDraws } from "../../shared/what-if/draws.js";
import { fatesOf, type Scenario } from "../../shared/what-if/fates.js";
import { LESSON_MONTHS, learnMonths } from "../../shared/what-if/lessons.js";
import { type MonthOutcome, type MonthRing, runMonth } from "../../shared/what-if/month.js";
import { ownGate, shareOfReports, shareOfRing, timeOnly } from "../../shared/what-if/policies.js";
import type { GatePolicy, MonthHistory } from "../../shared/what-if/policy.js";

export const model = modelParameters();
export const DEVICES = 50_000;
export const HARM_BOUND = 50;
/** Month-to-month drift of the base failure rate: sigma of its logarithm. */
export const DRIFT = 0.3;
export const SLOW_REPORTS = 2;

export const own = ownGate({ name: "e-gate + controller", harmBound: HARM_BOUND });
export const POLICIES: readonly GatePolicy[] = [
  own,
  ownGate({ name: "e-gate without controller", harmBound: null }),
  timeOnly,
  shareOfRing(0.1),
  shareOfRing(0.02),
  shareOfRing(0.01),
  shareOfReports(0.02),
];

/** Regressions by the name of their figure. */
export const REGRESSIONS: Readonly<Record<string, Regression>> = {
  "0.5 %": { failureRate: 0.005 },
  "2 %": { failureRate: 0.02 },
  "10 %": { failureRate: 0.1 },
  "10 % silent brick": { brickRate: 0.1 },
};

const ring = (name: string, size: number, offsetDays: number, deadlineDays: number): MonthRing => ({
  ...{ name, size, offsetDays, deadlineDays },
});

export interface Schedules {
  readonly usual: readonly MonthRing[];
  readonly fast: readonly MonthRing[];
}

/** The rings of gate.md §1a. */
export const FOUR_RINGS: Schedules = {
  usual: [ring("Test", 50, 0, 0), ring("First", 500, 1, 2), ring("Fast", 4_500, 6, 2), ring("Broad", 45_000, 9, 5)],
  fast: [ring("Test", 50, 0, 0), ring("First", 500, 1, 2), ring("Fast", 4_500, 3, 2), ring("Broad", 45_000, 5, 3)],
};

/** The product's default rings in the proportions of the default fleet; the fast schedule as in gate.md §1a. */
export function fiveRings(): Schedules {
  const sizes = ringSizes(DEVICES);
  const usual = defaultRings().map(({ name, qualityDeferralDays, qualityDeadlineDays }, i) =>
    ring(name, sizes[i] ?? 0, qualityDeferralDays, qualityDeadlineDays),
  );
  const days = [0, 1, 3, 5, 6];
  const fast = usual.map(({ name, size, deadlineDays }, i) =>
    ring(name, size, days[i] ?? 0, Math.min(3, deadlineDays)),
  );
  return { usual, fast };
}

/** Outcomes by policy or case, in the order of the months; comparators run in the first months only. */
export interface GateRuns {
  readonly healthy: ReadonlyMap<string, readonly MonthOutcome[]>;
  readonly fast: readonly MonthOutcome[];
  readonly drifting: readonly MonthOutcome[];
  readonly slow: readonly MonthOutcome[];
  /** By regression, then policy. */
  readonly regressions: ReadonlyMap<string, ReadonlyMap<string, readonly MonthOutcome[]>>;
  /** Wall time of a healthy month from the first draw to the outcome, ms. */
  readonly monthMs: readonly number[];
}

/** A tenant whose gate learns from month to month. */
class Chain {
  readonly #months: MonthOutcome[] = [];

  history(): MonthHistory {
    return learnMonths(this.#months.slice(-4 * LESSON_MONTHS));
  }

  add(month: MonthOutcome): void {
    this.#months.push(month);
  }
}

/**
 * Runs all cases: `healthyMonths` healthy months of a tenant, and the comparators and every regression in the first
 * `months` of them.
 */
export function runCases(
  schedules: Schedules,
  seed: number,
  { months, healthyMonths }: { readonly months: number; readonly healthyMonths: number },
  progress: (line: string) => void,
): GateRuns {
  const healthy = new Map(POLICIES.map(({ name }) => [name, [] as MonthOutcome[]]));
  const regressions = new Map(
    Object.keys(REGRESSIONS).map((name) => [name, new Map(POLICIES.map((one) => [one.name, [] as MonthOutcome[]]))]),
  );
  const fast: MonthOutcome[] = [];
  const drifting: MonthOutcome[] = [];
  const slow: MonthOutcome[] = [];
  const monthMs: number[] = [];
  const tenants = { usual: new Chain(), fast: new Chain(), drifting: new Chain() };
  for (let month = -LESSON_MONTHS; month < healthyMonths; month++) {
    const monthSeed = hash32(seed, "month", month);
    const begun = wall.monotonic();
    const draws = drawFleet(model, monthSeed, schedules.usual);
    const usually = runner(schedules.usual, draws, tenants.usual.history());
    const nominal = usually(own, {});
    const took = wall.monotonic() - begun;
    const drift: Scenario = {
      baseFailureRate: model.baseFailureRate * Math.exp(DRIFT * normal(monthSeed, "drift") - DRIFT ** 2 / 2),
    };
    const drifted = runner(schedules.usual, draws, tenants.drifting.history())(own, drift);
    const quick = runner(schedules.fast, drawFleet(model, monthSeed, schedules.fast), tenants.fast.history())(own, {});
    tenants.usual.add(nominal);
    tenants.drifting.add(drifted);
    tenants.fast.add(quick);
    if (month < 0) continue;
    monthMs.push(took);
    drifting.push(drifted);
    fast.push(quick);
    slow.push(usually(own, { slowdown: SLOW_REPORTS }));
    healthy.get(own.name)?.push(nominal);
    if ((month + 1) % 50 === 0) progress(`${month + 1} of ${healthyMonths} months, regressions in the first ${months}`);
    if (month >= months) continue;
    for (const policy of POLICIES) if (policy !== own) healthy.get(policy.name)?.push(usually(policy, {}));
    for (const [name, regression] of Object.entries(REGRESSIONS)) {
      for (const policy of POLICIES) regressions.get(name)?.get(policy.name)?.push(usually(policy, { regression }));
    }
  }
  return { healthy, fast, drifting, slow, regressions, monthMs };
}

function runner(rings: readonly MonthRing[], draws: FleetDraws, history: MonthHistory) {
  const fates = new Map<Scenario["regression"], ReturnType<typeof fatesOf>>();
  return (policy: GatePolicy, scenario: Scenario): MonthOutcome => {
    const plain = scenario.baseFailureRate === undefined && scenario.slowdown === undefined;
    const known = plain ? fates.get(scenario.regression) : undefined;
    const these = known ?? fatesOf(model, draws, scenario);
    if (plain) fates.set(scenario.regression, these);
    const { slowdown = 1 } = scenario;
    return runMonth({ model, rings, draws, fates: these, history, policy, slowdown });
  };
}
