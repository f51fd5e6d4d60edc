import type { AttributeIndex } from "../attributes/columns.js";
import { hash32 } from "../random.js";
import { type Features, type NumberColumn, valuesOf } from "./features.js";
import { FEWEST_OUTCOMES, LEARNING_RATE, PASSES, RIDGE, SAFEGUARD_METHOD } from "./method.js";
import { logistic, type NumberCoefficient, type RiskModel, standardised } from "./risk.js";

/** Finished outcomes: devices (places in the index) of finished rings with a final report. */
export interface Outcomes {
  readonly devices: readonly number[];
  /** Those of them that failed. */
  readonly failing: Iterable<number>;
}

/**
 * Learns the risk of devices from the finished rings of a release (gate.md §6): ridge logistic regression on one-hot
 * values and standardised numbers, by AdaGrad. Deterministic, whatever the order of the devices.
 * @returns undefined for fewer than 1,000 outcomes, and when none or all of them are failures
 */
export function trainRiskModel(features: Features, { devices, failing }: Outcomes): RiskModel | undefined {
  const failed = new Set(failing);
  const rows = rowsOf(features, shuffled(devices), failed);
  const failures = rows.outcomes.filter((outcome) => outcome === 1).length;
  const count = rows.outcomes.length;
  if (count < FEWEST_OUTCOMES || failures === 0 || failures === count) return undefined;
  const { intercept, weights } = descend(rows, Math.log(failures / (count - failures)));
  const { interceptVariance, variances } = variancesOf(rows, intercept, weights);
  const { index, numbers } = features;
  return {
    method: SAFEGUARD_METHOD,
    outcomes: count,
    failures,
    intercept: { weight: intercept, variance: interceptVariance },
    values: valueNames(index).flatMap(({ attribute, value }, place) =>
      rows.support[place] === 0
        ? []
        : [{ attribute, value, weight: weights[place] ?? 0, variance: variances[place] ?? 0 }],
    ),
    numbers: numbers.map(({ name }, at) => ({
      name,
      ...(rows.scales[at] ?? { mean: 0, deviation: 0 }),
      weight: weights[index.valueCount + at] ?? 0,
      variance: variances[index.valueCount + at] ?? 0,
    })),
  };
}

/** Outcomes as sparse rows: places of the coefficients that are not 0, and their factors. */
interface Rows {
  readonly places: readonly (readonly number[])[];
  readonly factors: readonly (readonly number[])[];
  readonly outcomes: readonly number[];
  /** Rows in which each coefficient takes part. */
  readonly support: Uint32Array;
  readonly scales: readonly Pick<NumberCoefficient, "mean" | "deviation">[];
}

function rowsOf({ index, numbers }: Features, devices: readonly number[], failed: ReadonlySet<number>): Rows {
  const scales = numbers.map((column) => scaleOf(column, devices));
  const support = new Uint32Array(index.valueCount + numbers.length);
  const places: number[][] = [];
  const factors: number[][] = [];
  for (const device of devices) {
    const values = valuesOf(index, device);
    places.push([...values, ...numbers.map((_, at) => index.valueCount + at)]);
    factors.push([
      ...values.map(() => 1),
      ...numbers.map(({ values: column }, at) => standardised(column[device], scales[at] ?? { mean: 0, deviation: 0 })),
    ]);
    for (const place of places.at(-1) ?? []) support[place] = (support[place] ?? 0) + 1;
  }
  return { places, factors, outcomes: devices.map((device) => (failed.has(device) ? 1 : 0)), support, scales };
}

function scaleOf({ values }: NumberColumn, devices: readonly number[]): Pick<NumberCoefficient, "mean" | "deviation"> {
  const known = devices.map((device) => values[device] ?? Number.NaN).filter((value) => !Number.isNaN(value));
  const mean = known.reduce((sum, value) => sum + value, 0) / Math.max(1, known.length);
  const square = known.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, known.length);
  return { mean, deviation: Math.sqrt(square) };
}

/**
 * AdaGrad, outcome by outcome. The penalty of a coefficient is spread over the outcomes in which it takes part, so that
 * a pass costs as much as there are values that devices have, not values that there are.
 */
function descend({ places, factors, outcomes, support }: Rows, base: number) {
  const weights = new Float64Array(support.length);
  const squares = new Float64Array(support.length);
  let intercept = base;
  let interceptSquare = 0;
  for (let pass = 0; pass < PASSES; pass++) {
    for (let row = 0; row < outcomes.length; row++) {
      const active = places[row] as readonly number[];
      const factor = factors[row] as readonly number[];
      let logit = intercept;
      for (let at = 0; at < active.length; at++) {
        logit += (factor[at] as number) * (weights[active[at] as number] as number);
      }
      const error = logistic(logit) - (outcomes[row] as number);
      interceptSquare += error * error;
      if (interceptSquare > 0) intercept -= (LEARNING_RATE * error) / Math.sqrt(interceptSquare);
      for (let at = 0; at < active.length; at++) {
        const place = active[at] as number;
        const weight = weights[place] as number;
        const gradient = error * (factor[at] as number) + (RIDGE / (support[place] as number)) * weight;
        if (gradient === 0) continue;
        const square = (squares[place] as number) + gradient * gradient;
        squares[place] = square;
        weights[place] = weight - (LEARNING_RATE * gradient) / Math.sqrt(square);
      }
    }
  }
  return { intercept, weights };
}

/** Variances from the diagonal of the penalised Hessian. */
function variancesOf({ places, factors, outcomes, support }: Rows, intercept: number, weights: Float64Array) {
  const information = new Float64Array(support.length).fill(RIDGE);
  let interceptInformation = 0;
  for (const [row, active] of places.entries()) {
    const factor = factors[row] ?? [];
    let logit = intercept;
    for (const [at, place] of active.entries()) logit += (factor[at] ?? 0) * (weights[place] ?? 0);
    const risk = logistic(logit);
    interceptInformation += risk * (1 - risk);
    for (const [at, place] of active.entries()) {
      information[place] = (information[place] ?? 0) + risk * (1 - risk) * (factor[at] ?? 0) ** 2;
    }
  }
  return {
    interceptVariance: outcomes.length === 0 ? 0 : 1 / interceptInformation,
    variances: information.map((each) => 1 / each),
  };
}

/** An order that depends on the devices alone, not on the order in which they are given. */
function shuffled(devices: readonly number[]): number[] {
  const distinct = [...new Set(devices)];
  const place = new Map(distinct.map((device) => [device, hash32(device, "training order")]));
  return distinct.sort((a, b) => (place.get(a) ?? 0) - (place.get(b) ?? 0) || a - b);
}

function valueNames({ columns }: AttributeIndex): { attribute: string; value: string }[] {
  return columns.flatMap(({ name, values }) => values.map((value) => ({ attribute: name, value })));
}
