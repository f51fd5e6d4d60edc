import { ABSENT, type AttributeColumn } from "../attributes/columns.js";

/** A pair of attribute values counts from this share of the devices (gate.md §7). */
export const PAIR_PREVALENCE = 0.0005;
/**
 * Values of one attribute that may be part of a pair, the most frequent ones. More than any attribute of gate.md §1a has;
 * it bounds the memory when somebody brings an attribute with a value of its own for every device.
 */
const VALUES_IN_PAIRS = 512;
/** Gains are whole numbers of this part of the weight 1, so that sums are exact in whatever order they are made. */
const UNIT = 2 ** -30;

/** What can be seen in devices: their attribute values, and the frequent pairs of these. */
export interface Features {
  /** A table for each attribute and for each two of them. */
  readonly tables: readonly Table[];
  /** What each device adds when nothing has been seen: the sum of its cells. */
  readonly gains: Float64Array;
}

/** The values of two columns together: a feature is a cell. */
export interface Table {
  readonly first: Column;
  readonly second: Column;
  /** What seeing a cell is worth; 0 where there is nothing to be seen. */
  readonly worth: Int32Array;
  /** Where the devices of a cell end in `devices`; they begin where those of the cell before end. */
  readonly ends: Int32Array;
  /** Devices of all cells that are worth something. */
  readonly devices: Int32Array;
}

/** A value from 1 for every device, 0 for none. */
interface Column {
  readonly values: Int32Array;
  /** Values, 0 included. */
  readonly size: number;
}

/** How features are weighed. */
export interface Weighing {
  /** m of gate.md §7: how many times each feature is worth seeing. From 1 to 65,535. */
  readonly often: number;
  /** A feature weighs its prevalence to this power: 0.5 in gate.md §7, 0 weighs all alike. From 0 to 1. */
  readonly power: number;
  /** A pair weighs this part of what a value as frequent does: 0.5 in gate.md §7. Above 0, at most 1. */
  readonly pairs: number;
}

/** Values and frequent pairs of the devices. A value alone is a pair with what all devices have in common. */
export function featuresOf(
  attributes: readonly AttributeColumn[],
  devices: number,
  { often, power, pairs }: Weighing,
): Features {
  const gains = new Float64Array(devices);
  const weightOf = (count: number): number => (count / devices) ** power / often / UNIT;
  const pairWeightOf = (count: number): number => pairs * weightOf(count);
  const minimum = Math.max(1, Math.ceil(PAIR_PREVALENCE * devices));
  const inCommon: Column = { values: new Int32Array(devices).fill(1), size: 2 };
  const columns = attributes.map(({ codes, values }): Column => ({ values: shifted(codes), size: values.length + 1 }));
  const frequent = columns.map((column) => frequentValues(column, minimum));
  const tables = columns.map((column) => tableOf(column, inCommon, 1, weightOf, gains));
  for (const [index, first] of frequent.entries()) {
    for (const second of frequent.slice(index + 1)) {
      tables.push(tableOf(first, second, minimum, pairWeightOf, gains));
    }
  }
  return { tables, gains };
}

/** Cell of a device in a table. */
export function cellOf({ first, second }: Table, device: number): number {
  return at(first.values, device) * second.size + at(second.values, device);
}

/** For indices that are known to be inside. */
const at = (array: Int32Array, index: number): number => array[index] as number;

function shifted(codes: Int32Array): Int32Array {
  const column = new Int32Array(codes.length);
  for (let device = 0; device < codes.length; device++) column[device] = at(codes, device) - ABSENT;
  return column;
}

/** The column with those values alone that may be part of a frequent pair, numbered anew: it keeps the tables small. */
function frequentValues({ values, size }: Column, minimum: number): Column {
  const counts = new Int32Array(size);
  for (let device = 0; device < values.length; device++) {
    const value = at(values, device);
    counts[value] = at(counts, value) + 1;
  }
  counts[0] = 0;
  const tooRare = counts.toSorted()[size - 1 - VALUES_IN_PAIRS] ?? 0;
  const needed = Math.max(minimum, tooRare + 1);
  let last = 0;
  const renumbered = counts.map((count) => (count >= needed ? ++last : 0));
  const frequent = new Int32Array(values.length);
  for (let device = 0; device < values.length; device++) frequent[device] = at(renumbered, at(values, device));
  return { values: frequent, size: last + 1 };
}

/** The table of two columns; what its cells are worth is added to the devices' gains. */
function tableOf(
  first: Column,
  second: Column,
  minimum: number,
  weightOf: (count: number) => number,
  gains: Float64Array,
): Table {
  const rows = first.values;
  const columns = second.values;
  const width = second.size;
  const counts = new Int32Array(first.size * width);
  for (let device = 0; device < rows.length; device++) {
    const cell = at(rows, device) * width + at(columns, device);
    counts[cell] = at(counts, cell) + 1;
  }
  const worth = new Int32Array(counts.length);
  const ends = new Int32Array(counts.length);
  let listed = 0;
  // Without row 0 and column 0: devices that lack a value.
  for (let cell = width; cell < counts.length; cell++) {
    ends[cell] = listed;
    const count = at(counts, cell);
    if (count < minimum || cell % width === 0) continue;
    worth[cell] = Math.max(1, Math.round(weightOf(count)));
    listed += count;
  }
  const devices = new Int32Array(listed);
  for (let device = 0; device < rows.length; device++) {
    const cell = at(rows, device) * width + at(columns, device);
    const value = at(worth, cell);
    if (value === 0) continue;
    gains[device] = (gains[device] as number) + value;
    const place = at(ends, cell);
    devices[place] = device;
    ends[cell] = place + 1;
  }
  return { first, second, worth, ends, devices };
}
