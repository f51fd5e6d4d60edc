import type { AttributeIndex } from "../attributes/columns.js";
import { type Candidate, pairCandidates, valueCandidates } from "./candidates.js";
import { type Cohort, cohortId } from "./cohort.js";
import { eBenjaminiHochberg, isFavoured, logThreshold } from "./evidence.js";
import { type Exposure, without } from "./exposure.js";
import { CohortKind, PAIR_ADVANTAGE } from "./method.js";

export type Candidates = Readonly<Record<CohortKind, readonly Candidate[]>>;

export function candidatesOf(index: AttributeIndex, exposure: Exposure): Candidates {
  return { value: valueCandidates(index, exposure), pair: pairCandidates(index, exposure) };
}

/**
 * The cohort to hold: the simpler one unless a pair is e³ better; undefined when no evidence, times the gate's own,
 * reaches its threshold.
 */
export function choose(found: Candidates, gateLogE: number): Candidate | undefined {
  const [value, pair] = [first(found.value, gateLogE), first(found.pair, gateLogE)];
  if (value === undefined || pair === undefined) return value ?? pair;
  return pair.logE >= value.logE + PAIR_ADVANTAGE ? pair : value;
}

/** Of the candidates whose evidence reaches the threshold, the one that precedes the others. */
function first(candidates: readonly Candidate[], gateLogE: number): Candidate | undefined {
  return candidates.reduce<Candidate | undefined>((best, candidate) => {
    if (margin(candidate) + borrowed(candidate, gateLogE) < 0) return best;
    return best === undefined || precedes(candidate, best) < 0 ? candidate : best;
  }, undefined);
}

/**
 * A value that explains a cohort just found together with one held before better than the two do: its evidence exceeds
 * its threshold by more than theirs in sum. By chance the first failures of a bad model may lie in devices with the same
 * graphics; the graphics are held, then a firmware of the model fails as well, and the model is what to hold.
 */
export function commonCause(
  index: AttributeIndex,
  everything: Exposure,
  held: readonly Cohort[],
  found: Candidate,
  gateLogE: number,
): Candidate | undefined {
  const known = new Set(held.map(cohortId));
  const causes = held.flatMap((one) => {
    if (one.length > 1) return [];
    const others = held.filter((cohort) => cohort !== one);
    const candidates = valueCandidates(index, without(index, everything, others));
    const before = candidates.find(({ counts }) => cohortId(counts().cohort) === cohortId(one));
    if (before === undefined) return [];
    const enough = margin(before) + margin(found) + borrowed(found, gateLogE);
    return candidates.filter((each) => margin(each) > enough && !known.has(cohortId(each.counts().cohort)));
  });
  return first(causes, gateLogE);
}

/** What e-BH rejects, the most evidence first; for advice only. */
export function advisable(found: Candidates): Candidate[] {
  return Object.values(CohortKind)
    .flatMap((kind) => {
      const ordered = found[kind].toSorted((a, b) => margin(b) - margin(a));
      return ordered.slice(0, eBenjaminiHochberg(ordered.map(margin)));
    })
    .sort(precedes);
}

/** What the gate's evidence adds: nothing for pairs, nor for values that many devices have (method.ts). */
function borrowed({ devices, family }: Candidate, gateLogE: number): number {
  return family.kind === CohortKind.value && isFavoured(devices, family.release) ? gateLogE : 0;
}

/** ln of evidence / threshold. */
function margin({ logE, devices, family }: Candidate): number {
  return logE - logThreshold(devices, family);
}

/**
 * More evidence first. Cohorts that the failures cannot tell apart have the same: then the one with more devices, since
 * holding too few harms devices; then, of names for the same devices, the simpler one.
 */
function precedes(a: Candidate, b: Candidate): number {
  if (a.logE !== b.logE) return b.logE - a.logE;
  if (a.devices !== b.devices) return b.devices - a.devices;
  if (a.detail !== b.detail) return a.detail - b.detail;
  return cohortId(a.counts().cohort) < cohortId(b.counts().cohort) ? -1 : 1;
}
