import { GroupStatus, type StoredGroup } from "../groups/store.js";
import type { Floor } from "./catalogue.js";
import { type FeatureRelease, FeatureStatus, type Phase, refused, statusOf, targets } from "./release.js";
import { isPausedByPeople } from "./ring-pauses.js";

/** The groups of a new release. Throws for one that is not there or that takes no feature updates. */
export function chosenGroups(ids: readonly string[], groups: readonly StoredGroup[]): StoredGroup[] {
  return [...new Set(ids)].map((id, index) => {
    const field = `groups[${index}]`;
    const group = groups.find((each) => each.id === id);
    if (group === undefined)
      throw refused("unknownGroup", field, `there is no Autopatch group ${id}; GET /api/v1/groups lists them`);
    if (group.status !== GroupStatus.active)
      throw refused("groupNotActive", field, `group ${id} is ${group.status}; wait until it is active`);
    if (!group.definition.updateTypes.feature)
      throw refused("noFeatureUpdates", field, `group ${id} leaves feature updates alone; switch them on in the group`);
    return group;
  });
}

/**
 * Throws for a group that another release holds (autopatch.md §6.2, 6.3, row 79): one that is Scheduled has locked its
 * rings, and one that is Paused, as a whole or where the group is, can only be resumed.
 */
export function checkFree(groups: readonly StoredGroup[], releases: readonly FeatureRelease[]): void {
  for (const [index, { id }] of groups.entries()) {
    const field = `groups[${index}]`;
    for (const release of releases.filter((each) => targets(each, id))) {
      const details = { releaseId: release.id, groupId: id };
      if (statusOf(release) === FeatureStatus.scheduled) {
        const message = `group ${id} is in feature release ${release.name}, which is Scheduled; cancel that one, or wait until all its phases are Active`;
        throw refused("groupInScheduledRelease", field, message, details);
      }
      if (hasPaused(release, id)) {
        const message = `group ${id} is in feature release ${release.name}, which is Paused for it; resume that one first`;
        throw refused("groupInPausedRelease", field, message, details);
      }
    }
  }
}

/** What the groups are brought to already: by their settings, and by releases that they leave. */
export function floorsOf(groups: readonly StoredGroup[], releases: readonly FeatureRelease[]): Floor[] {
  return groups.flatMap(({ id, definition }) => {
    const { targetFeatureVersion } = definition.deploymentSettings;
    const standing = targetFeatureVersion === null ? [] : [{ version: targetFeatureVersion, by: "its settings" }];
    const custom = releases
      .filter((release) => targets(release, id))
      .map(({ version, name }) => ({ version, by: `feature release ${name}` }));
    return [...standing, ...custom].map((floor) => ({ ...floor, groupId: id }));
  });
}

function hasPaused({ phases }: FeatureRelease, groupId: string): boolean {
  // Rings may be paused alone, or after an uninstallation, in a phase that goes on.
  const hasRing = (phase: Phase) =>
    phase.rings.some((ring) => ring.groupId === groupId && isPausedByPeople(phase, ring));
  return targets({ phases: phases.filter(hasRing) }, groupId);
}
