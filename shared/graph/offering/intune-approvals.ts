import { z } from "zod";
import { AppError } from "../../errors.js";
import { type Graph, INTUNE } from "../graph.js";
import { text } from "../lenient.js";
import { literal, segment } from "../odata.js";
import { notYet } from "../settle.js";
import type { ApprovalStatus } from "./types.js";

const detailSchema = z.object({ policyId: text, catalogItemId: text, approvalStatus: text });
const failures = z.object({ failedIds: z.array(z.string()).nullish() });
const resultSchema = z.union([z.object({ value: failures }).transform(({ value }) => value), failures]);

/** Approval of a catalogue item in an Intune quality update policy; undefined when it was never approved or suspended. */
export async function intuneApproval(
  graph: Graph,
  policyId: string,
  catalogItemId: string,
): Promise<ApprovalStatus | undefined> {
  const item = `${INTUNE}/windowsUpdateCatalogItems/${segment(catalogItemId)}`;
  const call = `retrieveWindowsQualityUpdateCatalogItemDetails(ids=[${literal(catalogItemId)}])`;
  const details = await graph.list(`${item}/${call}`, { schema: detailSchema });
  const own = details.find((detail) => detail.policyId === policyId && detail.catalogItemId === catalogItemId);
  if (own?.approvalStatus === "approved" || own?.approvalStatus === "suspended") return own.approvalStatus;
  return undefined;
}

/**
 * Approves or suspends a catalogue item and reads it back. The action answers 200 even when it failed for the item, so
 * its lists are read too (graph.md §2.2).
 */
export async function setIntuneApproval(
  graph: Graph,
  policyPath: string,
  policyId: string,
  catalogItemId: string,
  status: ApprovalStatus,
): Promise<void> {
  if ((await intuneApproval(graph, policyId, catalogItemId)) === status) return;
  const action = status === "approved" ? "approve" : "suspend";
  const { body } = await graph.post(`${policyPath}/bulkAction`, { action, ids: [catalogItemId] });
  const result = resultSchema.safeParse(body);
  if (result.success && (result.data.failedIds ?? []).includes(catalogItemId)) {
    const message = `Intune could not ${action} update ${catalogItemId} in policy ${policyId}. The step is repeated; if it goes on, check that the update is still in the catalogue.`;
    throw new AppError("unavailable", message);
  }
  if ((await intuneApproval(graph, policyId, catalogItemId)) !== status) {
    throw notYet(`Approval "${status}" of update ${catalogItemId}`);
  }
}
