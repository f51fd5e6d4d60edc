import { addDays } from "../calendar/days.js";
import { patchTuesday } from "../calendar/patch-tuesday.js";
import { shownDeadline } from "../calendar/sunday.js";
import { planRings } from "../releases/plan.js";
import type { AutopatchGroup } from "./group.js";

/** Dates of a ring for the B release of a month; instants in ms. */
export interface RingSchedule {
  readonly ring: string;
  /** First offer. */
  readonly availableAt: number;
  /** Null where installs are scheduled, which have no deadline. */
  readonly deadlineAt: number | null;
  /** The deadline as people are shown it: never on a Sunday (autopatch.md §2.3, row 12). */
  readonly shownDeadlineAt: number | null;
  /** Latest forced restart of a device that was active all along: the deadline and the grace period (§5.4). */
  readonly forcedRestartBy: number | null;
}

/** The schedule of a group's rings for the monthly release; months count from 1. */
export function monthSchedule({ rings }: AutopatchGroup, year: number, month: number): RingSchedule[] {
  const plans = planRings({ kind: "B", publishedAt: patchTuesday(year, month), rings });
  return plans.map(({ ring, availableAt, targetAt, graceDays }) => {
    const shown = targetAt === null ? null : shownDeadline(targetAt);
    return {
      ring,
      availableAt,
      deadlineAt: targetAt,
      shownDeadlineAt: shown,
      forcedRestartBy: targetAt === null || shown === null ? null : Math.max(shown, addDays(targetAt, graceDays ?? 0)),
    };
  });
}
