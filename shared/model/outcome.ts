import { uniform } from "../random.js";
import type { DeviceKey } from "./install.js";
import type { ModelParameters } from "./parameters.js";

/** How an attempt ends: installed, failed, or begun and never come back. */
export const Ending = { installed: "installed", failed: "failed", bricked: "bricked" } as const;
export type Ending = (typeof Ending)[keyof typeof Ending];

export interface Outcome {
  readonly ending: Ending;
  /** Whether the update itself is to blame, not the base rate. */
  readonly harmed: boolean;
}

/** What an update adds to the base failure rate on one device; rates 0–1. */
export interface Regression {
  readonly failureRate?: number;
  readonly brickRate?: number;
}

const HEALTHY: Regression = {};

/**
 * The end of one attempt (gate.md §1a): the base rate and the regression strike independently. A regression strikes a
 * device on every attempt; a failure of the base rate may be gone at the next one.
 */
export function outcomeOf(
  model: ModelParameters,
  seed: number,
  device: DeviceKey,
  update: string,
  attempt = 1,
  regression: Regression = HEALTHY,
): Outcome {
  const struck = (rate: number | undefined, how: string) =>
    rate !== undefined && rate > 0 && uniform(seed, device, update, how) < rate;
  if (struck(regression.brickRate, "brick")) return { ending: Ending.bricked, harmed: true };
  if (struck(regression.failureRate, "regression")) return { ending: Ending.failed, harmed: true };
  const failed =
    attempt === 1
      ? uniform(seed, device, update, "failure") < model.baseFailureRate
      : uniform(seed, device, update, "retry", attempt) >= model.retrySuccess;
  return { ending: failed ? Ending.failed : Ending.installed, harmed: false };
}

/** Common failures of cumulative updates: servicing stack, files, component store, disk space, .NET, download. */
const ERROR_CODES = [
  "0x800f0922",
  "0x800f081f",
  "0x80073712",
  "0x80070002",
  "0x800f0831",
  "0x8007000d",
  "0x80070070",
  "0x80070643",
  "0x80240034",
] as const;
const REGRESSION_CODE = "0x800f0922";

/** The Windows error code of a failed attempt. A regression mostly shows one code. */
export function errorCodeOf(seed: number, device: DeviceKey, update: string, attempt: number, harmed: boolean): string {
  if (harmed && uniform(seed, device, update, "usual code") < 0.85) return REGRESSION_CODE;
  const draw = uniform(seed, device, update, attempt, "error code");
  return ERROR_CODES[Math.floor(draw * draw * ERROR_CODES.length)] ?? REGRESSION_CODE;
}

/** Days from a failed attempt to the next one, or undefined when the device has given up. `attempt` is the failed one. */
export function retryDelayDays(
  model: ModelParameters,
  seed: number,
  device: DeviceKey,
  update: string,
  attempt: number,
): number | undefined {
  if (attempt > model.retryLimit) return undefined;
  return model.retryAfterDays * (1 + uniform(seed, device, update, "retry wait", attempt));
}
