import type { AttributeIndex } from "../attributes/columns.js";
import { type Cohort, cohortId, membership } from "./cohort.js";
import type { Exposure } from "./exposure.js";
import { SUPERFLUOUS_ADVANTAGE } from "./method.js";

export const SuperfluousBecause = {
  /** Every device of the cohort is in another held cohort: to release it frees nobody. */
  covered: "covered",
  /** Its failures were those of another held cohort; the devices that are only in this one do not fail like those. */
  explained: "explained",
  /** It was held provisionally, and with its devices counted again the gate holds nothing (provisional.ts). */
  chance: "chance",
} as const;
export type SuperfluousBecause = (typeof SuperfluousBecause)[keyof typeof SuperfluousBecause];

/** A held cohort that need not be held. Plain JSON. */
export interface SuperfluousHold {
  /** `cohortId` of the cohort. */
  readonly cohort: string;
  readonly because: SuperfluousBecause;
  /** Devices exposed in this cohort and no other held one, and the failures among them. */
  readonly exposed: number;
  readonly failures: number;
}

/**
 * Held cohorts that later holds have made superfluous, the earliest first. A few failures can lie in a firmware version
 * by chance although the whole model is bad, or in a model although its graphics are: the narrower cohort is held first,
 * the right one when it goes on failing, and then the first need not be held any more.
 */
export function superfluousHolds(
  index: AttributeIndex,
  exposure: Exposure,
  held: readonly Cohort[],
): SuperfluousHold[] {
  const kept = new Map(held.map((cohort) => [cohortId(cohort), membership(index, cohort)]));
  const found: SuperfluousHold[] = [];
  for (const [cohort, belongs] of kept) {
    const others = [...kept].flatMap(([id, other]) => (id === cohort ? [] : [other]));
    const elsewhere = (device: number) => others.some((other) => other(device));
    const own = (device: number) => belongs(device) && !elsewhere(device);
    const alone = countOf(exposure, own);
    const because = isCovered(index, own)
      ? SuperfluousBecause.covered
      : isExplained(
            alone,
            countOf(exposure, (device) => belongs(device) && elsewhere(device)),
            countOf(exposure, (device) => !belongs(device) && !elsewhere(device)),
          )
        ? SuperfluousBecause.explained
        : undefined;
    if (because === undefined) continue;
    kept.delete(cohort);
    found.push({ cohort, because, ...alone });
  }
  return found;
}

interface Count {
  readonly exposed: number;
  readonly failures: number;
}

function countOf({ exposed, failing }: Exposure, among: (device: number) => boolean): Count {
  return { exposed: exposed.filter(among).length, failures: failing.filter(among).length };
}

function isCovered({ size }: AttributeIndex, own: (device: number) => boolean): boolean {
  for (let device = 0; device < size; device++) if (own(device)) return false;
  return true;
}

/** Whether the devices of a cohort alone fail like everybody else, rather than like those it shares with others. */
function isExplained(alone: Count, shared: Count, rest: Count): boolean {
  const [bad, good] = [rate(shared), rate(rest)];
  const logRatio = alone.exposed * (bad - good) - alone.failures * Math.log(bad / good);
  return shared.failures > 0 && bad > good && logRatio >= SUPERFLUOUS_ADVANTAGE;
}

/** Never 0, so that a single failure does not rule a rate out. */
const rate = ({ exposed, failures }: Count): number => (failures + 0.5) / (exposed + 1);
