import { publishedAt } from "../calendar/publication.js";
import { becomesRelease, type QualityUpdate } from "../updates/quality-update.js";
import { updateState } from "../updates/up-to-date.js";
import { complianceDate, type RingDays, ringOffer } from "./compliance.js";
import type { QualityPolicy } from "./policy.js";
import { newestOffer } from "./release-state.js";

/** Who decides about approval and deferral for a device (autopatch.md §5.10, row 72). */
export const DecidedBy = {
  /** A policy with approvals; deadline and grace stay those of the ring. */
  policy: "policy",
  /** The ring, for a device in no such policy. */
  ring: "ring",
  /** Nobody: it is in no policy and no ring. */
  nobody: "nobody",
} as const;
export type DecidedBy = (typeof DecidedBy)[keyof typeof DecidedBy];

/** What a device is to install, and until when. */
export interface DeviceTarget {
  readonly decidedBy: DecidedBy;
  /** The policy that offers the update; of a device that is offered none, its oldest. Null where no policy decides. */
  readonly policy: QualityPolicy | null;
  readonly update: QualityUpdate | null;
  /** ms */
  readonly offeredFrom: number | null;
  /** When it has to have the update, ms; null where there is none, or no deadline. */
  readonly compliantBy: number | null;
}

/**
 * What a device is to install: the newest update that its policies approve, else what its ring brings.
 * @param build of the device; null while it is not known
 */
export function deviceTarget(
  { policies, ring, build }: { policies: readonly QualityPolicy[]; ring: RingDays | null; build: string | null },
  updates: readonly QualityUpdate[],
  now: number,
): DeviceTarget {
  const [oldest] = policies;
  if (oldest !== undefined) {
    const offer = build === null ? null : newestOffer(policies, build, updates, now);
    const [update, offeredFrom] = [offer?.update ?? null, offer?.offeredFrom ?? null];
    const compliantBy = complianceDate(offeredFrom, ring);
    return { decidedBy: DecidedBy.policy, policy: offer?.policy ?? oldest, update, offeredFrom, compliantBy };
  }
  const none = { policy: null, update: null, offeredFrom: null, compliantBy: null };
  if (ring === null) return { ...none, decidedBy: DecidedBy.nobody };
  const update = build === null ? null : ringUpdate(updates, ring, build, now);
  const offeredFrom = update === null ? null : ringOffer(update, ring);
  const compliantBy = complianceDate(offeredFrom, ring);
  return { decidedBy: DecidedBy.ring, policy: null, update, offeredFrom, compliantBy };
}

/** The newest update that the calendar of a ring has offered: monthly security and out-of-band updates. */
function ringUpdate(updates: readonly QualityUpdate[], ring: RingDays, build: string, now: number) {
  const offered = updates.filter(
    (update) =>
      becomesRelease(update) && ringOffer(update, ring) <= now && updateState(build, update) !== "notApplicable",
  );
  return offered.sort((a, b) => publishedAt(b) - publishedAt(a))[0] ?? null;
}
