/** A weighted list to draw from. */
export interface Choice<T> {
  readonly values: readonly T[];
  /** Cumulative shares; the last is 1. */
  readonly cumulative: Float64Array;
}

/** A choice in which each value has a weight; weights need not add up to anything. */
export function weighted<T>(entries: readonly (readonly [value: T, weight: number])[]): Choice<T> {
  const total = entries.reduce((sum, [, weight]) => sum + weight, 0);
  const cumulative = new Float64Array(entries.length);
  let sum = 0;
  for (const [index, [, weight]] of entries.entries()) {
    sum += weight / total;
    cumulative[index] = sum;
  }
  return { values: entries.map(([value]) => value), cumulative };
}

/** A choice in which the n-th value has a weight of n to the power of −exponent. */
export function zipf<T>(values: readonly T[], exponent: number): Choice<T> {
  return weighted(values.map((value, index) => [value, (index + 1) ** -exponent]));
}

/** The value at a uniform draw in (0, 1). */
export function pick<T>(choice: Choice<T>, draw: number): T {
  const { cumulative, values } = choice;
  let low = 0;
  let high = cumulative.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((cumulative[middle] ?? 1) < draw) low = middle + 1;
    else high = middle;
  }
  return values[low] as T;
}
