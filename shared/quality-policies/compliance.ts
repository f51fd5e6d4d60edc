import { addDays } from "../calendar/days.js";
import { publishedAt } from "../calendar/publication.js";
import { isDeadlineDriven, type RingSettings } from "../groups/ring.js";
import type { QualityUpdate } from "../updates/quality-update.js";

/** What the ring of a device says; its deadline counts also where a policy decides about approval and deferral. */
export type RingDays = Pick<RingSettings, "cadence" | "qualityDeferralDays" | "qualityDeadlineDays">;

/**
 * When devices of a ring have to have an update, ms: the offer + the ring's deadline. That is all three formulas of
 * autopatch.md §5.10 (row 73), for an update is offered on its approval where people approve it, on release + policy
 * deferral where the policy does, and on release + ring deferral where no policy decides (`ringOffer`).
 * @param offeredFrom ms; null: it is not offered
 * @returns null for what is not offered, and in rings that install by a schedule and have no deadline
 */
export function complianceDate(offeredFrom: number | null, ring: RingDays | null): number | null {
  if (offeredFrom === null || ring === null || !isDeadlineDriven(ring)) return null;
  return addDays(offeredFrom, ring.qualityDeadlineDays);
}

/** When a ring offers an update to devices in no policy with approvals, ms. */
export function ringOffer(update: QualityUpdate, ring: RingDays): number {
  return addDays(publishedAt(update), ring.qualityDeferralDays);
}
