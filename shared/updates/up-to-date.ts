import { compareBuilds, parseBuild, type WindowsBuild } from "./build.js";
import type { QualityUpdate, UpdateRevision } from "./quality-update.js";

export const UpdateState = {
  upToDate: "upToDate",
  notUpToDate: "notUpToDate",
  notApplicable: "notApplicable",
} as const;
export type UpdateState = (typeof UpdateState)[keyof typeof UpdateState];

/** The revisions of an update for the Windows version that a build belongs to. */
function revisionsFor(build: WindowsBuild, update: Pick<QualityUpdate, "revisions">): UpdateRevision[] {
  return update.revisions.filter((revision) => parseBuild(revision.build)?.major === build.major);
}

function satisfies(device: WindowsBuild, revision: UpdateRevision): boolean {
  const target = parseBuild(revision.build);
  const difference = target === undefined ? undefined : compareBuilds(device, target);
  if (difference === undefined) return false;
  // A hotpatch raises the revision less than a preview of the month before, so only its own build proves it.
  return revision.isHotpatch ? difference === 0 : difference >= 0;
}

/**
 * Whether a device with build `10.0.22631.3593` has the update: at or above the cumulative revision of its own version,
 * or exactly at its hotpatch revision. Not applicable when the update has nothing for that version.
 */
export function updateState(deviceBuild: string, update: Pick<QualityUpdate, "revisions">): UpdateState {
  const device = parseBuild(deviceBuild);
  const revisions = device === undefined ? [] : revisionsFor(device, update);
  if (device === undefined || revisions.length === 0) return UpdateState.notApplicable;
  return revisions.some((revision) => satisfies(device, revision)) ? UpdateState.upToDate : UpdateState.notUpToDate;
}

/** True when the device has the update; false when it lacks it or the update is not for its version. */
export function isUpToDate(deviceBuild: string, update: Pick<QualityUpdate, "revisions">): boolean {
  return updateState(deviceBuild, update) === UpdateState.upToDate;
}
