import type { DeploymentRing } from "../groups/ring.js";
import type { StoredGroup } from "../groups/store.js";
import { type RingPlan, standingPlan } from "../releases/plan.js";
import type { WorkloadUpdate } from "../updates/update.js";

/** What forces the installation in a ring, days. */
export interface Force {
  /** Null: nothing does. */
  readonly deadlineDays: number | null;
  readonly graceDays: number;
}

/** The plans of the rings that an update names the opening of, in ring order. */
export function plansByOpening(
  { opens = {} }: WorkloadUpdate,
  { definition }: StoredGroup,
  forceOf: (ring: DeploymentRing) => Force,
): RingPlan[] {
  return definition.rings.flatMap((ring, index) => {
    const opening = opens[ring.name];
    if (opening === undefined) return [];
    const { at: availableAt, spreadDays = 0 } = opening;
    return standingPlan({ ring, index, availableAt, spreadDays, ...forceOf(ring) });
  });
}
