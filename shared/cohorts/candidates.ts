import { ABSENT, type AttributeColumn, type AttributeIndex } from "../attributes/columns.js";
import { type Condition, cohortOf } from "./cohort.js";
import { type CohortCounts, type Family, failuresNeeded, logCohortEvidence } from "./evidence.js";
import type { Exposure } from "./exposure.js";
import { cellOf, hypothesesOf, NO_CELL, type PairTable, tally } from "./hypotheses.js";
import { ALPHA_OF_KIND } from "./method.js";

/** A hypothesis with failures, and the evidence for it. */
export interface Candidate {
  readonly logE: number;
  /** Devices of the release in the cohort. */
  readonly devices: number;
  /** Values of its most detailed attribute in the release: of two names for the same devices the lower is simpler. */
  readonly detail: number;
  readonly family: Family;
  /** Made on demand, since few candidates of many are looked at. */
  readonly counts: () => Omit<CohortCounts, "gateLogE">;
}

/** Evidence for every value that a failing device has. */
export function valueCandidates(index: AttributeIndex, exposure: Exposure): Candidate[] {
  const { dimensions, values } = hypothesesOf(index);
  return dimensions.flatMap(({ column, eligible }) => {
    const failures = countValues(column, exposure.failing);
    const exposures = countValues(column, exposure.exposed);
    const candidates: Candidate[] = [];
    for (let code = 0; code < eligible; code++) {
      const cohortFailures = failures[code] ?? 0;
      if (cohortFailures === 0) continue;
      candidates.push(
        candidateOf(exposure, values, [condition(column, code)], column.values.length, {
          devices: column.counts[code] ?? 0,
          cohortExposed: exposures[code] ?? 0,
          cohortFailures,
        }),
      );
    }
    return candidates;
  });
}

/** ln of the least evidence with which a pair can be of interest, even if all pairs were. */
const LEAST = -Math.log(ALPHA_OF_KIND.pair);
const FEWEST_FAILURES = failuresNeeded(LEAST);

/**
 * Evidence for the pairs that can be held or advised on: those with at least 1/α, which takes more than one failure.
 * Only pairs of values of failing devices are looked at.
 */
export function pairCandidates(index: AttributeIndex, exposure: Exposure): Candidate[] {
  if (exposure.failing.length < FEWEST_FAILURES) return [];
  const pairs = hypothesesOf(index).pairs();
  return pairs.tables.flatMap((table) => {
    const cells = suspects(table, exposure);
    if (cells.length === 0) return [];
    const exposures = tally(table, exposure.exposed);
    return cells.flatMap(([cell, cohortFailures]) => {
      const { a, b, width } = table;
      const found = candidateOf(
        exposure,
        pairs.family,
        [condition(a, Math.floor(cell / width)), condition(b, cell % width)],
        Math.max(a.values.length, b.values.length),
        {
          devices: table.counts[cell] ?? 0,
          cohortExposed: exposures[cell] ?? 0,
          cohortFailures,
        },
      );
      return found.logE >= LEAST ? [found] : [];
    });
  });
}

/** Cells with their failures that would reach the least evidence if nobody else in them was exposed. */
function suspects(table: PairTable, { exposed, failing }: Exposure): [cell: number, failures: number][] {
  const failures = new Map<number, number>();
  for (const device of failing) {
    const cell = cellOf(table, device);
    if (cell !== NO_CELL && table.counts[cell] !== 0) failures.set(cell, (failures.get(cell) ?? 0) + 1);
  }
  return [...failures].filter(
    ([, count]) =>
      count >= FEWEST_FAILURES && logCohortEvidence(failing.length, count, count / exposed.length) >= LEAST,
  );
}

function candidateOf(
  { exposed, failing }: Exposure,
  family: Family,
  conditions: readonly [Condition] | readonly [Condition, Condition],
  detail: number,
  found: Pick<CohortCounts, "devices" | "cohortExposed" | "cohortFailures">,
): Candidate {
  return {
    logE: logCohortEvidence(failing.length, found.cohortFailures, found.cohortExposed / exposed.length),
    devices: found.devices,
    detail,
    family,
    counts: () => ({
      cohort: cohortOf(...conditions),
      ...found,
      exposed: exposed.length,
      failures: failing.length,
      family,
    }),
  };
}

function countValues({ codes, values }: AttributeColumn, devices: Uint32Array): Uint32Array {
  const counts = new Uint32Array(values.length);
  for (let at = 0; at < devices.length; at++) {
    const code = codes[devices[at] as number] as number;
    if (code !== ABSENT) counts[code] = (counts[code] as number) + 1;
  }
  return counts;
}

function condition({ name, values }: AttributeColumn, code: number): Condition {
  return { attribute: name, value: values[code] ?? "" };
}
