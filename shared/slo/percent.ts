/** Service level objective of quality updates: percent of devices on the latest update (autopatch.md §5.5). */
export const SLO_PERCENT = 95;

/** Whether `part` of `whole` is at least `percent` percent, without rounding; false for an empty whole. */
export function reaches(part: number, whole: number, percent: number): boolean {
  return whole > 0 && part * 100 >= percent * whole;
}

/** Percent with one decimal, rounded down so that 94.96 never shows as 95.0; null for an empty whole. */
export function percentOf(part: number, whole: number): number | null {
  return whole > 0 ? Math.floor((part * 1000) / whole) / 10 : null;
}

export interface Compliance {
  /** Devices on the latest quality update. */
  readonly upToDate: number;
  /** Devices that count: those of rings inside the SLO, without those that are not ready. Shown beside the percentage. */
  readonly denominator: number;
  /** One decimal; null when no device counts. */
  readonly percent: number | null;
  readonly met: boolean;
}

/** Compliance of a ring or a release: up to date / (devices − not ready). Nothing to count is no incident. */
export function compliance(
  upToDate: number,
  deviceCount: number,
  { notReady = 0, objective = SLO_PERCENT }: { readonly notReady?: number; readonly objective?: number } = {},
): Compliance {
  const denominator = deviceCount - notReady;
  return {
    upToDate,
    denominator,
    percent: percentOf(upToDate, denominator),
    met: denominator <= 0 || reaches(upToDate, denominator, objective),
  };
}
