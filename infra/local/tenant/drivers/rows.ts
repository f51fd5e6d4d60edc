import { z } from "zod";
import { type ProfileRow, profileSchema } from "../areas/intune/update-profile.js";

/** 0–30 days; null where approvals are manual (graph.md §2.4). */
export const deferralSchema = z.int().min(0).max(30).nullable();

export const newDriverProfile = profileSchema.extend({
  approvalType: z.enum(["manual", "automatic"]),
  deploymentDeferralInDays: deferralSchema.default(null),
});

export const ApprovalStatus = {
  needsReview: "needsReview",
  approved: "approved",
  declined: "declined",
  suspended: "suspended",
} as const;
export type ApprovalStatus = (typeof ApprovalStatus)[keyof typeof ApprovalStatus];

/** What somebody decided about a driver in one policy. */
export interface DriverDecision {
  readonly status: ApprovalStatus;
  /** From when it is offered, ms; null unless it is approved. */
  readonly deployAt: number | null;
}

/** How drivers are approved, by people or by the service, with what was decided by the id of the driver. */
export type DriverApprovals = Pick<
  DriverProfileRow,
  "createdAt" | "approvalType" | "deploymentDeferralInDays" | "decisions"
>;

/** A driver update profile with what was decided in it, by the id of the driver. */
export type DriverProfileRow = ProfileRow &
  z.infer<typeof newDriverProfile> & { readonly decisions?: Readonly<Record<string, DriverDecision>> };
