import { graphClient } from "../graph/client.js";
import { groupsToRestore } from "./ring-groups.js";
import { listGroups } from "./store.js";

/** Autopatch groups, of these or of all, of which a directory group is lost or renamed in the tenant now. */
export async function lostOrRenamed(groupIds?: readonly string[]): Promise<string[]> {
  const groups = (await listGroups()).filter(({ id }) => groupIds === undefined || groupIds.includes(id));
  return groupsToRestore(graphClient(), groups);
}
