import { AppError } from "../errors.js";
import { isQualityRelease, listReleases, type QualityRelease, type Release } from "../releases/store.js";
import type { StoredGroup } from "./store.js";

/** Releases of the group that have not ended, paused ones among them. */
export async function runningReleases(groupId: string): Promise<Release[]> {
  return (await listReleases()).filter((release) => release.groupId === groupId && release.state.phase === "active");
}

/** Those of quality updates, which decide about the rings; other workloads follow what the rings have at the time. */
export async function runningQualityReleases(groupId: string): Promise<QualityRelease[]> {
  return (await runningReleases(groupId)).filter(isQualityRelease);
}

/** Whether nothing has been offered yet, so that the group may still go (autopatch.md §2.4). */
function isScheduled({ state }: Pick<Release, "state">): boolean {
  return state.rings.every(({ openedAt }) => openedAt === null);
}

/** Rings come and go between releases only: a running one has its plan for the rings it started with. */
export async function refuseNewRingsMeanwhile(before: StoredGroup, after: StoredGroup): Promise<void> {
  const names = ({ definition }: StoredGroup) => definition.rings.map(({ name }) => name).join("\n");
  if (names(before) === names(after)) return;
  const [running] = await runningQualityReleases(before.id);
  if (running === undefined) return;
  throw new AppError(
    "conflict",
    `Rings cannot be added, removed or renamed while release ${running.id} is running. Wait for its end or cancel it.`,
    { field: "rings", details: { rule: "ringsInRelease", releaseId: running.id } },
  );
}

/** A group in a release that is active or paused stays (row 13); one whose releases are only scheduled may go. */
export async function refuseDeletionInRelease(groupId: string): Promise<void> {
  const busy = (await runningQualityReleases(groupId)).find((release) => !isScheduled(release));
  if (busy === undefined) return;
  throw new AppError(
    "conflict",
    `Autopatch group ${groupId} cannot be deleted while release ${busy.id} is active or paused. Wait for its end or cancel it.`,
    { field: "groupId", details: { rule: "groupInRelease", releaseId: busy.id } },
  );
}
