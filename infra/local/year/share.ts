import { percentOf, reaches } from "../../../shared/slo/percent.js";

/** Percent with what it is of. */
export interface Share {
  readonly part: number;
  readonly of: number;
  /** One decimal, rounded down; null of nothing. */
  readonly percent: number | null;
  /** Percent that is to be reached; null where there is no objective. */
  readonly objective: number | null;
  readonly met: boolean;
}

/** @param objective percent; null: none */
export function share(part: number, of: number, objective: number | null = null): Share {
  const met = objective === null || of === 0 || reaches(part, of, objective);
  return { part, of, percent: percentOf(part, of), objective, met };
}
