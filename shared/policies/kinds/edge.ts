import { withCount } from "../../graph/policies/configuration-area.js";
import { type DesiredPolicy, PolicyKind } from "../../graph/policies/types.js";
import { ServiceRing, serviceRings } from "../../groups/service-rings.js";
import { type RingContext, ringPolicy } from "./ring-context.js";

/** Edge: the Test ring on Beta, all others on the channel of the group (autopatch.md §8.2). */
export function edgePolicy(context: RingContext): DesiredPolicy | undefined {
  if (!context.group.updateTypes.edge) return undefined;
  const isTest = serviceRings(context.group)[context.ring.ringName] === ServiceRing.test;
  return ringPolicy(context, {
    kind: PolicyKind.edge,
    sentence: `Update channel of Microsoft Edge in deployment ring ${context.ring.ringName}.`,
    values: withCount({ edgeTargetChannel: isTest ? "beta" : context.group.deploymentSettings.edgeChannel }),
  });
}
