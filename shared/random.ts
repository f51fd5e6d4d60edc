/**
 * Reproducible draws (design.md §3.9): every random number is a hash of what it is for, so that two runs with the same
 * seed are the same whatever order things happen in.
 */

/** A 32-bit hash of the parts (FNV-1a with a final avalanche). */
export function hash32(...parts: readonly (string | number)[]): number {
  let h = 0x811c9dc5;
  for (const part of parts) {
    const text = typeof part === "number" ? `#${part}` : part;
    for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
    h = Math.imul(h ^ 0x1f, 0x01000193);
  }
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** Uniform in (0, 1), never 0 and never 1. */
export function uniform(...parts: readonly (string | number)[]): number {
  return (hash32(...parts) + 0.5) / 2 ** 32;
}

/** Exponential with the given mean. */
export function exponential(mean: number, ...parts: readonly (string | number)[]): number {
  return -mean * Math.log(uniform(...parts));
}

/** Standard normal (Box–Muller on two independent draws). */
function normal(...parts: readonly (string | number)[]): number {
  const radius = Math.sqrt(-2 * Math.log(uniform(...parts, "radius")));
  return radius * Math.cos(2 * Math.PI * uniform(...parts, "angle"));
}

/** Log-normal with the given median and sigma of the logarithm. */
export function logNormal(median: number, sigma: number, ...parts: readonly (string | number)[]): number {
  return median * Math.exp(sigma * normal(...parts));
}
