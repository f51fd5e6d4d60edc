import type { Values } from "./types.js";

export interface Deviation {
  /** Name of the setting, e.g. `deadlineGracePeriodInDays`. */
  readonly setting: string;
  readonly wanted: unknown;
  readonly actual: unknown;
}

/** Where a policy in the tenant deviates from the values wanted; empty when it carries them all. */
export function deviations(wanted: Values, actual: Values): Deviation[] {
  return Object.entries(wanted)
    .filter(([setting, value]) => canonical(value) !== canonical(actual[setting]))
    .map(([setting, value]) => ({ setting, wanted: value, actual: actual[setting] ?? null }));
}

/** The order of weeks, the decimals of a time, the # of a type and spellings of "not set" make no difference. */
export function canonical(value: unknown): string {
  if (value === undefined || value === null || value === "userDefined") return "";
  if (typeof value === "string")
    return value
      .replace(/\.0+$|^#/g, "")
      .split(/, ?/)
      .sort()
      .join(",");
  if (typeof value !== "object") return String(value);
  return Object.entries(value)
    .flatMap(([key, inner]) => (canonical(inner) === "" ? [] : `${key}=${canonical(inner)}`))
    .sort()
    .join(";");
}
