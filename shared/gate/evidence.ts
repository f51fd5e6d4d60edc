import { type ArrivalCurve, arrivedBy } from "./arrivals.js";
import { METHOD_VERSION, MIXTURE, toleratedRate } from "./method.js";

/** One ring or wave of a deployment, as the ledger counts it. */
export interface GateStep {
  readonly ring: string;
  readonly wave: number;
  /** Devices offered at `offeredAt` (ms). */
  readonly offered: number;
  readonly offeredAt: number;
  /** Reports of success or failure. */
  readonly resolved: number;
  /** Failures and rollbacks among them. */
  readonly failures: number;
  /** F of this ring: learned, or `defaultArrivals(deadline)`. */
  readonly arrivals: ArrivalCurve;
}

/** Failures and exposure that a person has looked at and accepted; evidence is about what came after. */
export interface AcceptedEvidence {
  readonly failures: number;
  readonly exposure: number;
}

export interface EvidenceInput {
  /** ms; ages count to here. */
  readonly now: number;
  readonly steps: readonly GateStep[];
  /** Historical reported failure rate. */
  readonly p0: number;
  /** Coefficient of variation of p0 over the releases it was learned from. */
  readonly p0Variation: number;
  readonly expedited: boolean;
  readonly accepted: AcceptedEvidence | null;
}

/** Everything a decision rests on; `computeEvidence(evidence.input)` gives the same record to the bit. Plain JSON. */
export interface GateEvidence {
  readonly method: string;
  readonly input: EvidenceInput;
  readonly pTol: number;
  /** Exposure per step, in the order of the input. */
  readonly exposures: readonly number[];
  /** Exposure n_eff over all steps. */
  readonly nEff: number;
  /** X: failures over all steps. */
  readonly failures: number;
  /** Λ: failures tolerated for this exposure. */
  readonly lambda: number;
  /** E, at most the largest double; its logarithm is what decides. */
  readonly e: number;
  readonly logE: number;
}

/** Exposure of a step: reports so far, or the reports that should have come by now where that is more (gate.md §2.2). */
export function exposureOf(step: GateStep, now: number): number {
  return Math.max(step.resolved, step.offered * arrivedBy(step.arrivals, now - step.offeredAt));
}

/** ln Σ w·ρ^X·e^(−(ρ−1)Λ): evidence that failures are more frequent than tolerated (gate.md §2.3). */
export function logEvidence(failures: number, lambda: number): number {
  const terms = MIXTURE.map(
    ({ ratio, weight }) => Math.log(weight) + failures * Math.log(ratio) - (ratio - 1) * lambda,
  );
  const largest = Math.max(...terms);
  return largest + Math.log(terms.reduce((sum, term) => sum + Math.exp(term - largest), 0));
}

/** Evidence of a deployment at `input.now`. One process over all its rings and waves, never reset between them. */
export function computeEvidence(input: EvidenceInput): GateEvidence {
  const pTol = toleratedRate(input.p0, input.p0Variation);
  const exposures = input.steps.map((step) => exposureOf(step, input.now));
  const nEff = exposures.reduce((sum, exposure) => sum + exposure, 0);
  const failures = input.steps.reduce((sum, step) => sum + step.failures, 0);
  const lambda = pTol * Math.max(0, nEff - (input.accepted?.exposure ?? 0));
  const logE = logEvidence(Math.max(0, failures - (input.accepted?.failures ?? 0)), lambda);
  // JSON has no Infinity; beyond the range of a double the logarithm still tells.
  const e = Math.min(Math.exp(logE), Number.MAX_VALUE);
  return { method: METHOD_VERSION, input, pTol, exposures, nEff, failures, lambda, e, logE };
}
