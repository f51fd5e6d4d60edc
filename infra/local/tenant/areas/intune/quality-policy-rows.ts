import { z } from "zod";
import type { Json } from "../../graph/types.js";
import type { ApprovalRule, OfferSource } from "../../windows-update/offer-source.js";
import { assignedTo } from "./assignments.js";
import { type ProfileRow, profileJson, profilePatch, profileSchema } from "./update-profile.js";

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

export const qualityPolicySchema = profileSchema.extend({
  hotpatchEnabled: z.boolean().default(false),
  approvalSettings: z.array(approvalSetting).max(6).default([]),
});
export const qualityPolicyPatch = profilePatch.extend({
  hotpatchEnabled: z.boolean().optional(),
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
export interface QualityPolicyRow extends ProfileRow {
  readonly hotpatchEnabled: boolean;
  readonly approvalSettings: readonly z.infer<typeof approvalSetting>[];
  readonly decisions: readonly CatalogItemDecision[];
}

export function qualityPolicyJson(row: QualityPolicyRow): Json {
  return { ...profileJson(row), hotpatchEnabled: row.hotpatchEnabled, approvalSettings: row.approvalSettings };
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
  return {
    ...assignedTo(row.id, row.targets),
    deferralDays: 0,
    paused: false,
    hotpatch: row.hotpatchEnabled,
    approvals,
    rules,
  };
}
