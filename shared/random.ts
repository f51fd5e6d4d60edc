/**
 * Reproducible draws (design.md §3.9): every random number is a hash of what it is for, so that two runs with the same
 * seed are the same whatever order things happen in.
 */

/** A 32-bit hash of the parts (FNV-1a with a final avalanche). */
export function hash32(...parts: readonly (string | number)[]): number {
  let h = HASH_START;
  for (const part of parts) h = absorb(h, part);
  return settle(h);
}

/**
 * The hash in steps, for those who draw many numbers that begin with the same parts:
 * `settle(absorb(absorb(HASH_START, "a"), 7))` is `hash32("a", 7)`.
 */
export const HASH_START = 0x811c9dc5;
const PRIME = 0x01000193;

export function absorb(state: number, part: string | number): number {
  let h = state;
  const text = typeof part === "number" ? `#${part}` : part;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), PRIME);
  return Math.imul(h ^ 0x1f, PRIME);
}

/** A text as `absorbCodes` takes it. */
export type Codes = Uint16Array;

export function codesOf(text: string): Codes {
  return Uint16Array.from({ length: text.length }, (_, at) => text.charCodeAt(at));
}

/** `absorb(state, text)` for a text whose codes are at hand; for those who draw by the million. */
export function absorbCodes(state: number, codes: Codes): number {
  let h = state;
  for (let i = 0; i < codes.length; i++) h = Math.imul(h ^ (codes[i] as number), PRIME);
  return Math.imul(h ^ 0x1f, PRIME);
}

/** The 32-bit hash of what was absorbed. */
export function settle(state: number): number {
  let h = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** Uniform in (0, 1), never 0 and never 1. */
export function uniform(...parts: readonly (string | number)[]): number {
  return unitOf(hash32(...parts));
}

/** The number in (0, 1) that a 32-bit hash stands for. */
export function unitOf(hash: number): number {
  return (hash + 0.5) / 2 ** 32;
}

/** Exponential with the given mean. */
export function exponential(mean: number, ...parts: readonly (string | number)[]): number {
  return -mean * Math.log(uniform(...parts));
}

/** Standard normal (Box–Muller on two independent draws). */
export function normal(...parts: readonly (string | number)[]): number {
  const radius = Math.sqrt(-2 * Math.log(uniform(...parts, "radius")));
  return radius * Math.cos(2 * Math.PI * uniform(...parts, "angle"));
}

/** Log-normal with the given median and sigma of the logarithm. */
export function logNormal(median: number, sigma: number, ...parts: readonly (string | number)[]): number {
  return median * Math.exp(sigma * normal(...parts));
}
