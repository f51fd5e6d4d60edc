import { z } from "zod";

const NAMESPACE = "#microsoft.graph.windowsUpdates";
const days = z.int().min(0).max(30);
const assignment = z.object({ assignments: z.array(z.object({ groupId: z.guid().toLowerCase() })) });

const approvalRule = z
  .discriminatedUnion("@odata.type", [
    z.object({
      "@odata.type": z.literal(`${NAMESPACE}.qualityUpdateApprovalRule`),
      deferralInDays: days,
      classification: z.enum(["all", "security", "nonSecurity"]),
      cadence: z.enum(["monthly", "outOfBand"]),
    }),
    z.object({ "@odata.type": z.literal(`${NAMESPACE}.recoveryApprovalRule`), deferralInDays: days }),
  ])
  .transform((rule) => ({
    type: rule["@odata.type"],
    deferralDays: rule.deferralInDays,
    classification: "classification" in rule ? rule.classification : ("all" as const),
    ...("cadence" in rule ? { cadence: rule.cadence } : {}),
  }));

export const policyType = z.object({ "@odata.type": z.literal(`${NAMESPACE}.qualityUpdatePolicy`) });
export const ringType = z.object({ "@odata.type": z.literal(`${NAMESPACE}.qualityUpdateRing`) });

/** Names and limits of graph.md §1.9. */
export const policySchema = z.object({
  displayName: z.string().min(1).max(200),
  description: z.string().max(1500),
  approvalRules: z.array(approvalRule).default([]),
});
export const policyPatch = z.object({
  displayName: policySchema.shape.displayName.optional(),
  description: policySchema.shape.description.optional(),
  approvalRules: z.array(approvalRule).optional(),
});

const ring = z.object({
  displayName: z.string().min(1).max(200),
  description: z.string().max(1500).nullable(),
  deferralInDays: days,
  isPaused: z.boolean(),
  isHotpatchEnabled: z.boolean(),
  includedGroupAssignment: assignment,
  excludedGroupAssignment: assignment,
});
export const ringSchema = ring
  .partial({ description: true, deferralInDays: true, isPaused: true, isHotpatchEnabled: true })
  .partial({ includedGroupAssignment: true, excludedGroupAssignment: true });
export const ringPatch = ring.partial();

export const approvalSchema = z.object({
  catalogEntryId: z.string().min(1),
  status: z.enum(["approved", "suspended"]),
});
export const approvalPatch = z.object({ status: approvalSchema.shape.status });
