import type { Content } from "../graph/deployments/content.js";
import { type Because, checkLive } from "./commands.js";
import { keptOf } from "./create.js";
import { decided, type UpdatePolicy } from "./deployment.js";
import { refused } from "./refusals.js";

/** Approves an update in a policy, to be offered from `startAt` (ms; null: at once). Throws where it is approved. */
export function approve(
  policy: UpdatePolicy,
  content: Content,
  startAt: number | null,
  { by, at }: Because,
): UpdatePolicy {
  checkLive(policy);
  const { catalogEntryId, name } = content;
  if (policy.approvals.some((each) => each.content.catalogEntryId === catalogEntryId)) {
    throw refused("alreadyApproved", "catalogEntryId", `${name} is approved in ${policy.name}; revoke that first`);
  }
  const approval = { content: keptOf(content), startAt, approvedAt: at, approvedBy: { id: by.id, name: by.name } };
  return decided(policy, { approvals: [...policy.approvals, approval] });
}

/** Takes an approval back: nobody more is offered the update. Approving it again makes a new one (graph.md §1.8). */
export function revoke(policy: UpdatePolicy, catalogEntryId: string): UpdatePolicy {
  checkLive(policy);
  const approvals = policy.approvals.filter(({ content }) => content.catalogEntryId !== catalogEntryId);
  if (approvals.length < policy.approvals.length) return decided(policy, { approvals });
  const message = `nobody approved ${catalogEntryId} in ${policy.name}, or the approval was revoked, which is final`;
  throw refused("notApproved", "catalogEntryId", message);
}
