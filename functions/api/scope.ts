import type { Actor } from "../../shared/access/roles.js";
import { inScope } from "../../shared/access/scope.js";
import { readApproval } from "../../shared/approvals/store.js";
import { AppError } from "../../shared/errors.js";
import { findGroup } from "../../shared/groups/store.js";
import { readRelease } from "../../shared/releases/store.js";

/**
 * What a path names by group, release or approval exists for a scoped admin only if its Autopatch group carries one of
 * his tags (autopatch.md §4.8). Throws `not_found` otherwise. Costs nothing for others.
 */
export async function refuseOutOfScope(actor: Actor, params: Readonly<Record<string, string>>): Promise<void> {
  if (actor.scopeTagIds === "all") return;
  const groupId = await groupOf(params);
  if (groupId === undefined) return;
  const group = await findGroup(groupId);
  // A group that is not there is for the call itself to miss, or to make; what a lost one leaves is nobody's.
  const open = group === undefined ? groupId === params.groupId : inScope(actor, group.body.definition.scopeTagIds);
  if (open) return;
  const message = `There is no Autopatch group ${groupId} within the scope tags of ${actor.name}.`;
  throw new AppError("not_found", message, { field: "groupId", details: { scopeTagIds: [...actor.scopeTagIds] } });
}

async function groupOf({ groupId, releaseId, approvalId }: Readonly<Record<string, string>>) {
  if (groupId !== undefined) return groupId;
  if (releaseId !== undefined) return (await readRelease(releaseId)).groupId;
  if (approvalId === undefined) return undefined;
  return (await readRelease((await readApproval(approvalId)).body.question.releaseId)).groupId;
}
