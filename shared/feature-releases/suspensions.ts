import type { RingRef } from "./phases.js";
import { ringsOf } from "./policy.js";
import { type FeatureRelease, isLive, type Phase, type PhaseRing } from "./release.js";
import { isPausedByPeople } from "./ring-pauses.js";

/** A ring in the phase that means it. */
export interface RingPlace {
  readonly phase: Phase;
  readonly ring: PhaseRing;
}

/** Where a release has a ring: in the phase that means it and has not ended. */
export function placeOf({ phases }: Pick<FeatureRelease, "phases">, { groupId, ring }: RingRef): RingPlace | undefined {
  for (const phase of phases.filter(({ status }) => isLive(status))) {
    const found = ringsOf(phase).find((each) => each.groupId === groupId && each.ring === ring);
    if (found !== undefined) return { phase, ring: found };
  }
  return undefined;
}

/**
 * Whether feature updates of a ring are paused: people have paused it or its phase or had the update uninstalled, or the
 * service has suspended it there. Each of them ends by itself.
 */
export function isPausedIn(
  { status }: Pick<Phase, "status">,
  ring: Pick<PhaseRing, "paused" | "uninstall" | "suspended">,
): boolean {
  return isPausedByPeople({ status }, ring) || ring.suspended === true;
}

/** Whether the service has suspended a release in a ring, also where its group has left the release since. */
export function hasSuspended({ phases }: Pick<FeatureRelease, "phases">, { groupId, ring }: RingRef): boolean {
  const isSuspended = (each: PhaseRing) => each.groupId === groupId && each.ring === ring && each.suspended === true;
  return phases.some(({ rings }) => rings.some(isSuspended));
}

/** The release with a ring suspended by the service, or not any more. The same one where that is so already. */
export function withSuspension(release: FeatureRelease, ref: RingRef, suspended: boolean): FeatureRelease {
  const place = placeOf(release, ref);
  if (place === undefined || (place.ring.suspended === true) === suspended) return release;
  const { suspended: _before, ...rest } = place.ring;
  const ring = suspended ? { ...rest, suspended } : rest;
  const rings = place.phase.rings.map((each) => (each === place.ring ? ring : each));
  return { ...release, phases: release.phases.map((each) => (each === place.phase ? { ...each, rings } : each)) };
}
