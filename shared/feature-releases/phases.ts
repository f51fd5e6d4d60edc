import type { StoredGroup } from "../groups/store.js";
import { refused } from "./release.js";
import { goalDate } from "./schedule.js";

export interface RingRef {
  readonly groupId: string;
  readonly ring: string;
}

/** A phase as somebody wants it. */
export interface PlannedPhase {
  readonly rings: readonly RingRef[];
  /** `YYYY-MM-DD` */
  readonly firstDate: string;
  readonly gradualGroups: number;
}

type Ringed = Pick<StoredGroup, "id" | "definition">;

/** Ring n of every group in phase n (autopatch.md §6.2, row 74). */
export function autoPhases(groups: readonly Ringed[]): RingRef[][] {
  const most = Math.max(0, ...groups.map(({ definition }) => definition.rings.length));
  return Array.from({ length: most }, (_, index) =>
    groups.flatMap(({ id, definition }) => {
      const ring = definition.rings[index]?.name;
      return ring === undefined ? [] : [{ groupId: id, ring }];
    }),
  );
}

/** Those phases with dates: each begins on the goal date of the one before. */
export function proposedPhases(groups: readonly Ringed[], firstDate: string, gradualGroups: number): PlannedPhase[] {
  let next = firstDate;
  return autoPhases(groups).map((rings) => {
    const phase = { rings, firstDate: next, gradualGroups };
    next = goalDate(next, gradualGroups);
    return phase;
  });
}

/** Throws unless every ring of the groups is in one phase and every phase has a ring (autopatch.md §6.2, row 74). */
export function checkPhases(phases: readonly PlannedPhase[], groups: readonly Ringed[]): void {
  const keyOf = ({ groupId, ring }: RingRef) => JSON.stringify([groupId, ring]);
  const rings = groups.flatMap(({ id, definition }) =>
    definition.rings.map(({ name }) => ({ groupId: id, ring: name })),
  );
  const open = new Map(rings.map((ring) => [keyOf(ring), ring]));
  for (const [index, phase] of phases.entries()) {
    const field = `phases[${index}].rings`;
    if (phase.rings.length === 0)
      throw refused("phaseWithoutRing", field, `phase ${index + 1} holds no ring; put one in or leave the phase out`);
    for (const ring of phase.rings) {
      if (open.delete(keyOf(ring))) continue;
      const isKnown = rings.some((known) => keyOf(known) === keyOf(ring));
      const message = isKnown
        ? `ring ${ring.ring} of group ${ring.groupId} is in two phases; leave it in one`
        : `group ${ring.groupId} of the release has no ring ${ring.ring}`;
      throw refused(isKnown ? "ringInTwoPhases" : "unknownRing", field, message, ring);
    }
  }
  const [missing] = open.values();
  if (missing === undefined) return;
  const message = `ring ${missing.ring} of group ${missing.groupId} is in no phase; every ring of a group has to be in one`;
  throw refused("ringWithoutPhase", "phases", message, missing);
}
