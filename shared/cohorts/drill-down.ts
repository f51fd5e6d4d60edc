import type { AttributeIndex } from "../attributes/columns.js";
import { advisable, candidatesOf, choose, commonCause } from "./choose.js";
import type { Cohort } from "./cohort.js";
import { type CohortEvidence, computeCohortEvidence } from "./evidence.js";
import { type Devices, type Exposure, exposureOf, without } from "./exposure.js";
import { MOST_LENT } from "./method.js";
import { type GateCounts, logEvidenceWith, reviewProvisional } from "./provisional.js";
import { type SuperfluousHold, superfluousHolds } from "./superfluous.js";

export interface DrillDownInput {
  /** All devices of the release, exposed or not: they decide what the hypotheses are. */
  readonly index: AttributeIndex;
  /**
   * Devices of which the result is known. A device that was offered but has not reported belongs to neither list:
   * counting it would make a cohort that reports early, or that was offered first, look worse than it is.
   */
  readonly exposed: Devices;
  /** Those whose result is a failure or a rollback. */
  readonly failing: Devices;
  /** Cohorts held before. Their devices belong in the lists above, but no new hold is founded on them alone. */
  readonly held?: readonly Cohort[];
  /** `cohortId` of those of them that are held provisionally. */
  readonly provisional?: readonly string[];
  /** What the gate counts of the devices that no hold keeps back; absent: the cohorts' own evidence alone decides. */
  readonly gate?: GateCounts;
}

export interface DrillDown {
  /**
   * Cohorts to hold from now on, in the order in which they were found. The evidence of each is that of its turn: counted
   * without the cohorts held by then, except one whose failures it explains as well.
   */
  readonly held: readonly CohortEvidence[];
  /** For people, not for action: what e-BH rejects among the remaining devices. The strongest evidence first. */
  readonly advice: readonly CohortEvidence[];
  /** Of all held cohorts, those that need not be held any more. */
  readonly superfluous: readonly SuperfluousHold[];
  /** What is known by now of the cohorts that were held provisionally and stay held. */
  readonly reviewed: readonly CohortEvidence[];
  /** What is left when the held cohorts are taken away: the evidence E of the deployment is computed from these. */
  readonly remaining: Exposure;
}

const MOST_ADVICE = 10;

/** ln of what the gate's evidence adds to a cohort's own: never less than nothing, nor more than `MOST_LENT`. */
const lentEvidence = (logE: number): number => Math.min(Math.log(MOST_LENT), Math.max(0, logE));

/**
 * Finds the cohorts that fail more often than the rest of the exposed devices (gate.md §5). Greedy: the best cohort is
 * held, its devices are dropped, the rest is tested again, until no evidence reaches its threshold. Pure; the order of
 * devices does not matter.
 */
export function drillDown(input: DrillDownInput): DrillDown {
  const { index, exposed, failing, held: before = [], provisional = [], gate } = input;
  const gateLogE = gate === undefined ? 0 : lentEvidence(logEvidenceWith(gate));
  const everything = exposureOf(index, exposed, failing);
  const cohorts = [...before];
  const held: CohortEvidence[] = [];
  for (;;) {
    const remaining = without(index, everything, cohorts);
    const candidates = candidatesOf(index, remaining);
    const best = choose(candidates, gateLogE);
    if (best === undefined) {
      const superfluous = superfluousHolds(index, everything, cohorts);
      const review = gate && reviewProvisional({ index, everything, cohorts, superfluous, provisional, gate });
      return {
        held,
        advice: advisable(candidates)
          .slice(0, MOST_ADVICE)
          .map(({ counts }) => computeCohortEvidence({ ...counts(), gateLogE })),
        superfluous: [...superfluous, ...(review?.byChance ?? [])],
        reviewed: review?.reviewed ?? [],
        remaining,
      };
    }
    const cause = commonCause(index, everything, cohorts, best, gateLogE) ?? best;
    const evidence = computeCohortEvidence({ ...cause.counts(), gateLogE });
    held.push(evidence);
    cohorts.push(evidence.input.cohort);
  }
}
