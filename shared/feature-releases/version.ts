/** `Windows 11, version 24H2`, and `Windows 10, version 2004` of before the halves. */
const NAME = /^Windows (\d+), version (\d\d)(?:H([12])|(\d\d))$/i;

/** Major version, year and half of a version's name; undefined for a name that is none. */
function partsOf(name: string): readonly [number, number, number] | undefined {
  const [, major, year, half, month] = NAME.exec(name.trim()) ?? [];
  if (major === undefined || year === undefined) return undefined;
  return [Number(major), Number(year), half === undefined ? (Number(month) < 7 ? 1 : 2) : Number(half)];
}

/**
 * Order of two Windows versions by their names: below 0 where the first is older. Windows 11 comes after every Windows
 * 10, whenever they were published. A name that says no version is older than all others.
 */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [partsOf(a) ?? [0, 0, 0], partsOf(b) ?? [0, 0, 0]];
  return left[0] - right[0] || left[1] - right[1] || left[2] - right[2];
}

/** Of several policies for a device the latest version wins (autopatch.md §6.4, row 84); undefined: there is none. */
export function winnerOf<T extends { readonly version: string }>(targets: readonly T[]): T | undefined {
  return targets.reduce<T | undefined>(
    (best, each) => (best === undefined || compareVersions(each.version, best.version) > 0 ? each : best),
    undefined,
  );
}
