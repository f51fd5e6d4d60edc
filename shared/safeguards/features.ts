import { ABSENT, type AttributeIndex } from "../attributes/columns.js";

/** A number known of devices, e.g. free disk in GB or days since the last restart. */
export interface NumberColumn {
  readonly name: string;
  /** Per device of the index; NaN where it is not known. */
  readonly values: Float64Array;
}

/** What is known of the devices of a release: the values of their attributes and two to four numbers. */
export interface Features {
  readonly index: AttributeIndex;
  readonly numbers: readonly NumberColumn[];
}

/** Places (among all values of the index) of the values that a device has. */
export function valuesOf({ columns }: AttributeIndex, device: number): number[] {
  const places: number[] = [];
  for (const { codes, first } of columns) {
    const code = codes[device] ?? ABSENT;
    if (code !== ABSENT) places.push(first + code);
  }
  return places;
}
