import type { AttributeColumn } from "../attributes/columns.js";
import type { DeviceColumns } from "./columns.js";
import { featuresOf, type Weighing } from "./features.js";
import { lazyGreedy } from "./greedy.js";
import { roundRobin, strataOf } from "./round-robin.js";
import { hashOrder } from "./ties.js";

/** Length of the diversity-first prefix: this share of the devices … */
const PREFIX_SHARE = 0.01;
/** … but at least so many (gate.md §7). */
const PREFIX_LEAST = 500;
/** The weights of gate.md §7, where m is left open. */
export const REFERENCE_WEIGHING: Weighing = { often: 1, power: 0.5, pairs: 0.5 };
/**
 * Other weights than those of the reference: all alike, a pair a third of a value. The same number of devices then shows
 * more of the values and about three points more of the pairs. Moreover many devices add equally much, so that the hash
 * has a say: with weights that hardly ever tie, nearly all of the first devices are the same in every deployment
 * (`npm run bench -- ordering` shows both beside each other).
 */
const WEIGHING: Weighing = { often: 1, power: 0, pairs: 1 / 3 };
/** Attributes whose values make the strata of the rest: model × build. */
const STRATA: readonly string[] = ["model", "osBuild"];

export interface OrderOptions {
  /** How many times the prefix wants to see each value and pair, and what they weigh. Default: once, all alike, a pair a third. */
  readonly weighing?: Weighing;
  /** Names of the attributes whose values make the strata of the rest. Default model and osBuild. */
  readonly strata?: readonly string[];
}

/**
 * The order in which the devices of a ring are offered an update (gate.md §7): first those that together show most of
 * the attribute values and pairs there are, then all strata in proportion to their size, by ascending risk. Where nothing is left
 * to be seen, the first part ends early. Depends on ids, attributes, risk and deployment alone, not on where devices
 * or columns stand.
 * @param deployment makes another choice among equals in every deployment
 * @returns the numbers of the devices, each once
 * @throws RangeError above 2,097,152 devices
 */
export function diversityOrder(devices: DeviceColumns, deployment: string, options: OrderOptions = {}): Int32Array {
  const { weighing = WEIGHING, strata = STRATA } = options;
  // From here on a device is its place in the order of hashes: ties are settled by the lower number.
  const order = hashOrder(devices.ids, deployment);
  const attributes = devices.attributes.map((column) => ({ ...column, codes: arrange(column.codes, order) }));
  const risk = devices.risk && Float64Array.from(order, (device) => devices.risk?.[device] ?? Number.NaN);

  const features = featuresOf(attributes, order.length, weighing);
  const prefix = lazyGreedy(features, prefixLength(order.length), weighing.often);
  const rest = roundRobin(prefix, strataOf(named(attributes, strata), order.length), risk);
  const result = new Int32Array(order.length);
  result.set(arrange(order, prefix));
  result.set(arrange(order, rest), prefix.length);
  return result;
}

/** How many devices of a ring come first for their diversity, at most. */
export function prefixLength(devices: number): number {
  return Math.min(devices, Math.max(PREFIX_LEAST, Math.ceil(PREFIX_SHARE * devices)));
}

function named(attributes: readonly AttributeColumn[], names: readonly string[]): AttributeColumn[] {
  return attributes.filter(({ name }) => names.includes(name));
}

/** The values at these indices. */
function arrange(values: Int32Array, indices: Int32Array): Int32Array {
  const arranged = new Int32Array(indices.length);
  for (let at = 0; at < indices.length; at++) arranged[at] = values[indices[at] as number] as number;
  return arranged;
}
