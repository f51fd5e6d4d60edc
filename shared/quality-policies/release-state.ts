import { addDays } from "../calendar/days.js";
import { publishedAt } from "../calendar/publication.js";
import type { QualityUpdate } from "../updates/quality-update.js";
import { updateState } from "../updates/up-to-date.js";
import { categoryOf } from "./category.js";
import type { QualityPolicy } from "./policy.js";

/** Where an update stands in a policy (autopatch.md §5.10, row 71). */
export const ReleaseState = { needsReview: "Needs review", approved: "Approved", paused: "Paused" } as const;
export type ReleaseState = (typeof ReleaseState)[keyof typeof ReleaseState];

export interface Standing {
  readonly state: ReleaseState;
  /** From when devices are offered it, ms; null where they are not. */
  readonly offeredFrom: number | null;
  /** Who approved or paused it; null: the policy itself, or nobody yet. */
  readonly decidedBy: string | null;
}

type Deciding = Pick<QualityPolicy, "categories" | "decisions">;

/** Where an update stands in a policy: as people decided, else as the method of its category has it. */
export function standingOf({ categories, decisions }: Deciding, update: QualityUpdate): Standing {
  const decision = decisions.find(({ catalogEntryId }) => catalogEntryId === update.catalogEntryId);
  if (decision !== undefined) {
    const { status, startsAt, by } = decision;
    if (status === "paused") return { state: ReleaseState.paused, offeredFrom: null, decidedBy: by.name };
    return { state: ReleaseState.approved, offeredFrom: startsAt, decidedBy: by.name };
  }
  const offeredFrom = approvesItself({ categories }, update);
  const state = offeredFrom === null ? ReleaseState.needsReview : ReleaseState.approved;
  return { state, offeredFrom, decidedBy: null };
}

/** When the policy offers an update without anybody's doing: publication + deferral, ms; null: never. */
export function approvesItself({ categories }: Pick<Deciding, "categories">, update: QualityUpdate): number | null {
  const category = categories[categoryOf(update)];
  return category.method === "automatic" ? addDays(publishedAt(update), category.deferralDays) : null;
}

/** What a device is offered, and by which of its policies. */
export interface Offer<P> {
  readonly policy: P;
  readonly update: QualityUpdate;
  /** ms */
  readonly offeredFrom: number;
}

/**
 * What a device in several policies is offered: the newest update that is approved in any of them (row 72). Of policies
 * that agree, the one that offered it first counts.
 * @param build of the device, `10.0.26100.4061`
 * @param updates what has been published
 */
export function newestOffer<P extends Deciding>(
  policies: readonly P[],
  build: string,
  updates: readonly QualityUpdate[],
  now: number,
): Offer<P> | null {
  const offers = updates
    .filter((update) => updateState(build, update) !== "notApplicable")
    .flatMap((update) =>
      policies.flatMap((policy): Offer<P>[] => {
        const { offeredFrom } = standingOf(policy, update);
        return offeredFrom === null || offeredFrom > now ? [] : [{ policy, update, offeredFrom }];
      }),
    );
  const newer = (a: Offer<P>, b: Offer<P>) =>
    publishedAt(b.update) - publishedAt(a.update) || a.offeredFrom - b.offeredFrom;
  return offers.sort(newer)[0] ?? null;
}
