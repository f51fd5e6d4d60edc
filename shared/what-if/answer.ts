import { type Distribution, distributionOf, type Share, shareOf } from "../statistics.js";
import { CASES, WhatIfCase } from "./cases.js";
import { HORIZON_DAYS } from "./month.js";
import type { SettledCandidate } from "./settings.js";
import type { Trial, WhatIfInput } from "./trials.js";

/** Figures of one case; null where no month had the case. Days count from the release, never reached as 40. */
export interface CaseFigures {
  readonly case: WhatIfCase;
  readonly months: number;
  /** Devices that failed because of the update. */
  readonly harmed: Distribution | null;
  readonly daysTo90: Distribution | null;
  readonly daysTo95: Distribution | null;
  readonly restartsForced: Distribution | null;
  readonly heldDays: Distribution | null;
  readonly waves: Distribution | null;
  /** Months that were paused; in healthy ones falsely. */
  readonly paused: Share | null;
  /** Months in which the gate held offers at least once. */
  readonly held: Share | null;
  /** Months that were not paused and yet did not finish. */
  readonly stuck: Share | null;
  /** Months at the end of which a cohort was held; without a bad one falsely. */
  readonly cohortHeld: Share | null;
  /** Months in which exactly the bad cohort was held and the release finished for all others. */
  readonly exactCohort: Share | null;
}

export interface CandidateFigures {
  readonly name: string;
  readonly settings: SettledCandidate;
  readonly cases: readonly CaseFigures[];
  /** Per cent of the devices that have installed by the end of each day of a healthy month, the mean of the months. */
  readonly uptake: readonly number[];
}

/** The answer of a what-if. Plain JSON. */
export interface WhatIfAnswer {
  readonly version: 1;
  readonly seed: number;
  readonly months: number;
  readonly devices: number;
  readonly rings: readonly { readonly name: string; readonly devices: number }[];
  readonly history: { readonly deployments: number; readonly p0: number; readonly p0Variation: number };
  readonly horizonDays: number;
  readonly candidates: readonly CandidateFigures[];
}

/** The answer from the trials of all chunks, in whatever order; a trial that came twice counts once. */
export function answerOf(input: WhatIfInput, trials: readonly Trial[]): WhatIfAnswer {
  const { seed, months, candidates, fleet, history } = input;
  const distinct = new Map(trials.map((trial) => [trial.month * candidates.length + trial.candidate, trial]));
  const inOrder = [...distinct].sort(([a], [b]) => a - b).map(([, trial]) => trial);
  const { deployments, p0, p0Variation } = history;
  return {
    ...{ version: 1, seed, months, devices: fleet.index.size },
    rings: fleet.rings.map(({ name, size }) => ({ name, devices: size })),
    history: { deployments, p0, p0Variation },
    horizonDays: HORIZON_DAYS,
    candidates: candidates.map((settings, candidate) => {
      const own = inOrder.filter((trial) => trial.candidate === candidate);
      return {
        ...{ name: settings.name, settings },
        cases: CASES.map((kind) => figuresOf(kind, own)),
        uptake: uptakeOf(own.filter((trial) => trial.case === WhatIfCase.healthy)),
      };
    }),
  };
}

function figuresOf(kind: WhatIfCase, own: readonly Trial[]): CaseFigures {
  const trials = own.filter((trial) => trial.case === kind);
  const of = (value: (trial: Trial) => number) => distributionOf(trials.map(value));
  const share = (hit: (trial: Trial) => boolean) => shareOf(trials.filter(hit).length, trials.length);
  return {
    ...{ case: kind, months: trials.length },
    harmed: of(({ harmed }) => harmed),
    daysTo90: of(({ daysTo90 }) => daysTo90),
    daysTo95: of(({ daysTo95 }) => daysTo95),
    restartsForced: of(({ restartsForced }) => restartsForced),
    heldDays: of(({ heldDays }) => heldDays),
    waves: of(({ waves }) => waves),
    paused: share(({ pausedAt }) => pausedAt !== null),
    held: share(({ holds }) => holds > 0),
    stuck: share(({ stuck }) => stuck),
    cohortHeld: share(({ cohortDevices }) => cohortDevices > 0),
    exactCohort: kind === WhatIfCase.cohort ? share(({ exact, daysTo95 }) => exact && daysTo95 < HORIZON_DAYS) : null,
  };
}

function uptakeOf(trials: readonly Trial[]): number[] {
  if (trials.length === 0) return [];
  return Array.from(
    { length: HORIZON_DAYS },
    (_, day) => trials.reduce((sum, { uptake }) => sum + (uptake[day] ?? 0), 0) / trials.length / 10,
  );
}

/** The figures of a case. */
export function figuresIn({ cases }: CandidateFigures, kind: WhatIfCase): CaseFigures | undefined {
  return cases.find((one) => one.case === kind);
}
