import { type AttributeIndex, type Attributes, findValue } from "../attributes/columns.js";
import { AppError } from "../errors.js";

/** A value that a device must have. */
export interface Condition {
  readonly attribute: string;
  readonly value: string;
}

/** Devices with one value of an attribute, or with two values of two attributes, in the order of the names. */
export type Cohort = readonly [Condition] | readonly [Condition, Condition];

/** What a reason to hold a device begins with when the reason is its cohort (shared/ledger/holds.ts). */
const REASON_PREFIX = "cohort:";
/** What it begins with when the device has been exempted from such a hold: it is not held, but stays set aside. */
const EXEMPT_PREFIX = `exempt:${REASON_PREFIX}`;
const AND = " & ";

/** A cohort with its conditions in the order of the attributes' names. */
export function cohortOf(...conditions: readonly [Condition] | readonly [Condition, Condition]): Cohort {
  const [a, b] = conditions;
  if (b === undefined) return [a];
  return a.attribute < b.attribute ? [a, b] : [b, a];
}

/** The name of a cohort, which `parseCohort` reads: `model=Contoso 15`, `bios=1.2.3 & model=Contoso 15`. */
export function cohortId(cohort: Cohort): string {
  return cohort.map(({ attribute, value }) => `${escaped(attribute)}=${escaped(value)}`).join(AND);
}

/**
 * Reads the name of a cohort.
 * @throws AppError `invalid_input` when it is none
 */
export function parseCohort(id: string): Cohort {
  const [a, b, ...others] = id.split(AND).map((part) => conditionOf(part));
  if (a === undefined || others.length > 0 || a.attribute === b?.attribute) throw notACohort(id);
  return b === undefined ? cohortOf(a) : cohortOf(a, b);
}

/** The reason with which the ledger holds the devices of a cohort. */
export const holdReason = (cohort: Cohort): string => REASON_PREFIX + cohortId(cohort);

/** The cohort that a hold reason names; undefined when devices are held for another reason. */
export function cohortOfReason(reason: string): Cohort | undefined {
  return reason.startsWith(REASON_PREFIX) ? parseCohort(reason.slice(REASON_PREFIX.length)) : undefined;
}

/** What the ledger notes on a device that people have exempted from the hold of its cohort. */
export const exemptReason = (cohort: Cohort): string => EXEMPT_PREFIX + cohortId(cohort);

/** Whether a reason keeps its device from being offered the update. */
export const holdsBack = (reason: string): boolean => !reason.startsWith(EXEMPT_PREFIX);

/**
 * Whether a reason takes its device out of what the health gate counts. A cohort has been found to be worse than the
 * rest, so that its devices, exempted or not, say nothing about the others.
 */
export const setsAside = (reason: string): boolean =>
  reason.startsWith(REASON_PREFIX) || reason.startsWith(EXEMPT_PREFIX);

/** Whether a device belongs to a cohort; one whose attribute is not known does not. */
export function matches(cohort: Cohort, attributes: Attributes): boolean {
  return cohort.every(
    ({ attribute, value }) => Object.hasOwn(attributes, attribute) && attributes[attribute] === value,
  );
}

/** The devices of a cohort, in the order of the index. */
export function devicesOf(index: AttributeIndex, cohort: Cohort): Uint32Array {
  const belongs = membership(index, cohort);
  const devices: number[] = [];
  for (let device = 0; device < index.size; device++) if (belongs(device)) devices.push(device);
  return Uint32Array.from(devices);
}

/** A test of whether a device of the index belongs to a cohort. */
export function membership(index: AttributeIndex, cohort: Cohort): (device: number) => boolean {
  const found = cohort.map(({ attribute, value }) => findValue(index, attribute, value));
  const [a, b] = found;
  if (a === undefined || found.includes(undefined)) return () => false;
  if (b === undefined) return (device) => a.column.codes[device] === a.code;
  return (device) => a.column.codes[device] === a.code && b.column.codes[device] === b.code;
}

/** Names and values may hold any text, so that the three characters that structure a name are written as in a URL. */
const escaped = (text: string): string => text.replaceAll(/[%&=]/g, encodeURIComponent);

function conditionOf(part: string): Condition {
  const [attribute, value, ...others] = part.split("=");
  if (!attribute || value === undefined || others.length > 0) throw notACohort(part);
  return { attribute: unescaped(attribute), value: unescaped(value) };
}

const unescaped = (text: string): string => text.replaceAll(/%(?:25|26|3D)/g, decodeURIComponent);

function notACohort(id: string): AppError {
  return new AppError(
    "invalid_input",
    `'${id}' is not a cohort: write attribute=value, or two of them joined by '&'.`,
    {
      field: "cohort",
    },
  );
}
