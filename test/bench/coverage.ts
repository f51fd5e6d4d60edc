import { ABSENT, type AttributeColumn } from "../../shared/attributes/columns.js";
import { type DeviceColumns, PAIR_PREVALENCE } from "../../shared/ordering/index.js";

/** Per cent of what there is to be seen in a fleet that some of its devices show. */
export interface Coverage {
  readonly values: number;
  /** Of the pairs of attribute values that at least 0.05 % of the devices have. */
  readonly pairs: number;
}

/** What some devices show of the fleet; counts by itself, without the code that it judges. */
export function coverageOf({ ids, attributes }: DeviceColumns, shown: Int32Array): Coverage {
  const all = { values: 0, pairs: 0 };
  const seen = { values: 0, pairs: 0 };
  for (const [index, first] of attributes.entries()) {
    const values = new Set(Array.from(shown, (device) => first.codes[device] ?? ABSENT));
    values.delete(ABSENT);
    all.values += first.values.length;
    seen.values += values.size;
    for (const second of attributes.slice(index + 1)) {
      const counts = countPairs(first, second);
      const isFrequent = (pair: number): boolean => (counts[pair] ?? 0) >= PAIR_PREVALENCE * ids.length;
      all.pairs += counts.reduce((sum, _, pair) => sum + (isFrequent(pair) ? 1 : 0), 0);
      seen.pairs += new Set(Array.from(shown, (device) => pairOf(first, second, device)).filter(isFrequent)).size;
    }
  }
  return { values: (100 * seen.values) / all.values, pairs: (100 * seen.pairs) / all.pairs };
}

function countPairs(first: AttributeColumn, second: AttributeColumn): Int32Array {
  const counts = new Int32Array(first.values.length * second.values.length);
  for (let device = 0; device < first.codes.length; device++) {
    const pair = pairOf(first, second, device);
    if (pair !== ABSENT) counts[pair] = (counts[pair] ?? 0) + 1;
  }
  return counts;
}

function pairOf(first: AttributeColumn, second: AttributeColumn, device: number): number {
  const x = first.codes[device] ?? ABSENT;
  const y = second.codes[device] ?? ABSENT;
  return x === ABSENT || y === ABSENT ? ABSENT : x * second.values.length + y;
}
