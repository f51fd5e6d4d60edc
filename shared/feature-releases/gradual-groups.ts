import { refused } from "./release.js";
import { GRADUAL_DAYS, gradualGroupsBetween, type Rollout } from "./schedule.js";

/** A gradual group has at least so many devices (autopatch.md §6.4, row 82). */
export const LEAST_DEVICES = 100;
/** Most gradual groups of a phase: a year of weeks. */
export const MAX_GRADUAL = 52;

/**
 * How many gradual groups so many devices make: no more than wanted, each of at least 100 devices, and at least one.
 * Where there are no devices yet, nobody knows how many there will be, and it stays with what is wanted.
 */
export function gradualGroupCount(devices: number, wanted: number): number {
  if (devices === 0) return wanted;
  return Math.max(1, Math.min(wanted, Math.floor(devices / LEAST_DEVICES)));
}

/** Sizes of so many groups into which devices are split: evenly, the first ones taking what is over. */
export function evenSizes(devices: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => Math.floor(devices / count) + (index < devices % count ? 1 : 0));
}

/** How somebody wants a phase to be offered: in so many groups, or until a last date. */
export interface WantedRollout {
  /** `YYYY-MM-DD` */
  readonly firstDate: string;
  readonly gradualGroups?: number | undefined;
  /** `YYYY-MM-DD`: day of the last group. */
  readonly lastDate?: string | undefined;
  readonly daysBetween?: number | undefined;
}

/** The rollout that is wanted. Throws where two things say how many groups there are, or they would be too many. */
export function rolloutOf(
  { firstDate, lastDate, gradualGroups, daysBetween = GRADUAL_DAYS }: WantedRollout,
  field: string,
): Rollout {
  if (lastDate === undefined) return { firstDate, gradualGroups: gradualGroups ?? 1, daysBetween };
  const at = `${field}.lastDate`;
  if (gradualGroups !== undefined)
    throw refused(
      "gradualGroups",
      at,
      "the last date and the days between decide how many groups there are; leave out gradualGroups",
    );
  if (lastDate < firstDate)
    throw refused("lastDate", at, `${lastDate} is before the first date, ${firstDate}`, { limit: firstDate });
  const groups = gradualGroupsBetween(firstDate, lastDate, daysBetween);
  if (groups > MAX_GRADUAL) {
    const message = `every ${daysBetween} days until ${lastDate} are ${groups} groups, and a phase has ${MAX_GRADUAL} at most; put more days between them`;
    throw refused("gradualGroups", at, message, { limit: MAX_GRADUAL });
  }
  return { firstDate, gradualGroups: groups, daysBetween };
}
