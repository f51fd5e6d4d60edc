import { AppError } from "../errors.js";
import { FeatureStatus, type Phase, targets } from "./release.js";
import { releasesTargeting } from "./store.js";

/**
 * Ids of the feature releases that lock settings of a group (autopatch.md §2.4, row 13). An Active release does so after
 * its last goal date too: no status comes after Active but Inactive, once the groups have gone to another release (§6.3),
 * and until then its policies stay assigned and bring every device that joins a ring to the version.
 */
export async function lockingReleases(groupId: string): Promise<string[]> {
  return (await releasesTargeting(groupId)).map(({ id }) => id);
}

/** A group stays while a phase that holds one of its rings is Active or Paused; Scheduled ones let it go (§2.4). */
export async function refuseDeletionInFeatureRelease(groupId: string): Promise<void> {
  const isStarted = ({ status }: Phase) => status === FeatureStatus.active || status === FeatureStatus.paused;
  const busy = (await releasesTargeting(groupId)).find(({ phases }) =>
    targets({ phases: phases.filter(isStarted) }, groupId),
  );
  if (busy === undefined) return;
  throw new AppError(
    "conflict",
    `Autopatch group ${groupId} cannot be deleted while feature release ${busy.name} is Active or Paused for it. Put the group into another feature release, which makes its phases Inactive, and cancel that one.`,
    { field: "groupId", details: { rule: "groupInFeatureRelease", releaseId: busy.id } },
  );
}
