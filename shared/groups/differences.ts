import type { AutopatchGroup } from "./group.js";

/** A field in which two definitions differ; undefined stands for an absent value. */
export interface Difference {
  /** Rings by name: `rings.Ring1.qualityDeferralDays`. */
  readonly field: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** What differs between two definitions of a group, field by field. `rings` itself is their names in order. */
export function differences(before: AutopatchGroup, after: AutopatchGroup): Difference[] {
  return [...compare("", byName(before), byName(after))];
}

function byName({ rings, ...rest }: AutopatchGroup): Record<string, unknown> {
  const named = Object.fromEntries(rings.map(({ name, ...settings }) => [`rings.${name}`, settings]));
  return { ...rest, rings: rings.map(({ name }) => name), ...named };
}

function* compare(field: string, before: unknown, after: unknown): Generator<Difference> {
  if (isRecord(before) && isRecord(after)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
      yield* compare(field === "" ? key : `${field}.${key}`, before[key], after[key]);
    }
  } else if (JSON.stringify(before) !== JSON.stringify(after)) yield { field, before, after };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
