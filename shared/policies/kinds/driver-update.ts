import { driverApprovalIn } from "../../drivers/mode.js";
import { type DesiredPolicy, PolicyKind } from "../../graph/policies/types.js";
import { type RingContext, ringPolicy } from "./ring-context.js";

/** Drivers: approved by themselves after the ring's quality deferral, or one by one by people (autopatch.md §7). */
export function driverUpdatePolicy(context: RingContext): DesiredPolicy | undefined {
  const approvalType = driverApprovalIn(context.group, context.ring.ringName);
  if (approvalType === null) return undefined;
  const deferral = { deploymentDeferralInDays: context.settings.qualityDeferralDays };
  return ringPolicy(context, {
    kind: PolicyKind.driverUpdate,
    sentence: `Driver and firmware updates of deployment ring ${context.ring.ringName}.`,
    values: { approvalType, ...(approvalType === "automatic" ? deferral : {}) },
  });
}
