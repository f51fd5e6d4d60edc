import { percentOf, reaches, SLO_PERCENT } from "../slo/percent.js";
import { Health } from "../workloads/eligibility.js";
import type { JudgedDevice } from "./judge.js";
import { FeatureState } from "./states.js";

/** Percent of Healthy devices that are to be on a supported version at any time (autopatch.md §6.1, row 81). */
export const SUPPORTED_PERCENT = 99;

/** An objective and how it is met. */
export interface Objective {
  /** Percent aimed at. */
  readonly objective: number;
  /** Devices that have what they should. */
  readonly reached: number;
  /** Healthy devices that count: what the percentage is of. */
  readonly denominator: number;
  /** One decimal, rounded down; null where no device counts. */
  readonly percent: number | null;
  /** Null while it is not due; true where nothing counts. */
  readonly met: boolean | null;
}

/**
 * At least 95 % of the Healthy devices on the target version, of those whose phase has reached its goal date. Devices
 * that a safeguard keeps back are not counted (autopatch.md §6.1, §12). @param now ms
 */
export function onTarget(devices: readonly JudgedDevice[], now: number): Objective {
  const isDue = ({ goalAt }: JudgedDevice) => goalAt !== null && now >= goalAt;
  const due = devices.filter(isDue);
  const counted = due.filter(({ eligibility, isHeld }) => eligibility.label === Health.healthy && !isHeld);
  const reached = counted.filter(({ standing }) => standing.state === FeatureState.installed).length;
  const found = objectiveOf(SLO_PERCENT, reached, counted.length);
  return due.length === 0 ? { ...found, met: null } : found;
}

/** How an objective is met that holds at any time. */
export function objectiveOf(objective: number, reached: number, denominator: number): Objective {
  const percent = percentOf(reached, denominator);
  const met = denominator === 0 || reaches(reached, denominator, objective);
  return { objective, reached, denominator, percent, met };
}
