import { z } from "zod";
import type { Graph } from "./graph.js";
import { guid } from "./lenient.js";
import { literal } from "./odata.js";

/** Most groups that one delta stream can watch (graph.md §3.6). */
export const WATCHED_PER_STREAM = 50;

const v1 = { version: "v1.0" } as const;
const pageSchema = z.object({
  value: z.array(z.object({ id: guid })),
  "@odata.nextLink": z.string().min(1).optional(),
  "@odata.deltaLink": z.string().min(1).optional(),
});

export interface GroupChanges {
  /** Groups whose name, members or existence changed. */
  readonly changed: readonly string[];
  /** Where the next look goes on. */
  readonly link: string;
}

/** The link of a delta stream that tells of changes to these groups and their members from now on; one call. */
export async function watchGroups(graph: Graph, groupIds: readonly string[]): Promise<string> {
  const filter = groupIds.map((id) => `id eq ${literal(id)}`).join(" or ");
  const query = { $deltatoken: "latest", $select: "id,displayName,members", $filter: filter };
  const { link } = await readToEnd(graph, await graph.get("/groups/delta", { ...v1, query, schema: pageSchema }));
  return link;
}

/** What changed since the link was given. Throws `gone` when that is too long ago: watch anew and read everything. */
export async function groupChanges(graph: Graph, link: string): Promise<GroupChanges> {
  return readToEnd(graph, await graph.get(link, { ...v1, schema: pageSchema }));
}

async function readToEnd(graph: Graph, first: z.infer<typeof pageSchema>): Promise<GroupChanges> {
  const changed = new Set<string>();
  for (let page = first; ; ) {
    for (const { id } of page.value) if (id !== null) changed.add(id);
    const next = page["@odata.nextLink"];
    if (next === undefined) return { changed: [...changed], link: page["@odata.deltaLink"] ?? "" };
    page = await graph.get(next, { ...v1, schema: pageSchema });
  }
}
