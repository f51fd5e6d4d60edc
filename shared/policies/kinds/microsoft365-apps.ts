import { withCount } from "../../graph/policies/configuration-area.js";
import { type DesiredPolicy, PolicyKind } from "../../graph/policies/types.js";
import { DEADLINE_DAYS, deferralDaysOf } from "../../microsoft-365-apps/schedule.js";
import { type RingContext, ringPolicy } from "./ring-context.js";

/**
 * Monthly Enterprise Channel for every ring, updates on and not to be switched off (autopatch.md §8.1). A ring that is held
 * has the version as its target; Office would take newer ones back to it, so that a pause switches updating off as well.
 */
export function microsoft365AppsPolicy(context: RingContext): DesiredPolicy | undefined {
  if (!context.group.updateTypes.microsoft365Apps) return undefined;
  const { officePin: pin } = context;
  return ringPolicy(context, {
    kind: PolicyKind.microsoft365Apps,
    sentence: `Updates of Microsoft 365 Apps in deployment ring ${context.ring.ringName}.`,
    values: withCount({
      officeUpdateChannel: "monthlyEnterprise",
      officeUpdateDeferralDays: deferralDaysOf(context.group, context.ring.ringName),
      officeUpdateDeadlineDays: DEADLINE_DAYS,
      officeAutomaticUpdates: pin?.keepsInstalled !== true,
      officeHideUpdateSwitch: true,
      ...(pin === undefined ? {} : { officeTargetVersion: pin.version }),
    }),
  });
}
