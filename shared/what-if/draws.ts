import type { ModelParameters } from "../model/index.js";
import { absorb, absorbCodes, type Codes, codesOf, HASH_START, settle, unitOf } from "../random.js";

/** A ring as a simulated month sees it. */
export interface RingSize {
  readonly size: number;
  readonly deadlineDays: number;
}

/**
 * What is drawn for every device of a fleet, whatever befalls it: the same draws as those of `shared/model`, to the bit,
 * in columns. Devices are numbered ring by ring from 0; hashes stand for numbers in (0, 1) (`unitOf`).
 */
export interface FleetDraws {
  readonly seed: number;
  readonly size: number;
  /** First device of each ring, and the size of the fleet at the end. */
  readonly ringStarts: readonly number[];
  /** From the offer to the installed update, days. */
  readonly installDays: Float64Array;
  /** 1 where the restart was forced. */
  readonly forced: Uint8Array;
  /** Standard normal of the report delay. */
  readonly reportZ: Float64Array;
  readonly failure: Uint32Array;
  readonly regression: Uint32Array;
  readonly brick: Uint32Array;
  readonly neverReports: Uint32Array;
}

/** Draws a fleet (gate.md §1a). Time and memory are linear in its size: no object per device. */
export function drawFleet(
  model: ModelParameters,
  seed: number,
  rings: readonly RingSize[],
  update = "update",
): FleetDraws {
  const ringStarts = [0];
  for (const { size } of rings) ringStarts.push((ringStarts.at(-1) ?? 0) + size);
  const size = ringStarts.at(-1) ?? 0;
  const draws: FleetDraws = {
    seed,
    size,
    ringStarts,
    installDays: new Float64Array(size),
    forced: new Uint8Array(size),
    reportZ: new Float64Array(size),
    failure: new Uint32Array(size),
    regression: new Uint32Array(size),
    brick: new Uint32Array(size),
    neverReports: new Uint32Array(size),
  };
  const start = absorb(HASH_START, seed);
  rings.forEach(({ deadlineDays }, ring) => {
    drawRing(draws, ring, Math.max(deadlineDays, model.shortestDeadlineDays), model, start, update);
  });
  return draws;
}

function drawRing(
  draws: FleetDraws,
  ring: number,
  deadline: number,
  model: ModelParameters,
  start: number,
  update: string,
): void {
  const { installDays, forced, reportZ, failure, regression, brick, neverReports } = draws;
  const mean = model.activeMeanPerDeadline * deadline + model.activeBaseDays;
  const end = draws.ringStarts[ring + 1] ?? 0;
  const updateCodes = codesOf(update);
  for (let device = draws.ringStarts[ring] ?? 0; device < end; device++) {
    const own = absorbWhole(start, device);
    const month = absorbCodes(own, updateCodes);
    if (unitOf(settle(absorbCodes(own, OFFLINE_TYPE))) < model.offlineShare) {
      installDays[device] = deadline - model.offlineMeanDays * Math.log(unitOf(settle(absorbCodes(month, RETURN))));
    } else {
      const wish = -mean * Math.log(unitOf(settle(absorbCodes(month, INSTALL))));
      const limit = deadline + model.forcedSpreadDays * unitOf(settle(absorbCodes(month, FORCED)));
      installDays[device] = Math.min(wish, limit);
      forced[device] = wish < limit ? 0 : 1;
    }
    const report = absorbCodes(absorbCodes(month, REPORT), FIRST);
    const radius = Math.sqrt(-2 * Math.log(unitOf(settle(absorbCodes(report, RADIUS)))));
    reportZ[device] = radius * Math.cos(2 * Math.PI * unitOf(settle(absorbCodes(report, ANGLE))));
    failure[device] = settle(absorbCodes(month, FAILURE));
    regression[device] = settle(absorbCodes(month, REGRESSION));
    brick[device] = settle(absorbCodes(month, BRICK));
    neverReports[device] = settle(absorbCodes(month, NEVER_REPORTS));
  }
}

/** What each draw is for, as shared/model names it. */
const [OFFLINE_TYPE, RETURN, INSTALL, FORCED, REPORT, RADIUS, ANGLE] = [
  ...["offline type", "return", "install", "forced", "report", "radius", "angle"].map(codesOf),
] as [Codes, Codes, Codes, Codes, Codes, Codes, Codes];
const [FAILURE, REGRESSION, BRICK, NEVER_REPORTS] = [
  ...["failure", "regression", "brick", "never reports"].map(codesOf),
] as [Codes, Codes, Codes, Codes];
/** The number 1 as `absorb` takes it. */
const FIRST = codesOf("#1");

/** `absorb(state, n)` for a whole number from 0, without making a text of it. */
export function absorbWhole(state: number, n: number): number {
  let h = Math.imul(state ^ 0x23, 0x01000193);
  let unit = 1;
  while (unit * 10 <= n) unit *= 10;
  for (let rest = n; unit >= 1; unit /= 10) {
    const digit = (rest / unit) | 0;
    rest -= digit * unit;
    h = Math.imul(h ^ (0x30 + digit), 0x01000193);
  }
  return Math.imul(h ^ 0x1f, 0x01000193);
}
