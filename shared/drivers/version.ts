/**
 * Compares two versions of a driver number by number, as Windows does: `31.0.101.4502` is newer than `31.0.101.999`.
 * Missing numbers count as 0. Negative: the first is older; 0: they are the same.
 */
export function compareVersions(left: string, right: string): number {
  const [a, b] = [numbersOf(left), numbersOf(right)];
  for (let place = 0; place < Math.max(a.length, b.length); place++) {
    const difference = (a[place] ?? 0) - (b[place] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function numbersOf(version: string): number[] {
  return (version.match(/\d+/g) ?? []).map(Number);
}
