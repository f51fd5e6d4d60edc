import type { ModelParameters, Regression } from "../model/index.js";
import { unitOf } from "../random.js";
import type { FleetDraws } from "./draws.js";

/** Ticks in which a month moves (design.md §3.9: the fleet moves in 15-minute ticks). */
export const TICKS_PER_HOUR = 4;
export const TICKS_PER_DAY = 24 * TICKS_PER_HOUR;

/** What befalls a fleet in a month. */
export interface Scenario {
  readonly regression?: Regression;
  /** Devices that the regression can strike; all where absent. 1 = can. */
  readonly struck?: Uint8Array;
  /** Base failure rate in this month; the model's where absent. */
  readonly baseFailureRate?: number;
  /** Reports take this many times longer, and the check-ins of everybody else too. Default 1. */
  readonly slowdown?: number;
}

/** Bits of `Fates.flags`. */
export const FateFlag = { failed: 1, harmed: 2, bricked: 4 } as const;

/** How each device would end if it were offered the update. */
export interface Fates {
  readonly flags: Uint8Array;
  /** Ticks from the offer to the begun installation (the update is in, or has failed). */
  readonly installTicks: Int32Array;
  /** Ticks from the offer to the report; `NEVER` where none comes. */
  readonly reportTicks: Int32Array;
}

export const NEVER = -1;
/** No report is waited for longer than this. */
const LONGEST_TICKS = 1000 * TICKS_PER_DAY;

/** A hash below this stands for a number below the rate. */
function limitOf(rate: number): number {
  let limit = Math.max(0, Math.floor(rate * 2 ** 32));
  while (limit > 0 && unitOf(limit - 1) >= rate) limit--;
  while (limit < 2 ** 32 && unitOf(limit) < rate) limit++;
  return limit;
}

/** Fates of a fleet in a scenario (gate.md §1a); the base rate and the regression strike independently. */
export function fatesOf(model: ModelParameters, draws: FleetDraws, scenario: Scenario = {}): Fates {
  const { size, installDays, reportZ } = draws;
  const flags = new Uint8Array(size);
  const installTicks = new Int32Array(size);
  const reportTicks = new Int32Array(size);
  const failLimit = limitOf(scenario.baseFailureRate ?? model.baseFailureRate);
  const harmLimit = limitOf(scenario.regression?.failureRate ?? 0);
  const brickLimit = limitOf(scenario.regression?.brickRate ?? 0);
  const quiet = [limitOf(model.neverReportHealthy), limitOf(model.neverReportFailing)] as const;
  const median = model.reportMedianDays * (scenario.slowdown ?? 1);
  const { struck } = scenario;
  for (let device = 0; device < size; device++) {
    const strikes = struck === undefined || struck[device] === 1;
    const bricked = strikes && (draws.brick[device] ?? 0) < brickLimit;
    const harmed = bricked || (strikes && (draws.regression[device] ?? 0) < harmLimit);
    const failed = harmed || (draws.failure[device] ?? 0) < failLimit;
    const installed = installDays[device] ?? 0;
    installTicks[device] = Math.ceil(installed * TICKS_PER_DAY);
    flags[device] = (failed ? FateFlag.failed : 0) | (harmed ? FateFlag.harmed : 0) | (bricked ? FateFlag.bricked : 0);
    if (bricked || (draws.neverReports[device] ?? 0) < quiet[failed ? 1 : 0]) {
      reportTicks[device] = NEVER;
    } else {
      const sigma = failed ? model.reportSigmaFailing : model.reportSigmaHealthy;
      const delay = median * Math.exp(sigma * (reportZ[device] ?? 0));
      reportTicks[device] = Math.min(LONGEST_TICKS, Math.ceil((installed + delay) * TICKS_PER_DAY));
    }
  }
  return { flags, installTicks, reportTicks };
}
