import { addDays, DAY_MS } from "../calendar/days.js";
import { latestPatchTuesday } from "../calendar/patch-tuesday.js";
import { FIRST_RING } from "../groups/defaults.js";
import type { Cadence, DeploymentRing } from "../groups/ring.js";
import { isDeadlineDriven } from "../groups/ring.js";
import { availabilityAt, outOfBandAvailabilityAt, REPORTING_DAYS } from "./dates.js";

/** Dates and settings of one ring in one release. Instants in ms. */
export interface RingPlan {
  readonly ring: string;
  /** Place in the group, from 0. */
  readonly index: number;
  readonly availableAt: number;
  /** Target completion, offer + deadline; null where installs are scheduled (§5.11). */
  readonly targetAt: number | null;
  /** Last day of the service level objective; null outside it. */
  readonly sloAt: number | null;
  /** When the ring is done whatever its devices say. */
  readonly reportEndsAt: number;
  readonly deadlineDays: number | null;
  readonly graceDays: number | null;
  /** Days devices are given to install: the deadline, or one turn of the schedule. */
  readonly installDays: number;
  readonly waves: readonly number[];
  readonly waveIntervalHours: number;
  /** A policy of the ring, or the vendor, offers by itself from `availableAt` on; the release can only stop it. */
  readonly standing?: true;
}

export interface PlanInput {
  /** `OOB` follows the dates of the month's B release; anything else its own publication. */
  readonly kind: "B" | "C" | "D" | "OOB";
  /** True instant of publication, ms. */
  readonly publishedAt: number;
  readonly rings: readonly DeploymentRing[];
}

/** Scheduled rings have no target; they are given one turn of their schedule before the reporting days (own rule). */
function scheduleDays(cadence: Cadence): number {
  if (cadence.type === "deadlineDriven") return 0;
  if (cadence.install.kind === "activeHours") return 7;
  return { weekly: 7, biWeekly: 14, monthly: 31 }[cadence.install.occurrence];
}

function ringPlan(ring: DeploymentRing, index: number, availableAt: number): RingPlan {
  const driven = isDeadlineDriven(ring);
  const installDays = driven ? ring.qualityDeadlineDays : scheduleDays(ring.cadence);
  const reportEndsAt = addDays(availableAt, installDays + REPORTING_DAYS);
  return {
    ring: ring.name,
    index,
    availableAt,
    targetAt: driven ? addDays(availableAt, installDays) : null,
    sloAt: driven ? reportEndsAt : null,
    reportEndsAt,
    deadlineDays: driven ? installDays : null,
    graceDays: driven ? ring.gracePeriodDays : null,
    installDays,
    waves: ring.waves,
    waveIntervalHours: ring.waveIntervalHours,
  };
}

/** The dates of every ring of a release (autopatch.md §5.4, §5.5, §5.8, §13.4), in ring order. */
export function planRings({ kind, publishedAt, rings }: PlanInput): RingPlan[] {
  const anchorAt = latestPatchTuesday(publishedAt);
  return rings.map((ring, index) => {
    const deferral = ring.qualityDeferralDays;
    const availableAt =
      kind === "OOB" ? outOfBandAvailabilityAt(publishedAt, anchorAt, deferral) : availabilityAt(publishedAt, deferral);
    return ringPlan(ring, index, availableAt);
  });
}

/** Dates of a ring in which updates are offered without the release (autopatch.md §6, 7, 8). */
export interface StandingDates {
  readonly ring: DeploymentRing;
  /** Place in the group, from 0. */
  readonly index: number;
  /** ms */
  readonly availableAt: number;
  /** Days over which the offers spread. Default 0. */
  readonly spreadDays?: number;
  /** Null: nothing forces the installation. */
  readonly deadlineDays: number | null;
  readonly graceDays: number;
}

/** Days that a ring is given in which nothing forces the installation: a scan, a use, an idle hour (own rule). */
const UNFORCED_DAYS = 14;

/** The plan of a ring that is offered an update by a standing policy: one wave, and the days until everybody has it. */
export function standingPlan(dates: StandingDates): RingPlan {
  const { ring, index, availableAt, spreadDays = 0, deadlineDays, graceDays } = dates;
  const installDays = spreadDays + (deadlineDays === null ? UNFORCED_DAYS : deadlineDays + graceDays);
  const reportEndsAt = addDays(availableAt, installDays + REPORTING_DAYS);
  return {
    ...{ ring: ring.name, index, availableAt, reportEndsAt, installDays },
    targetAt: addDays(availableAt, installDays),
    sloAt: reportEndsAt,
    deadlineDays,
    graceDays: deadlineDays === null ? null : graceDays,
    ...{ waves: [1], waveIntervalHours: 24, standing: true },
  };
}

/** Deferral, deadline and grace period of an update that the service expedites (§5.3). */
export const EXPEDITED_DAYS = { deferral: 0, deadline: 1, grace: 1 } as const;

/**
 * A ring's dates once the update is expedited and the ring opens at `at`, ms. By the service: 0/1/1 in every ring but Test
 * (§5.7, row 63), where installations are scheduled only the day of the offer. By an administrator (row 64): days until
 * the forced restart, in every ring, and no grace period.
 * @param rebootDays 0–2; null: the service expedites
 */
export function expeditedPlan(plan: RingPlan, at: number, rebootDays: number | null = null): RingPlan {
  if (rebootDays === null && plan.ring === FIRST_RING) return plan;
  const availableAt = Math.min(plan.availableAt, at);
  if (rebootDays === null && plan.deadlineDays === null) {
    return { ...plan, availableAt, reportEndsAt: addDays(at, plan.installDays + REPORTING_DAYS) };
  }
  const deadlineDays = rebootDays ?? EXPEDITED_DAYS.deadline;
  const targetAt = at + deadlineDays * DAY_MS;
  const reportEndsAt = addDays(targetAt, REPORTING_DAYS);
  return {
    ...plan,
    availableAt,
    targetAt,
    sloAt: reportEndsAt,
    reportEndsAt,
    deadlineDays,
    graceDays: rebootDays === null ? EXPEDITED_DAYS.grace : 0,
    installDays: deadlineDays,
  };
}
