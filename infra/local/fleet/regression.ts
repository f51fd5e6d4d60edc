import { AppError, ErrorCode } from "../../../shared/errors.js";
import type { DeviceAttributes, Regression } from "../../../shared/model/index.js";
import { hash32 } from "../../../shared/random.js";
import { type SignalSubject, SignalWorkload } from "../../../shared/signals/signal.js";
import type { Scenario } from "./scenario.js";

/** A value of an attribute: which devices a bad driver strikes. */
export interface Cohort {
  readonly attribute: string;
  readonly value: string;
  readonly devices: number;
}

/** What an update does to a device in a scenario. */
export type RegressionOf = (attributes: DeviceAttributes, update: Pick<SignalSubject, "workload" | "kb">) => Regression;

const NONE: Regression = {};

export function regressionOf(scenario: Scenario, cohort: Cohort | undefined): RegressionOf {
  const { rate, harm, affects, workload: struck } = scenario;
  // A scenario that names neither is about the month's quality update.
  const workload = struck ?? (affects === undefined ? SignalWorkload.quality : undefined);
  const regression: Regression = harm === "silentBrick" ? { brickRate: rate } : { failureRate: rate };
  if (rate === 0) return () => NONE;
  return (attributes, update) => {
    if (workload !== undefined && update.workload !== workload) return NONE;
    if (affects !== undefined && !affects.includes(update.kb)) return NONE;
    return cohort === undefined || attributeOf(attributes, cohort.attribute) === cohort.value ? regression : NONE;
  };
}

/**
 * The cohort a scenario strikes: its value if it names one, else by seed a value held by a share of the fleet in the
 * scenario's range; where there is none, the one that comes nearest to the range.
 * @throws AppError `invalid_input` for an attribute that no device has
 */
export function cohortOf(scenario: Scenario, fleet: readonly DeviceAttributes[], seed: number): Cohort | undefined {
  if (scenario.cohort === undefined) return undefined;
  const { attribute, value, minShare, maxShare } = scenario.cohort;
  const counts = new Map<string, number>();
  for (const attributes of fleet) {
    const found = attributeOf(attributes, attribute);
    if (found !== undefined) counts.set(found, (counts.get(found) ?? 0) + 1);
  }
  if (value !== undefined) return { attribute, value, devices: counts.get(value) ?? 0 };
  const distance = (count: number) => {
    const share = count / fleet.length;
    return Math.max(0, minShare - share, share - maxShare);
  };
  const order = (name: string) => hash32(seed, "cohort", name);
  const [best] = [...counts].toSorted(([a, m], [b, n]) => distance(m) - distance(n) || order(a) - order(b));
  if (best === undefined && fleet.length > 0) {
    const message = `Scenario '${scenario.name}' strikes a value of '${attribute}', and no device has that attribute. Devices have ${Object.keys(fleet[0] ?? {}).join(", ")}.`;
    throw new AppError(ErrorCode.invalidInput, message, { field: "cohort.attribute" });
  }
  return best === undefined ? undefined : { attribute, value: best[0], devices: best[1] };
}

function attributeOf(attributes: DeviceAttributes, attribute: string): string | undefined {
  return Object.hasOwn(attributes, attribute) ? attributes[attribute as keyof DeviceAttributes] : undefined;
}
