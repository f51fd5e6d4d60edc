import { qualityValues } from "../../graph/policies/quality-area.js";
import { type DesiredPolicy, PolicyKind } from "../../graph/policies/types.js";
import { type RingContext, ringPolicy } from "./ring-context.js";

/**
 * The standing policy: it approves completed quality updates only; a release comes with a policy of its own. Both leave
 * out devices for which a policy with approvals decides (autopatch.md §5.10).
 */
export function qualityPolicy(context: RingContext): DesiredPolicy {
  const policy = ringPolicy(context, {
    kind: PolicyKind.quality,
    sentence: `Approves completed quality updates for deployment ring ${context.ring.ringName}.`,
    values: qualityValues(context.group.hotpatch),
  });
  return { ...policy, mayLeaveOut: true };
}
