import { z } from "zod";
import { readBatch } from "./batch-read.js";
import type { Graph } from "./graph.js";
import { text } from "./lenient.js";
import { literal, segment, withQuery } from "./odata.js";

/** Most values of an `in` without advanced query capabilities (graph.md §3.1). */
const VALUES_PER_FILTER = 15;

const groupSchema = z.object({
  id: z.string().transform((id) => id.toLowerCase()),
  displayName: text,
  uniqueName: text,
  securityEnabled: z.boolean().nullish(),
});

const pageSchema = z.object({ value: z.array(groupSchema) });

/** A directory group as the rules about directory groups see it. */
export interface GroupFacts {
  /** Lower-cased. */
  readonly id: string;
  readonly displayName: string | null;
  readonly uniqueName: string | null;
  readonly securityEnabled: boolean;
}

/** The groups of which a property has one of the values, in few calls; groups that do not exist are left out. */
export async function groupsWhere(
  graph: Graph,
  property: "id" | "displayName",
  values: readonly string[],
): Promise<GroupFacts[]> {
  const wanted = [...new Set(values)];
  const paths = [];
  for (let from = 0; from < wanted.length; from += VALUES_PER_FILTER) {
    const some = wanted.slice(from, from + VALUES_PER_FILTER).map(literal);
    const $filter = `${property} in (${some.join(",")})`;
    paths.push(withQuery("/groups", { $filter, $select: "id,displayName,uniqueName,securityEnabled", $top: 999 }));
  }
  const [only] = paths;
  const pages =
    only !== undefined && paths.length === 1
      ? [await graph.get(only, { version: "v1.0", schema: pageSchema })]
      : await readBatch(graph, { paths, schema: pageSchema });
  return pages.flatMap(({ value }) =>
    value.map((group) => ({ ...group, securityEnabled: group.securityEnabled === true })),
  );
}

/** What the members of a group are counted by; those that are neither devices nor groups are users and the like. */
const COUNTED = ["", "/microsoft.graph.device", "/microsoft.graph.group"] as const;
const countSchema = z.object({ "@odata.count": z.int() });

/**
 * Which of the groups contain anything but devices and groups, directly or nested. It counts instead of reading the
 * members, so that no permission for users is needed and the size of a group does not matter.
 */
export async function groupsWithOthers(graph: Graph, groupIds: readonly string[]): Promise<Set<string>> {
  const query = { $select: "id", $top: 1, $count: true };
  const paths = groupIds.flatMap((id) =>
    COUNTED.map((cast) => withQuery(`/groups/${segment(id)}/transitiveMembers${cast}`, query)),
  );
  const headers = { ConsistencyLevel: "eventual" };
  const counts = await readBatch(graph, { paths, headers, schema: countSchema });
  return new Set(
    groupIds.filter((_, index) => {
      const [all = 0, devices = 0, groups = 0] = counts
        .slice(index * COUNTED.length, (index + 1) * COUNTED.length)
        .map((answer) => answer["@odata.count"]);
      return all > devices + groups;
    }),
  );
}
