import { type AutopatchGroup, groupSchema } from "./group.js";
import { type DeploymentRing, ringSchema } from "./ring.js";

/** The ring that is always first, and the one that is always last. */
export const FIRST_RING = "Test";
export const LAST_RING = "Last";

function ring(name: string, deferral: number, deadline: number, grace: number): DeploymentRing {
  return ringSchema.parse({
    name,
    qualityDeferralDays: deferral,
    qualityDeadlineDays: deadline,
    gracePeriodDays: grace,
  });
}

/** The five default rings of 03/31/2025 (autopatch.md §5.3): deferral, deadline, grace period in days. */
export function defaultRings(): DeploymentRing[] {
  return [
    ring(FIRST_RING, 0, 0, 0),
    ring("Ring1", 1, 2, 2),
    ring("Ring2", 5, 2, 2),
    ring("Ring3", 9, 5, 2),
    ring(LAST_RING, 10, 3, 2),
  ];
}

/** A group with the five default rings and every other setting at its default. */
export function defaultGroup(name: string): AutopatchGroup {
  return groupSchema.parse({ name, rings: defaultRings() });
}
