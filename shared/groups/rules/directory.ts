import type { Graph } from "../../graph/graph.js";
import { type GroupFacts, groupsWhere, groupsWithOthers } from "../../graph/group-facts.js";
import { parentGroup, ringGroup, UNIQUE_PREFIX } from "../directory-names.js";
import type { StoredGroup } from "../store.js";
import { directoryGroupsOf, type GroupInTenant } from "./tenant.js";
import type { Violation } from "./violation.js";

/** A group that is about to be written, and as it was before. */
export interface DirectoryCheck {
  readonly after: GroupInTenant;
  readonly before?: GroupInTenant | undefined;
  /** Put before the field of a violation, for a group in a file. */
  readonly prefix?: string;
}

/**
 * What the directory says against the groups (autopatch.md §2.1, row 10): directory groups that are newly named exist,
 * are security groups of devices and none of the service's own; names of ring groups that are to be made are free.
 * Yields the violations of all groups, read in few calls.
 */
export async function directoryViolations(
  graph: Graph,
  checks: readonly DirectoryCheck[],
  all: readonly StoredGroup[],
): Promise<Violation[]> {
  const uses = checks.flatMap((check) => newUses(check));
  const wanted = [...new Set(uses.map(({ directoryGroupId }) => directoryGroupId))];
  const names = checks.flatMap((check) => newNames(check));
  const [facts, namesakes] = [
    new Map((await groupsWhere(graph, "id", wanted)).map((group) => [group.id, group])),
    await groupsWhere(
      graph,
      "displayName",
      names.map(({ name }) => name),
    ),
  ];
  const others = await groupsWithOthers(
    graph,
    wanted.filter((id) => facts.has(id)),
  );
  const own = ownGroups(all);
  return [
    ...uses.flatMap((use) => sourceViolation(use, facts.get(use.directoryGroupId), others, own)),
    ...names.flatMap((wish) => nameViolation(wish, namesakes, own)),
  ];
}

function newUses({ after, before, prefix = "" }: DirectoryCheck) {
  const known = new Set(before === undefined ? [] : directoryGroupsOf(before.definition).map(idOf));
  return directoryGroupsOf(after.definition)
    .filter(({ directoryGroupId }) => !known.has(directoryGroupId))
    .map((use) => ({ ...use, field: `${prefix}${use.field}` }));
}

const idOf = ({ directoryGroupId }: { readonly directoryGroupId: string }) => directoryGroupId;

function sourceViolation(
  { directoryGroupId, field }: { readonly directoryGroupId: string; readonly field: string },
  facts: GroupFacts | undefined,
  withOthers: ReadonlySet<string>,
  own: ReadonlySet<string>,
): Violation[] {
  const violation = (rule: string, message: string) => [{ field, rule, directoryGroupId, message }];
  if (facts === undefined) return violation("directoryGroupExists", `the directory has no group ${directoryGroupId}`);
  const name = facts.displayName ?? directoryGroupId;
  if (own.has(directoryGroupId))
    return violation("serviceGroup", `${name} is kept by Ringmaster; name the group of your own that has the devices`);
  if (!facts.securityEnabled) return violation("securityGroup", `${name} is no security group`);
  if (withOthers.has(directoryGroupId))
    return violation(
      "deviceGroup",
      `${name} contains users or other members that are no devices; groups of devices only`,
    );
  return [];
}

/** Display names that the service is going to give, where they are not given already. */
function newNames({ after, before, prefix = "" }: DirectoryCheck) {
  const namesOf = (group: GroupInTenant) => [
    ...group.definition.rings.map(({ name }) => ringGroup(group, name).displayName),
    parentGroup(group).displayName,
  ];
  const known = new Set(before === undefined ? [] : namesOf(before));
  return namesOf(after)
    .filter((name) => !known.has(name))
    .map((name) => ({ name, field: `${prefix}name` }));
}

function nameViolation(
  { name, field }: { readonly name: string; readonly field: string },
  namesakes: readonly GroupFacts[],
  own: ReadonlySet<string>,
): Violation[] {
  const taken = namesakes.find(
    ({ id, displayName, uniqueName }) =>
      displayName?.toLowerCase() === name.toLowerCase() &&
      !own.has(id) &&
      uniqueName?.startsWith(UNIQUE_PREFIX) !== true,
  );
  if (taken === undefined) return [];
  const message = `the directory has another group called ${taken.displayName}, which is the name of a ring group to be made; rename that group or choose another name`;
  return [{ field, rule: "directoryGroupName", directoryGroupId: taken.id, message }];
}

/** Directory groups that the service keeps. */
function ownGroups(all: readonly StoredGroup[]): Set<string> {
  const ids = all.flatMap(({ bindings, parentGroupId, allDevicesGroupId }) => [
    ...Object.values(bindings).map(({ entraGroupId }) => entraGroupId),
    ...(parentGroupId === undefined ? [] : [parentGroupId]),
    ...(allDevicesGroupId === undefined ? [] : [allDevicesGroupId]),
  ]);
  return new Set(ids.map((id) => id.toLowerCase()));
}
