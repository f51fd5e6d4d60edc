import type { RingRef } from "../feature-releases/phases.js";
import { type FeatureRelease, isLive, type Phase, type PhaseRing } from "../feature-releases/release.js";
import type { StoredGroup } from "../groups/store.js";

/** What brings the devices of a ring to a Windows version. */
export interface Aim {
  /** `Windows 11, version 24H2` */
  readonly version: string;
  /** Null where the group's own settings do (autopatch.md §6.1). */
  readonly byRelease: {
    readonly release: FeatureRelease;
    readonly phase: Phase;
    readonly ring: PhaseRing;
  } | null;
}

/**
 * What a ring is brought to now: the phase of the feature release that holds it, else what its group's settings say;
 * undefined where nothing decides about its version. A group is in one release at most (autopatch.md §6.2).
 */
export function aimOf(
  { id, definition }: Pick<StoredGroup, "id" | "definition">,
  ring: string | null,
  releases: readonly FeatureRelease[],
): Aim | undefined {
  for (const release of ring === null ? [] : releases) {
    const aim = aimIn(release, { groupId: id, ring: ring ?? "" });
    if (aim?.byRelease?.ring.movedTo === null && isLive(aim.byRelease.phase.status)) return aim;
  }
  const { updateTypes, deploymentSettings } = definition;
  const version = updateTypes.feature ? deploymentSettings.targetFeatureVersion : null;
  return version === null ? undefined : { version, byRelease: null };
}

/** What a release has or had in mind for a ring, also where it is canceled or the ring has left it. */
export function aimIn(release: FeatureRelease, { groupId, ring }: RingRef): Aim | undefined {
  for (const phase of release.phases) {
    const found = phase.rings.find((each) => each.groupId === groupId && each.ring === ring);
    if (found !== undefined) return { version: release.version, byRelease: { release, phase, ring: found } };
  }
  return undefined;
}
