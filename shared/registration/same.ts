/**
 * Whether two values of JSON say the same; a property that is undefined counts as missing. Unlike comparing their texts it
 * stops at the first difference and makes nothing, which thousands of records a day are worth.
 * @param ignored names of properties that may differ, at any depth
 */
export function same(a: unknown, b: unknown, ignored: ReadonlySet<string> = NONE): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>];
  for (const key in left) if (!ignored.has(key) && !same(left[key], right[key], ignored)) return false;
  for (const key in right) if (!(key in left) && right[key] !== undefined && !ignored.has(key)) return false;
  return true;
}

const NONE: ReadonlySet<string> = new Set();
