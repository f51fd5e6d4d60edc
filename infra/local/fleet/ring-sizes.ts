/** Deployment rings of the default fleet of 2,000: Test, Ring1, Ring2, Ring3, Last (design.md §5). */
const DEFAULT_SIZES = [50, 95, 285, 1_520, 50] as const;

/** How the pool of the sample group is split over its dynamic rings, percent (autopatch.md §3.4). */
export const POOL_SHARES = [
  { ring: "Ring1", percent: 5 },
  { ring: "Ring2", percent: 15 },
  { ring: "Ring3", percent: 80 },
] as const;

/** Sizes of the five default rings for a fleet of `total` devices: in proportion, by largest remainder, sum = total. */
export function ringSizes(total: number): number[] {
  const whole = DEFAULT_SIZES.reduce((sum, size) => sum + size, 0);
  const exact = DEFAULT_SIZES.map((size) => (size * total) / whole);
  const sizes = exact.map(Math.floor);
  const byRemainder = exact
    .map((share, ring) => ({ ring, remainder: share - Math.floor(share) }))
    .toSorted((a, b) => b.remainder - a.remainder || a.ring - b.ring);
  const left = total - sizes.reduce((sum, size) => sum + size, 0);
  for (const { ring } of byRemainder.slice(0, left)) sizes[ring] = (sizes[ring] ?? 0) + 1;
  return sizes;
}
