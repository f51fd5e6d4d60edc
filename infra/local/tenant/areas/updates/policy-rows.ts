import type { Json } from "../../graph/types.js";
import type { Approval, ApprovalRule, OfferSource } from "../../windows-update/offer-source.js";
import { dateText } from "../../world.js";

const TYPE = "#microsoft.graph.windowsUpdates";

/** A quality update policy of the group model (graph.md §1.9). Instants are ms of domain time. */
export interface PolicyRow {
  readonly id: string;
  readonly displayName: string;
  readonly description: string;
  readonly approvalRules: readonly (ApprovalRule & { readonly type: string })[];
  readonly createdAt: number;
  readonly modifiedAt: number;
}

export interface RingRow {
  readonly id: string;
  readonly policyId: string;
  readonly displayName: string;
  readonly description: string | null;
  readonly deferralInDays: number;
  readonly isPaused: boolean;
  readonly isHotpatchEnabled: boolean;
  readonly included: readonly string[];
  readonly excluded: readonly string[];
  readonly createdAt: number;
  readonly modifiedAt: number;
}

export interface ApprovalRow {
  readonly id: string;
  readonly policyId: string;
  readonly catalogEntryId: string;
  readonly status: "approved" | "suspended";
  readonly createdAt: number;
  readonly modifiedAt: number;
}

/** A ring together with its policy's decisions, as Windows Update acts on it. */
export function sourceOf(policy: PolicyRow, ring: RingRow, approvals: readonly ApprovalRow[]): OfferSource {
  return {
    id: ring.id,
    include: ring.included,
    exclude: ring.excluded,
    everyone: false,
    deferralDays: ring.deferralInDays,
    paused: ring.isPaused,
    hotpatch: ring.isHotpatchEnabled,
    approvals: approvals.map(
      ({ catalogEntryId, status, modifiedAt }): Approval => ({
        entryId: catalogEntryId,
        approved: status === "approved",
        at: modifiedAt,
      }),
    ),
    rules: policy.approvalRules.filter(({ type }) => type === `${TYPE}.qualityUpdateApprovalRule`),
  };
}

const dates = (row: { createdAt: number; modifiedAt: number }) => ({
  createdDateTime: dateText(row.createdAt),
  lastModifiedDateTime: dateText(row.modifiedAt),
});

export function policyJson(row: PolicyRow): Json {
  return {
    "@odata.type": `${TYPE}.qualityUpdatePolicy`,
    id: row.id,
    displayName: row.displayName,
    description: row.description,
    ...dates(row),
    approvalRules: row.approvalRules.map(({ type, deferralDays, classification, cadence }) => ({
      "@odata.type": type,
      deferralInDays: deferralDays,
      ...(type.endsWith("recoveryApprovalRule") ? {} : { classification, cadence: cadence ?? null }),
    })),
  };
}

export function ringJson(row: RingRow): Json {
  const groups = (type: string, ids: readonly string[]) => ({
    "@odata.type": `${TYPE}.${type}`,
    assignments: ids.map((groupId) => ({ groupId })),
  });
  return {
    "@odata.type": `${TYPE}.qualityUpdateRing`,
    id: row.id,
    displayName: row.displayName,
    description: row.description,
    ...dates(row),
    deferralInDays: row.deferralInDays,
    isPaused: row.isPaused,
    isHotpatchEnabled: row.isHotpatchEnabled,
    includedGroupAssignment: groups("includedGroupAssignment", row.included),
    excludedGroupAssignment: groups("excludedGroupAssignment", row.excluded),
  };
}

export function approvalJson(row: ApprovalRow): Json {
  return {
    "@odata.type": `${TYPE}.qualityUpdatePolicyApproval`,
    id: row.id,
    catalogEntryId: row.catalogEntryId,
    status: row.status,
    ...dates(row),
  };
}
