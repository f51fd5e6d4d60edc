import type { Regression } from "../model/index.js";

/** What a simulated month goes through. */
export const WhatIfCase = {
  /** Base failure rate alone. */
  healthy: "healthy",
  /** An update that adds 0.5, 2 or 10 % failures on every device. */
  half: "0.5 %",
  two: "2 %",
  ten: "10 %",
  /** Fails on a quarter of the devices with one attribute value, which 3 to 8 % of the fleet have (gate.md §5). */
  cohort: "bad cohort",
} as const;
export type WhatIfCase = (typeof WhatIfCase)[keyof typeof WhatIfCase];

export const CASES: readonly WhatIfCase[] = Object.values(WhatIfCase);

const { healthy, half, two, ten, cohort } = WhatIfCase;

/**
 * Cases of the months one after another, over and over: of twenty, eight are healthy and three are of each other case,
 * 80 and 30 of the usual 200. Healthy months tell days and false pauses, which are rare, so that they are more. Mixed, so
 * that any number of months has nearly these shares.
 */
const TURNS: readonly WhatIfCase[] = [
  ...[healthy, half, two, ten, cohort, healthy, healthy, half, healthy, two],
  ...[healthy, ten, cohort, healthy, half, two, healthy, ten, cohort, healthy],
];

/** The case of a month, counted from 0. A fleet in which no attribute value can be bad has a healthy month instead. */
export function caseOf(month: number, canHaveBadCohort: boolean): WhatIfCase {
  const turn = TURNS[month % TURNS.length] ?? healthy;
  return turn === cohort && !canHaveBadCohort ? healthy : turn;
}

/** What the update adds in each case; in a bad cohort only on its devices. */
export const REGRESSION_OF: Readonly<Record<WhatIfCase, Regression>> = {
  [healthy]: {},
  [half]: { failureRate: 0.005 },
  [two]: { failureRate: 0.02 },
  [ten]: { failureRate: 0.1 },
  [cohort]: { failureRate: 0.25 },
};
