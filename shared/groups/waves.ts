/**
 * Devices per wave of a ring with `size` devices: cumulative shares rounded half up, so that the counts always add up to
 * the size and no wave moves more than one device from its exact share.
 */
export function waveCounts(size: number, shares: readonly number[]): number[] {
  let share = 0;
  let before = 0;
  return shares.map((part, index) => {
    share += part;
    const until = index === shares.length - 1 ? size : Math.min(size, Math.round(size * share));
    const count = until - before;
    before = until;
    return count;
  });
}
