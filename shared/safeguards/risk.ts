import { type Features, valuesOf } from "./features.js";
import { BOUND_DEVIATIONS, NUMBER_LIMIT, RIDGE } from "./method.js";

/** A coefficient of the logit and its variance. */
export interface Coefficient {
  readonly weight: number;
  readonly variance: number;
}

export interface ValueCoefficient extends Coefficient {
  readonly attribute: string;
  readonly value: string;
}

/** Of a number after subtracting the mean and dividing by the standard deviation of the training devices. */
export interface NumberCoefficient extends Coefficient {
  readonly name: string;
  readonly mean: number;
  readonly deviation: number;
}

/** A logistic regression of failure on attribute values and numbers. Plain JSON; it fits devices of any release. */
export interface RiskModel {
  readonly method: string;
  /** Finished outcomes it was trained on, and failures among them. */
  readonly outcomes: number;
  readonly failures: number;
  readonly intercept: Coefficient;
  readonly values: readonly ValueCoefficient[];
  readonly numbers: readonly NumberCoefficient[];
}

export interface Risk {
  /** Probability of failure, 0–1. */
  readonly risk: number;
  /** One-sided lower bound of it (90 %). */
  readonly lowerBound: number;
}

/** A value that the training devices did not have: nothing is known beyond the penalty, which is a prior of 1/λ. */
const UNSEEN: Coefficient = { weight: 0, variance: 1 / RIDGE };

/** A function of the risk of each device. The variances of the coefficients are added up as if independent. */
export function riskOf(model: RiskModel, { index, numbers }: Features): (device: number) => Risk {
  const known = new Map(model.values.map((each) => [JSON.stringify([each.attribute, each.value]), each]));
  const coefficients = index.columns.flatMap(({ name, values }) =>
    values.map((value): Coefficient => known.get(JSON.stringify([name, value])) ?? UNSEEN),
  );
  const columns = model.numbers.flatMap((coefficient) => {
    const column = numbers.find(({ name }) => name === coefficient.name);
    return column === undefined ? [] : [{ coefficient, column }];
  });
  return (device) => {
    let logit = model.intercept.weight;
    let variance = model.intercept.variance;
    for (const place of valuesOf(index, device)) {
      const coefficient = coefficients[place] ?? UNSEEN;
      logit += coefficient.weight;
      variance += coefficient.variance;
    }
    for (const { coefficient, column } of columns) {
      const x = standardised(column.values[device], coefficient);
      logit += x * coefficient.weight;
      variance += x * x * coefficient.variance;
    }
    return { risk: logistic(logit), lowerBound: logistic(logit - BOUND_DEVIATIONS * Math.sqrt(variance)) };
  };
}

/** A number as the model takes it: 0, the mean, where it is not known. */
export function standardised(value: number | undefined, of: Pick<NumberCoefficient, "mean" | "deviation">): number {
  if (value === undefined || Number.isNaN(value) || of.deviation === 0) return 0;
  return Math.min(NUMBER_LIMIT, Math.max(-NUMBER_LIMIT, (value - of.mean) / of.deviation));
}

export const logistic = (logit: number): number => 1 / (1 + Math.exp(-logit));
