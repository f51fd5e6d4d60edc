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
export function assignBody(groupIds: readonly string[], type?: string): Record<string, unknown> {
  const typed = type === undefined ? {} : { "@odata.type": type };
  return { assignments: groupIds.map((groupId) => ({ ...typed, target: { "@odata.type": GROUP, groupId } })) };
}
