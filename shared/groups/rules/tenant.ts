import type { AutopatchGroup } from "../group.js";
import type { Violation } from "./violation.js";

/** Most Autopatch groups of a tenant (autopatch.md §2.1, row 1). */
export const MAX_GROUPS = 300;

/** A group as the rules of the tenant see it. */
export interface GroupInTenant {
  readonly id: string;
  readonly definition: AutopatchGroup;
}

/** A use of a directory group: in the pool, or in a ring. */
export interface DirectoryGroupUse {
  readonly directoryGroupId: string;
  /** Within the definition. */
  readonly field: string;
  /** For people: "ring Test of Autopatch group Sales". */
  readonly place: string;
}

/** Every directory group that the definition names, in the order of its fields. */
export function directoryGroupsOf({ name, rings, dynamicGroupIds }: AutopatchGroup): DirectoryGroupUse[] {
  const assigned = rings.flatMap((ring, index) => {
    const { assignedGroupId } = ring.distribution;
    if (assignedGroupId === undefined) return [];
    const field = `rings[${index}].distribution.assignedGroupId`;
    return [{ directoryGroupId: assignedGroupId, field, place: `ring ${ring.name} of Autopatch group ${name}` }];
  });
  const pool = dynamicGroupIds.map((directoryGroupId, index) => ({
    directoryGroupId,
    field: `dynamicGroupIds[${index}]`,
    place: `the dynamic pool of Autopatch group ${name}`,
  }));
  return [...assigned, ...pool];
}

/** Rules between one group and the others of the tenant (rows 1, 3 and 9). `others` are all but the group itself. */
export function* tenantViolations(
  group: GroupInTenant,
  others: readonly GroupInTenant[],
  { isNew }: { readonly isNew: boolean },
): Generator<Violation> {
  if (isNew && others.length >= MAX_GROUPS)
    yield {
      field: "name",
      rule: "groupLimit",
      limit: MAX_GROUPS,
      message: `the tenant has ${others.length} Autopatch groups already, ${MAX_GROUPS} is the most`,
    };
  const namesake = others.find(({ definition }) => sameName(definition.name, group.definition.name));
  if (namesake !== undefined)
    yield {
      field: "name",
      rule: "uniqueGroupName",
      groupId: namesake.id,
      message: `another Autopatch group (${namesake.id}) is called ${namesake.definition.name}`,
    };
  yield* reuse(group, others);
}

export function sameName(left: string, right: string): boolean {
  return left.trim().toLowerCase() === right.trim().toLowerCase();
}

function* reuse({ definition }: GroupInTenant, others: readonly GroupInTenant[]): Generator<Violation> {
  const taken = new Map<string, string>();
  for (const other of others) {
    for (const { directoryGroupId, place } of directoryGroupsOf(other.definition)) taken.set(directoryGroupId, place);
  }
  for (const { directoryGroupId, field, place } of directoryGroupsOf(definition)) {
    const usedIn = taken.get(directoryGroupId);
    if (usedIn !== undefined)
      yield {
        field,
        rule: "directoryGroupUsedOnce",
        limit: 1,
        usedIn,
        message: `directory group ${directoryGroupId} is used already, in ${usedIn}; a directory group may be used once`,
      };
    taken.set(directoryGroupId, place);
  }
}
