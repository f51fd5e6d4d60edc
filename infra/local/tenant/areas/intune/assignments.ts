import { z } from "zod";
import { badRequest } from "../../graph/errors.js";
import type { Json } from "../../graph/types.js";
import { readBody } from "../../odata/body.js";
import { guid } from "../../state/ids.js";
import type { Assigned } from "../../windows-update/assignments.js";
import type { World } from "../../world.js";

const target = z.looseObject({
  "@odata.type": z.enum([
    "#microsoft.graph.groupAssignmentTarget",
    "#microsoft.graph.exclusionGroupAssignmentTarget",
    "#microsoft.graph.allDevicesAssignmentTarget",
    "#microsoft.graph.allLicensedUsersAssignmentTarget",
  ]),
  groupId: z.guid().optional(),
});
const body = z.object({ assignments: z.array(z.object({ target })) });

export type Target = z.infer<typeof target>;

/** Reads the body of `assign`, which replaces the whole set (graph.md §2.0). Throws 400. */
export function readTargets(world: World, given: unknown): Target[] {
  const targets = readBody(body, given).assignments.map((each) => each.target);
  for (const { groupId, "@odata.type": type } of targets) {
    const namesGroup = /group/i.test(type.slice("#microsoft.graph.".length));
    if (!namesGroup) continue;
    if (groupId === undefined) throw badRequest(`Target ${type} needs a groupId.`);
    if (world.directory.groups.get(groupId) === undefined) throw badRequest(`Group ${groupId} does not exist.`);
  }
  return targets;
}

/** Whom a set of targets means. Users are not simulated: all licensed users means all devices. */
export function assignedTo(id: string, targets: readonly Target[]): Assigned {
  const groups = (type: string) =>
    targets.flatMap((each) =>
      each["@odata.type"] === type && each.groupId !== undefined ? [each.groupId.toLowerCase()] : [],
    );
  return {
    id,
    include: groups("#microsoft.graph.groupAssignmentTarget"),
    exclude: groups("#microsoft.graph.exclusionGroupAssignmentTarget"),
    everyone: targets.some((each) => each["@odata.type"].startsWith("#microsoft.graph.all")),
  };
}

/** The assignments as Intune answers them. */
export function assignmentsJson(ownerId: string, type: string, targets: readonly Target[]): Json[] {
  return targets.map((each) => ({
    "@odata.type": type,
    id: `${ownerId}_${each.groupId ?? guid(each["@odata.type"])}`,
    target: each,
  }));
}
