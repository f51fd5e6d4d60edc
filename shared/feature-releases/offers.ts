import { clock } from "../clock.js";
import type { Graph } from "../graph/graph.js";
import type { StandingPolicy, StandingRef } from "../graph/offering/standing.js";
import type { ApprovalStatus, RingTarget } from "../graph/offering/types.js";
import { PolicyKind } from "../graph/policies/types.js";
import { notYet, sameMembers } from "../graph/settle.js";
import { setFeaturePause, setRollBack } from "../graph/update-rings.js";
import { readGroup } from "../groups/store.js";
import { noteLeftOut } from "../policies/leave-out.js";
import { applyPhases } from "./apply.js";
import type { FeatureRelease } from "./release.js";
import { changeFeatureRelease, listFeatureReleases, readFeatureRelease } from "./store.js";
import { hasSuspended, isPausedIn, placeOf, withSuspension } from "./suspensions.js";

/** The policies of phases offer by themselves; a release of a group stops them in a ring, or leaves devices out. */
export function phaseOffers(graph: Graph): StandingPolicy {
  return {
    async find(ring, releaseId) {
      const { body: release } = await readFeatureRelease(releaseId);
      const policyId = placeOf(release, refOf(ring))?.phase.policyId ?? null;
      if (policyId === null) throw notYet(`The policy of ${release.name} for ring ${ring.ringName}`);
      return policyId;
    },
    set: (ref, status) => suspend(graph, ref, status),
    leaveOut: (ref, entraGroupIds) => leaveOut(graph, ref, entraGroupIds),
    async end(ref) {
      const { body: release } = await readFeatureRelease(ref.catalogEntryId);
      if (hasSuspended(release, refOf(ref.ring))) await suspend(graph, ref, "approved");
      await leaveOut(graph, ref, []);
    },
    rollBack: (ring, releaseId) => setRollBack(graph, ring.updateRingPolicyId, "feature", releaseId !== null),
  };
}

/**
 * Notes that the service suspends the update in a ring, or lets it go on there, so that whoever brings the phase to the
 * tenant keeps it; and does it. What people have paused goes on when they say so.
 */
async function suspend(graph: Graph, { ring, catalogEntryId }: StandingRef, status: ApprovalStatus): Promise<void> {
  const ref = refOf(ring);
  await changeFeatureRelease(catalogEntryId, (release) => withSuspension(release, ref, status === "suspended"));
  // Its group may have gone to another release meanwhile, whose pauses stay.
  const places = (await listFeatureReleases()).map((release) => placeOf(release, ref));
  const isPaused = places.some((place) => place !== undefined && isPausedIn(place.phase, place.ring));
  await setFeaturePause(graph, ring.updateRingPolicyId, isPaused, clock.now());
}

async function leaveOut(
  graph: Graph,
  { ring, catalogEntryId }: StandingRef,
  entraGroupIds: readonly string[],
): Promise<void> {
  const { groupId, ringName } = ring;
  const kind = PolicyKind.featureUpdate;
  const touch = () => changeFeatureRelease(catalogEntryId, (release) => touched(release, ring));
  const { bindings } = (await readGroup(groupId)).body;
  if (!sameMembers(bindings[ringName]?.leftOut?.[kind] ?? [], entraGroupIds)) {
    // Before, so that a repetition finds it; and after, should the phase have been brought to the tenant meanwhile.
    await touch();
    await noteLeftOut({ groupId, ring: ringName, kind, entraGroupIds });
    await touch();
  }
  const { body: release } = await readFeatureRelease(catalogEntryId);
  if (placeOf(release, refOf(ring))?.phase.pending === true) await applyPhases(graph, clock.now(), "pending");
}

/** The release with the ring's phase to be brought to the tenant again, once it is there at all. */
function touched(release: FeatureRelease, ring: RingTarget): FeatureRelease {
  const phase = placeOf(release, refOf(ring))?.phase;
  if (phase === undefined || phase.policyId === null || phase.pending) return release;
  return { ...release, phases: release.phases.map((each) => (each === phase ? { ...each, pending: true } : each)) };
}

function refOf({ groupId, ringName }: RingTarget) {
  return { groupId, ring: ringName };
}
