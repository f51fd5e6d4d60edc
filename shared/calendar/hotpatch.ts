import { monthName } from "./months.js";

/** A baseline restarts the device; the hotpatches of the months after it build on it (autopatch.md §5.9). */
export const HotpatchMonth = { baseline: "baseline", hotpatch: "hotpatch" } as const;
export type HotpatchMonth = (typeof HotpatchMonth)[keyof typeof HotpatchMonth];

/** Months that turned out otherwise than the rule, by `YYYY-MM`. */
export type HotpatchOverrides = Readonly<Record<string, HotpatchMonth>>;

/** June 2026 was an unplanned baseline (autopatch.md §13.3). */
export const KNOWN_HOTPATCH_OVERRIDES: HotpatchOverrides = { "2026-06": "baseline" };

/** What a month brings: by rule a baseline in January, April, July and October; overrides win. Months count from 1. */
export function hotpatchMonth(
  year: number,
  month: number,
  overrides: HotpatchOverrides = KNOWN_HOTPATCH_OVERRIDES,
): HotpatchMonth {
  const override = overrides[monthName(year, month)];
  return override ?? (month % 3 === 1 ? HotpatchMonth.baseline : HotpatchMonth.hotpatch);
}
