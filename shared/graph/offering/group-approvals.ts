import { z } from "zod";
import type { Graph } from "../graph.js";
import { text } from "../lenient.js";
import { segment } from "../odata.js";
import { notYet } from "../settle.js";
import type { ApprovalStatus } from "./types.js";

const approvalSchema = z.object({ id: z.string().min(1), catalogEntryId: text, status: text });
type Approval = z.infer<typeof approvalSchema>;

/** Status of an update in a policy: suspended when any approval of it is, undefined when there is none. */
export async function approvalStatus(
  graph: Graph,
  policyPath: string,
  catalogEntryId: string,
): Promise<ApprovalStatus | undefined> {
  const found = await approvalsOf(graph, policyPath, catalogEntryId);
  if (found.length === 0) return undefined;
  return found.every(({ status }) => status === "approved") ? "approved" : "suspended";
}

/**
 * Gives an update the status in a policy and reads it back. Approvals cannot be deleted (graph.md §10), so when an
 * ambiguous create left two of them both are set.
 */
export async function approveInPolicy(
  graph: Graph,
  policyPath: string,
  catalogEntryId: string,
  status: ApprovalStatus,
): Promise<void> {
  const found = await approvalsOf(graph, policyPath, catalogEntryId);
  if (found.length > 0 && found.every((approval) => approval.status === status)) return;
  if (found.length === 0) await graph.post(approvalsPath(policyPath), { catalogEntryId, status });
  for (const approval of found) await setStatus(graph, policyPath, approval, status);
  const seen = await approvalsOf(graph, policyPath, catalogEntryId);
  if (seen.length > 0 && seen.every((approval) => approval.status === status)) return;
  throw notYet(`Approval "${status}" of update ${catalogEntryId}`);
}

/** Suspends every approval of a policy and reads them back. */
export async function suspendAll(graph: Graph, policyPath: string): Promise<void> {
  const open = await openApprovals(graph, policyPath);
  if (open.length === 0) return;
  for (const approval of open) await setStatus(graph, policyPath, approval, "suspended");
  if ((await openApprovals(graph, policyPath)).length > 0) throw notYet("Suspending the approvals of a policy");
}

async function openApprovals(graph: Graph, policyPath: string): Promise<Approval[]> {
  const all = await graph.list(approvalsPath(policyPath), { schema: approvalSchema });
  return all.filter(({ status }) => status !== "suspended");
}

async function approvalsOf(graph: Graph, policyPath: string, catalogEntryId: string): Promise<Approval[]> {
  const all = await graph.list(approvalsPath(policyPath), { schema: approvalSchema });
  return all.filter((approval) => approval.catalogEntryId === catalogEntryId);
}

async function setStatus(graph: Graph, policyPath: string, approval: Approval, status: ApprovalStatus): Promise<void> {
  if (approval.status !== status) await graph.patch(`${approvalsPath(policyPath)}/${segment(approval.id)}`, { status });
}

function approvalsPath(policyPath: string): string {
  return `${policyPath}/approvals`;
}
