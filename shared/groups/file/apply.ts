import type { Graph } from "../../graph/graph.js";
import { type Admitted, admit, refuseUnruly } from "../admission.js";
import { takenIds } from "../identity.js";
import { readGroups } from "../store.js";
import { type Plan, type PlannedChange, planGroups } from "./plan.js";
import { type GroupFile, readGroupFile } from "./read.js";

/** What applying the file would do. Throws what the rules refuse; nothing is written. */
export async function planFile(graph: Graph, file: GroupFile): Promise<readonly PlannedChange[]> {
  const wanted = await readGroupFile(graph, file);
  const { groups } = await readGroups();
  const stored = groups.map(({ body }) => body);
  const plan = await planGroups({ file: wanted, groups, taken: await takenIds(stored), ...agreed(file) });
  await refuseUnruly(graph, plan.wishes, stored);
  return plan.changes;
}

export interface AppliedFile {
  readonly changes: readonly PlannedChange[];
  readonly admitted: readonly Admitted[];
}

/**
 * Makes the groups what the file says, all of it or, where the rules refuse any, nothing. What is in order already is
 * left alone, so that it can be applied again to the same end.
 */
export async function applyFile(graph: Graph, file: GroupFile): Promise<AppliedFile> {
  const wanted = await readGroupFile(graph, file);
  let plan: Plan = { changes: [], wishes: [] };
  const admitted = await admit(graph, async (groups) => {
    const taken = await takenIds(groups.map(({ body }) => body));
    plan = await planGroups({ file: wanted, groups, taken, ...agreed(file) });
    return plan.wishes;
  });
  return { changes: plan.changes, admitted };
}

function agreed({ prune, confirm }: GroupFile) {
  return { prune, confirm };
}
