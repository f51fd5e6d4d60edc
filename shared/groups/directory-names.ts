import { tagOf } from "../graph/names.js";
import type { AutopatchGroup } from "./group.js";

/** A directory group that the service keeps: found by its unique name, shown by its display name. */
export interface ServiceGroup {
  readonly uniqueName: string;
  readonly displayName: string;
  readonly description: string;
}

/** What every unique name of a directory group made by the service begins with. */
export const UNIQUE_PREFIX = "ringmaster-";

/** Directory group of all ring groups of the tenant. */
export const ALL_DEVICES_GROUP: ServiceGroup = {
  uniqueName: `${UNIQUE_PREFIX}all-devices`,
  displayName: "Ringmaster - All devices",
  description: "All devices of all deployment rings. Kept by Ringmaster: changes made by hand are undone.",
};

interface Named {
  readonly id: string;
  readonly definition: Pick<AutopatchGroup, "name">;
}

/** What all display names of an Autopatch group's directory groups begin with. */
export function displayPrefix({ definition }: Named): string {
  return `${definition.name} - `;
}

/** Directory group of a ring's devices, called `<group> - <ring>` (autopatch.md §2.6, row 19). */
export function ringGroup(group: Named, ring: string): ServiceGroup {
  return serviceGroup(
    group,
    ring,
    ring,
    `Devices of deployment ring ${ring} of Autopatch group ${group.definition.name}.`,
  );
}

/** Parent of the ring groups of one Autopatch group (§2.4). */
export function parentGroup(group: Named): ServiceGroup {
  return serviceGroup(group, "", "All rings", `All deployment rings of Autopatch group ${group.definition.name}.`);
}

function serviceGroup(group: Named, ringName: string, suffix: string, sentence: string): ServiceGroup {
  const tag = tagOf({ groupId: group.id, ringName }, "ring group");
  return {
    uniqueName: `${UNIQUE_PREFIX}${group.id}-${tag}`,
    displayName: `${displayPrefix(group)}${suffix}`,
    description: `${sentence} Kept by Ringmaster [${tag}]: changes made by hand are undone.`,
  };
}
