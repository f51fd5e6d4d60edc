import { withCount } from "../../graph/policies/configuration-area.js";
import { type DesiredPolicy, PolicyKind } from "../../graph/policies/types.js";
import { ServiceRing, serviceRings } from "../../groups/service-rings.js";
import { type RingContext, ringPolicy } from "./ring-context.js";

/** Days by which downloading and installing is delayed (autopatch.md §8.1). */
const DEFERRAL_DAYS: Readonly<Record<ServiceRing, number>> = { Test: 0, First: 0, Fast: 3, Broad: 7 };
/** Days until open apps are closed for the update, in every ring (§8.1). */
const DEADLINE_DAYS = 7;

/** Monthly Enterprise Channel for every ring, updates on and not to be switched off (autopatch.md §8.1). */
export function microsoft365AppsPolicy(context: RingContext): DesiredPolicy | undefined {
  if (!context.group.updateTypes.microsoft365Apps) return undefined;
  return ringPolicy(context, {
    kind: PolicyKind.microsoft365Apps,
    sentence: `Updates of Microsoft 365 Apps in deployment ring ${context.ring.ringName}.`,
    values: withCount({
      officeUpdateChannel: "monthlyEnterprise",
      officeUpdateDeferralDays: DEFERRAL_DAYS[serviceRings(context.group)[context.ring.ringName] ?? ServiceRing.broad],
      officeUpdateDeadlineDays: DEADLINE_DAYS,
      officeAutomaticUpdates: true,
      officeHideUpdateSwitch: true,
    }),
  });
}
