import { dateParts, iso } from "../calendar/days.js";
import {
  HotpatchMonth,
  type HotpatchOverrides,
  hotpatchMonth,
  KNOWN_HOTPATCH_OVERRIDES,
} from "../calendar/hotpatch.js";
import { monthName, shiftedMonth } from "../calendar/months.js";
import { pacificTime } from "../calendar/pacific.js";
import { latestPatchTuesday, patchTuesday } from "../calendar/patch-tuesday.js";
import { AppError } from "../errors.js";
import type { UnplannedBaseline } from "./unplanned.js";

/** Who says that a month is what it is: the rule of the quarters, Microsoft's publication, or an administrator. */
export const CalendarSource = { rule: "rule", published: "published", administrator: "administrator" } as const;
export type CalendarSource = (typeof CalendarSource)[keyof typeof CalendarSource];

/** What a month brings to devices that take hotpatches. */
export interface CalendarMonth {
  /** `YYYY-MM` */
  readonly month: string;
  readonly kind: HotpatchMonth;
  /** What the rule of autopatch.md §5.9 says of it. */
  readonly planned: HotpatchMonth;
  readonly source: CalendarSource;
  /** When its B release is published, ISO 8601. */
  readonly releasedAt: string;
  /** What an administrator entered; null for months without an entry. */
  readonly unplanned: UnplannedBaseline | null;
}

/** An entry may be made for months that lie at most so far behind or ahead of the present one. */
const MONTHS_BACK = 12;
const MONTHS_AHEAD = 24;

/** The baselines beyond the rule: those that Microsoft published (§13.3) and those that administrators entered. */
export function overridesOf(entries: readonly Pick<UnplannedBaseline, "month">[]): HotpatchOverrides {
  return {
    ...KNOWN_HOTPATCH_OVERRIDES,
    ...Object.fromEntries(entries.map(({ month }) => [month, HotpatchMonth.baseline])),
  };
}

/** What a month is. @param month `YYYY-MM` */
export function calendarMonth(month: string, entries: readonly UnplannedBaseline[]): CalendarMonth {
  const { year, month: number } = dateParts(`${month}-01`);
  const unplanned = entries.find((entry) => entry.month === month) ?? null;
  const published = KNOWN_HOTPATCH_OVERRIDES[month] !== undefined;
  return {
    month,
    kind: hotpatchMonth(year, number, overridesOf(entries)),
    planned: hotpatchMonth(year, number, {}),
    source: published ? CalendarSource.published : unplanned ? CalendarSource.administrator : CalendarSource.rule,
    releasedAt: iso(patchTuesday(year, number)),
    unplanned,
  };
}

/** The twelve months of a year. */
export function calendarYear(year: number, entries: readonly UnplannedBaseline[]): CalendarMonth[] {
  return Array.from({ length: 12 }, (_, index) => calendarMonth(monthName(year, index + 1), entries));
}

/** The month whose B release is the latest one, `YYYY-MM`: its updates are what devices get now. @param now ms */
export function currentMonth(now: number): string {
  return pacificTime(latestPatchTuesday(now)).date.slice(0, 7);
}

/** The month of the baseline that hotpatches of a month build on: the month itself when it is one. `YYYY-MM` */
export function baselineMonthOf(month: string, overrides: HotpatchOverrides): string {
  for (let back = 0; ; back++) {
    const candidate = shiftedMonth(month, -back);
    const { year, month: number } = dateParts(`${candidate}-01`);
    if (hotpatchMonth(year, number, overrides) === HotpatchMonth.baseline) return candidate;
  }
}

/**
 * Refuses an unplanned baseline in a month that is a baseline anyway, or too far from now to be known or to matter.
 * @param now ms
 * @throws AppError `rule_violated`
 */
export function checkUnplanned(month: string, now: number): void {
  const [first, last] = [shiftedMonth(currentMonth(now), -MONTHS_BACK), shiftedMonth(currentMonth(now), MONTHS_AHEAD)];
  if (month < first || month > last) {
    throw refused(`${month} is outside ${first} to ${last}. Enter an unplanned baseline of a month within.`);
  }
  if (calendarMonth(month, []).kind === HotpatchMonth.hotpatch) return;
  const why =
    KNOWN_HOTPATCH_OVERRIDES[month] === undefined ? "by the rule of the quarters" : "as Microsoft published it";
  throw refused(`${month} is a baseline ${why}, so there is nothing to enter. Choose a hotpatch month.`);
}

function refused(message: string): AppError {
  return new AppError("rule_violated", `month: ${message}`, { field: "month", details: { rule: "hotpatch calendar" } });
}
