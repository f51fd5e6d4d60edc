import { z } from "zod";

const GROUP = "#microsoft.graph.groupAssignmentTarget";
const EXCLUSION = "#microsoft.graph.exclusionGroupAssignmentTarget";

const assignment = z.object({ target: z.object({ "@odata.type": z.string(), groupId: z.string().nullish() }) });

/** Whom an Intune policy reaches, as `$expand=assignments` adds it (graph.md §2.0). */
export const assignmentsSchema = z
  .array(assignment)
  .nullish()
  .transform((given) => {
    const targets = (given ?? []).map(({ target }) => target);
    const groups = (type: string) =>
      targets.flatMap((target) => (target["@odata.type"] === type ? (target.groupId?.toLowerCase() ?? []) : []));
    return {
      included: groups(GROUP),
      excluded: groups(EXCLUSION),
      everyone: targets.some((target) => target["@odata.type"].startsWith("#microsoft.graph.all")),
    };
  });

/** The body of `assign`, which replaces the whole set. Update rings want the type of each assignment named. */
export function assignBody(
  included: readonly string[],
  excluded: readonly string[],
  type?: string,
): Record<string, unknown> {
  const typed = type === undefined ? {} : { "@odata.type": type };
  const targets = (groupIds: readonly string[], target: string) =>
    groupIds.map((groupId) => ({ ...typed, target: { "@odata.type": target, groupId } }));
  return { assignments: [...targets(included, GROUP), ...targets(excluded, EXCLUSION)] };
}
