import { type DesiredPolicy, PolicyKind } from "../../graph/policies/types.js";
import { type RingContext, ringPolicy } from "./ring-context.js";

/**
 * Devices whose hardware Windows 11 does not take are offered the last Windows 10, by policies of rings and of phases
 * alike (graph.md §2.3).
 */
export const OFFERS_WINDOWS_10 = true;

/**
 * The group's least Windows version: required, and at once in every ring (autopatch.md §6.1). No policy when the group
 * leaves versions alone. While a feature release decides about them the policy stays, assigned to nobody.
 */
export function featureUpdatePolicy(context: RingContext): DesiredPolicy | undefined {
  const { updateTypes, deploymentSettings } = context.group;
  if (!updateTypes.feature || deploymentSettings.targetFeatureVersion === null) return undefined;
  const policy = ringPolicy(context, {
    kind: PolicyKind.featureUpdate,
    sentence: `Least Windows version of deployment ring ${context.ring.ringName}.`,
    values: {
      featureUpdateVersion: deploymentSettings.targetFeatureVersion,
      installFeatureUpdatesOptional: false,
      installLatestWindows10OnWindows11IneligibleDevice: OFFERS_WINDOWS_10,
      rolloutSettings: null,
    },
  });
  return context.inFeatureRelease ? { ...policy, entraGroupIds: [] } : policy;
}
