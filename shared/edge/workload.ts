import { compareVersions, isAtLeast } from "../app-versions/version.js";
import { followedOffering } from "../graph/offering/standing.js";
import { configurationArea } from "../graph/policies/configuration-area.js";
import { PolicyKind } from "../graph/policies/types.js";
import { ringPolicyId } from "../policies/ring-policy-id.js";
import { Supersedence } from "../updates/supersedence.js";
import { UpdateState } from "../updates/up-to-date.js";
import { Workload, type WorkloadUpdate } from "../updates/update.js";
import { plansByOpening } from "../workloads/standing-plan.js";
import { Offers, type WorkloadModule } from "../workloads/workload.js";

const NO_HOLD = "Edge follows the progressive rollout of its channel and has neither pause nor rollback";

/**
 * Edge: the policy of a ring names a channel, whose publisher spreads every version over days, and the daily inventory
 * tells which one devices have; a release for every version and channel follows it (autopatch.md §8.2).
 */
export const edge: WorkloadModule<WorkloadUpdate> = {
  id: Workload.edge,
  title: "Microsoft Edge",
  offers: Offers.standing,
  reports: "inventory",
  servicePauses: false,
  unstoppable: {
    what: "all",
    because:
      "Edge follows the progressive rollout of its channel, which nothing here can stop: its versions are measured, not judged.",
  },
  refuses: { expedite: NO_HOLD, pause: NO_HOLD, rollBack: NO_HOLD },
  // The reference names no percentage (§8.2).
  objective: null,
  plan: (update, group) => plansByOpening(update, group, () => ({ deadlineDays: null, graceDays: 0 })),
  supersedence({ revisions: [newer] }, { revisions: [older] }) {
    const isSameChannel = newer?.version === older?.version;
    return isSameChannel && compareVersions(newer?.build ?? "", older?.build ?? "") > 0
      ? Supersedence.full
      : Supersedence.none;
  },
  stateOf({ apps = {} }, { revisions: [revision] }) {
    if (apps.edge === undefined) return UpdateState.notApplicable;
    return isAtLeast(apps.edge, revision?.build ?? "") ? UpdateState.upToDate : UpdateState.notUpToDate;
  },
  offering: async (_graph, acting) =>
    followedOffering(acting, (ring) => ringPolicyId(acting, configurationArea, ring, PolicyKind.edge)),
};
