import type { AttributeIndex } from "../attributes/columns.js";
import { logEvidence } from "../gate/evidence.js";
import { valueCandidates } from "./candidates.js";
import { type Cohort, cohortId, membership } from "./cohort.js";
import { type CohortEvidence, computeCohortEvidence } from "./evidence.js";
import { type Exposure, without } from "./exposure.js";
import { SuperfluousBecause, type SuperfluousHold } from "./superfluous.js";

/** What the health gate counts (gate.md §2), without the devices of held cohorts and what people have accepted. */
export interface GateCounts {
  readonly failures: number;
  /** Exposure in devices. */
  readonly nEff: number;
  /** Tolerated failure rate, 0–1. */
  readonly pTol: number;
  /** Evidence from which the gate holds. */
  readonly holdEvidence: number;
}

interface Counted {
  readonly exposed: number;
  readonly failures: number;
}

const NOBODY: Counted = { exposed: 0, failures: 0 };

/** ln of the gate's evidence, with the devices of a held cohort counted again. */
export function logEvidenceWith({ failures, nEff, pTol }: GateCounts, more: Counted = NOBODY): number {
  return logEvidence(failures + more.failures, pTol * (nEff + more.exposed));
}

/**
 * Whether the gate would hold nothing if a cohort counted again: the rest has shown meanwhile that the update is as good
 * as others, and what the cohort has shown may be chance. Offered again, it is held for good if it was not.
 */
export function mayBeChance(gate: GateCounts, counted: Counted): boolean {
  return logEvidenceWith(gate, counted) < Math.log(gate.holdEvidence);
}

interface Review {
  readonly index: AttributeIndex;
  readonly everything: Exposure;
  readonly cohorts: readonly Cohort[];
  readonly superfluous: readonly SuperfluousHold[];
  readonly provisional: readonly string[];
  readonly gate: GateCounts;
}

/**
 * Looks again at the cohorts that were held before their own evidence sufficed (method.ts): each is held for good once it
 * does, and released when what it has shown may be chance.
 */
export function reviewProvisional({ index, everything, cohorts, superfluous, provisional, gate }: Review): {
  readonly reviewed: readonly CohortEvidence[];
  readonly byChance: readonly SuperfluousHold[];
} {
  const reviewed: CohortEvidence[] = [];
  const byChance: SuperfluousHold[] = [];
  const gone = new Set(superfluous.map(({ cohort }) => cohort));
  for (const id of provisional) {
    const cohort = cohorts.find((one) => cohortId(one) === id);
    if (cohort === undefined || gone.has(id)) continue;
    const rest = without(
      index,
      everything,
      cohorts.filter((one) => one !== cohort && !gone.has(cohortId(one))),
    );
    const belongs = membership(index, cohort);
    const own = { exposed: rest.exposed.filter(belongs).length, failures: rest.failing.filter(belongs).length };
    const evidence = evidenceFor(index, rest, cohort);
    if (evidence?.provisional !== false && mayBeChance(gate, own)) {
      byChance.push({ cohort: id, because: SuperfluousBecause.chance, ...own });
      gone.add(id);
    } else if (evidence !== undefined) {
      reviewed.push(evidence);
    }
  }
  return { reviewed, byChance };
}

/**
 * The cohort's own evidence; undefined where none of its devices failed that is in no other held cohort. Only single
 * values are held provisionally (choose.ts).
 */
function evidenceFor(index: AttributeIndex, rest: Exposure, cohort: Cohort): CohortEvidence | undefined {
  const found = valueCandidates(index, rest).find(({ counts }) => cohortId(counts().cohort) === cohortId(cohort));
  return found && computeCohortEvidence({ ...found.counts(), gateLogE: 0 });
}
