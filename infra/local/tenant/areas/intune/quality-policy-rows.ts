import { z } from "zod";
import type { Json } from "../../graph/types.js";
import type { ApprovalRule, OfferSource } from "../../windows-update/offer-source.js";
import { dateText } from "../../world.js";
import { assignedTo, type Target } from "./assignments.js";

const approvalSetting = z
  .object({
    windowsQualityUpdateCadence: z.enum(["monthly", "outOfBand"]),
    windowsQualityUpdateCategory: z.enum(["all", "security", "nonSecurity", "quickMachineRecovery"]),
    approvalMethodType: z.enum(["manual", "automatic"]),
    deferredDeploymentInDay: z.int().min(0).max(30).nullable().default(null),
  })
  .refine((setting) => setting.approvalMethodType === "automatic" || setting.deferredDeploymentInDay === null, {
    path: ["deferredDeploymentInDay"],
    error: "only an automatic approval can be deferred",
  });

/** Limits of graph.md §2.2. */
export const qualityPolicySchema = z.object({
  displayName: z.string().min(1).max(200),
  description: z.string().max(1500).nullable().default(null),
  hotpatchEnabled: z.boolean().default(false),
  roleScopeTagIds: z.array(z.string()).default(["0"]),
  approvalSettings: z.array(approvalSetting).max(6).default([]),
});
export const qualityPolicyPatch = z.object({
  displayName: z.string().min(1).max(200).optional(),
  description: z.string().max(1500).nullable().optional(),
  hotpatchEnabled: z.boolean().optional(),
  roleScopeTagIds: z.array(z.string()).optional(),
  approvalSettings: z.array(approvalSetting).max(6).optional(),
});
export const bulkActionSchema = z.object({
  action: z.enum(["approve", "suspend"]),
  ids: z.array(z.string()).min(1),
});

export interface CatalogItemDecision {
  readonly catalogItemId: string;
  readonly approvalStatus: "approved" | "suspended";
  /** ms */
  readonly at: number;
}

/** A quality update policy of Intune. */
export interface QualityPolicyRow extends z.infer<typeof qualityPolicySchema> {
  readonly id: string;
  readonly createdAt: number;
  readonly modifiedAt: number;
  readonly decisions: readonly CatalogItemDecision[];
  readonly targets: readonly Target[];
}

export function qualityPolicyJson(row: QualityPolicyRow): Json {
  return {
    id: row.id,
    displayName: row.displayName,
    description: row.description,
    hotpatchEnabled: row.hotpatchEnabled,
    roleScopeTagIds: row.roleScopeTagIds,
    approvalSettings: row.approvalSettings,
    createdDateTime: dateText(row.createdAt),
    lastModifiedDateTime: dateText(row.modifiedAt),
  };
}

/** The policy as Windows Update acts on it: decisions by hand, and rules for what is automatic. */
export function qualityPolicySource(row: QualityPolicyRow): OfferSource {
  const rules = row.approvalSettings.flatMap((setting): ApprovalRule[] => {
    const { windowsQualityUpdateCategory: classification, windowsQualityUpdateCadence: cadence } = setting;
    if (setting.approvalMethodType === "manual" || classification === "quickMachineRecovery") return [];
    return [{ classification, cadence, deferralDays: setting.deferredDeploymentInDay ?? 0 }];
  });
  const approvals = row.decisions.map(({ catalogItemId, approvalStatus, at }) => ({
    entryId: catalogItemId,
    approved: approvalStatus === "approved",
    at,
  }));
  return { ...assignedTo(row.id, row.targets), deferralDays: 0, paused: false, approvals, rules };
}
