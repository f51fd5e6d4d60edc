import { clock } from "../clock.js";
import type { Graph } from "../graph/graph.js";
import type { StandingPolicy } from "../graph/offering/standing.js";
import type { RingTarget } from "../graph/offering/types.js";
import { PolicyKind } from "../graph/policies/types.js";
import { notYet } from "../graph/settle.js";
import { setFeaturePause, setRollBack } from "../graph/update-rings.js";
import { noteLeftOut } from "../policies/leave-out.js";
import { applyPhases } from "./apply.js";
import { ringsOf } from "./policy.js";
import { type FeatureRelease, FeatureStatus, isLive, type Phase } from "./release.js";
import { changeFeatureRelease, readFeatureRelease } from "./store.js";

/** The policies of phases offer by themselves; a release of a group stops them in a ring, or leaves devices out. */
export function phaseOffers(graph: Graph): StandingPolicy {
  return {
    async find(ring, releaseId) {
      const { body: release } = await readFeatureRelease(releaseId);
      const policyId = phaseWith(release, ring)?.policyId ?? null;
      if (policyId === null) throw notYet(`The policy of ${release.name} for ring ${ring.ringName}`);
      return policyId;
    },
    async set({ ring, catalogEntryId }, status) {
      const { body: release } = await readFeatureRelease(catalogEntryId);
      // What people have paused goes on when they say so.
      const isPaused = phaseWith(release, ring)?.status === FeatureStatus.paused;
      await setFeaturePause(graph, ring.updateRingPolicyId, status === "suspended" || isPaused, clock.now());
    },
    async leaveOut({ ring, catalogEntryId }, entraGroupIds) {
      const { groupId, ringName } = ring;
      await noteLeftOut({ groupId, ring: ringName, kind: PolicyKind.featureUpdate, entraGroupIds });
      const release = await changeFeatureRelease(catalogEntryId, (present) => touched(present, ring));
      if (phaseWith(release, ring) !== undefined) await applyPhases(graph, clock.now(), "pending");
    },
    rollBack: (ring, releaseId) => setRollBack(graph, ring.updateRingPolicyId, "feature", releaseId !== null),
  };
}

/** The phase that means the ring and has not ended. */
function phaseWith({ phases }: FeatureRelease, { groupId, ringName }: RingTarget): Phase | undefined {
  return phases.find(
    (phase) =>
      isLive(phase.status) && ringsOf(phase).some((ring) => ring.groupId === groupId && ring.ring === ringName),
  );
}

/** The release with the ring's phase to be brought to the tenant again, once it is there at all. */
function touched(release: FeatureRelease, ring: RingTarget): FeatureRelease {
  const phase = phaseWith(release, ring);
  if (phase === undefined || phase.policyId === null || phase.pending) return release;
  return { ...release, phases: release.phases.map((each) => (each === phase ? { ...each, pending: true } : each)) };
}
