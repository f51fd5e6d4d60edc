import { ABSENT, type AttributeColumn, type AttributeIndex } from "../attributes/columns.js";
import { type Family, isFavoured } from "./evidence.js";
import { CohortKind, SMALLEST_COHORT } from "./method.js";

/**
 * An attribute that can tell cohorts apart. Its values with at least 20 devices are the first `eligible` of its column,
 * since a column begins with its most frequent values.
 */
export interface Dimension {
  readonly column: AttributeColumn;
  readonly eligible: number;
}

/** The pairs of the values of two attributes. */
export interface PairTable {
  readonly a: AttributeColumn;
  readonly b: AttributeColumn;
  /** Values of `a` and of `b`, from the most frequent, that are in the table. */
  readonly rows: number;
  readonly width: number;
  /** Devices of the release with the values codeA and codeB at `codeA · width + codeB`; 0 where that is no hypothesis. */
  readonly counts: Uint32Array;
}

export interface Pairs {
  readonly family: Family;
  readonly tables: readonly PairTable[];
}

/**
 * The hypotheses of a release: values and pairs with at least 20 of its devices. They are counted over all devices of
 * the release, not over the exposed ones, so that they are fixed from the beginning and the thresholds hold at any time.
 */
export interface Hypotheses {
  readonly dimensions: readonly Dimension[];
  readonly values: Family;
  /** Counted when first asked for. */
  readonly pairs: () => Pairs;
}

/** Pairs are formed of this many values of an attribute, the most frequent ones; it bounds the memory they take. */
const MOST_PAIRED_VALUES = 1_000;
const cache = new WeakMap<AttributeIndex, Hypotheses>();

/** The hypotheses of a release, counted once per index. */
export function hypothesesOf(index: AttributeIndex): Hypotheses {
  const known = cache.get(index);
  if (known !== undefined) return known;
  // A value that every device has tells nothing apart.
  const dimensions = index.columns
    .filter(({ counts }) => counts[0] !== index.size)
    .map((column) => ({ column, eligible: eligibleOf(column) }))
    .filter(({ eligible }) => eligible > 0);
  let pairs: Pairs | undefined;
  const hypotheses: Hypotheses = {
    dimensions,
    values: familyOf(
      CohortKind.value,
      index,
      dimensions.map(({ column, eligible }) => column.counts.subarray(0, eligible)),
    ),
    pairs: () => {
      pairs ??= countPairs(index, dimensions);
      return pairs;
    },
  };
  cache.set(index, hypotheses);
  return hypotheses;
}

function eligibleOf({ counts }: AttributeColumn): number {
  const end = counts.findIndex((count) => count < SMALLEST_COHORT);
  return end === -1 ? counts.length : end;
}

function countPairs(index: AttributeIndex, dimensions: readonly Dimension[]): Pairs {
  const everybody = Uint32Array.from({ length: index.size }, (_, device) => device);
  const tables = dimensions.flatMap((a, at) =>
    dimensions.slice(at + 1).map((b) => {
      const table = {
        a: a.column,
        b: b.column,
        rows: Math.min(a.eligible, MOST_PAIRED_VALUES),
        width: Math.min(b.eligible, MOST_PAIRED_VALUES),
      };
      const counts = tally(table, everybody);
      for (let cell = 0; cell < counts.length; cell++) if (!isHypothesis(table, cell, counts)) counts[cell] = 0;
      return { ...table, counts };
    }),
  );
  const family = familyOf(
    CohortKind.pair,
    index,
    tables.map(({ counts }) => counts),
  );
  return { family, tables };
}

/** @param counts devices of each hypothesis; 0 where there is none */
function familyOf(kind: CohortKind, { size }: AttributeIndex, counts: readonly Uint32Array[]): Family {
  let hypotheses = 0;
  let favouredDevices = 0;
  for (const each of counts) {
    for (const devices of each) {
      if (devices === 0) continue;
      hypotheses++;
      if (isFavoured(devices, size)) favouredDevices += devices;
    }
  }
  return { kind, release: size, hypotheses, favouredDevices };
}

/** A pair that is all of one of its values is that value over again, not another hypothesis. */
function isHypothesis({ a, b, width }: Cells, cell: number, counts: Uint32Array): boolean {
  const count = counts[cell] as number;
  if (count < SMALLEST_COHORT) return false;
  return count !== a.counts[Math.floor(cell / width)] && count !== b.counts[cell % width];
}

type Cells = Omit<PairTable, "counts">;

export const NO_CELL = -1;

/** The cell of a table that a device belongs to. */
export function cellOf({ a, b, rows, width }: Cells, device: number): number {
  const codeA = a.codes[device] as number;
  const codeB = b.codes[device] as number;
  return codeA === ABSENT || codeA >= rows || codeB === ABSENT || codeB >= width ? NO_CELL : codeA * width + codeB;
}

/** Counts devices by cell of a table: `cellOf` spelt out, because every device passes here for every two attributes. */
export function tally({ a, b, rows, width }: Cells, devices: Uint32Array): Uint32Array {
  const counts = new Uint32Array(rows * width);
  const codesA = a.codes;
  const codesB = b.codes;
  const length = devices.length;
  for (let at = 0; at < length; at++) {
    const device = devices[at] as number;
    const codeA = codesA[device] as number;
    const codeB = codesB[device] as number;
    // Unsigned, ABSENT is larger than any value.
    if (codeA >>> 0 < rows && codeB >>> 0 < width) (counts[codeA * width + codeB] as number)++;
  }
  return counts;
}
