import { type ArrivalCurve, learnArrivals } from "./arrivals.js";
import { ARRIVAL_DAYS, DEFAULT_P0 } from "./method.js";
import type { NoReturnCurve } from "./silence.js";

/** What a finished deployment teaches. */
export interface FinishedDeployment {
  readonly finishedAt: number;
  readonly resolved: number;
  readonly failures: number;
  /** Reports by age in days, 15 bins, per ring: rings have deadlines of their own. */
  readonly reportAgeBins: Readonly<Record<string, readonly number[]>>;
  /** Whether the gate ever held or paused it, or it did not run to completion. */
  readonly disturbed: boolean;
}

export interface GateHistory {
  readonly p0: number;
  readonly p0Variation: number;
  /** Deployments that p0 was learned from. */
  readonly deployments: number;
  /** Learned curve per ring; a ring without reports has none and uses `defaultArrivals`. */
  readonly arrivals: Readonly<Record<string, ArrivalCurve>>;
  /** S as finished releases have taught it; absent: `DEFAULT_NO_RETURN`. */
  readonly noReturn?: NoReturnCurve;
}

/** Deployments that count, the latest ones. */
const HISTORY_LENGTH = 6;
/** Reports at the default rate that p0 starts from: a first release with no failure must not make one failure alarming. */
const PRIOR_REPORTS = 2_000;
/** A coefficient of variation says nothing below this many deployments. */
const MIN_FOR_VARIATION = 3;

/**
 * Spread of the true rate between deployments relative to its mean. The scatter that counting alone gives (Poisson) is
 * taken out, or every small fleet would seem to drift.
 */
function variation(deployments: readonly FinishedDeployment[]): number {
  const counted = deployments.filter(({ resolved }) => resolved > 0);
  if (counted.length < MIN_FOR_VARIATION) return 0;
  const rates = counted.map(({ failures, resolved }) => failures / resolved);
  const mean = rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
  if (mean === 0) return 0;
  const spread = rates.reduce((sum, rate) => sum + (rate - mean) ** 2, 0) / (rates.length - 1);
  const chance = counted.reduce((sum, { resolved }) => sum + mean / resolved, 0) / counted.length;
  return Math.sqrt(Math.max(0, spread - chance)) / mean;
}

function arrivalsPerRing(deployments: readonly FinishedDeployment[]): Record<string, ArrivalCurve> {
  const learned: Record<string, ArrivalCurve> = {};
  for (const ring of new Set(deployments.flatMap(({ reportAgeBins }) => Object.keys(reportAgeBins)))) {
    const bins = Array.from({ length: ARRIVAL_DAYS }, (_, day) =>
      deployments.reduce((sum, { reportAgeBins }) => sum + (reportAgeBins[ring]?.[day] ?? 0), 0),
    );
    const curve = learnArrivals(bins);
    if (curve !== undefined) learned[ring] = curve;
  }
  return learned;
}

/** The deployments that teach: the latest six that nothing disturbed, newest first. */
export function teaching<T extends Pick<FinishedDeployment, "finishedAt" | "disturbed">>(
  deployments: readonly T[],
): T[] {
  return deployments
    .filter(({ disturbed }) => !disturbed)
    .sort((a, b) => b.finishedAt - a.finishedAt)
    .slice(0, HISTORY_LENGTH);
}

/**
 * p0, its variation and F from finished deployments of one kind of update (gate.md §2): pooled over the latest six, on
 * top of 2,000 reports at the default rate. Held or paused deployments teach nothing.
 */
export function learnHistory(deployments: readonly FinishedDeployment[]): GateHistory {
  const used = teaching(deployments);
  const failures = used.reduce((sum, one) => sum + one.failures, 0);
  const resolved = used.reduce((sum, one) => sum + one.resolved, 0);
  return {
    p0: (failures + DEFAULT_P0 * PRIOR_REPORTS) / (resolved + PRIOR_REPORTS),
    p0Variation: variation(used),
    deployments: used.length,
    arrivals: arrivalsPerRing(used),
  };
}
