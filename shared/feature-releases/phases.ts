import type { StoredGroup } from "../groups/store.js";
import { gradualGroupCount } from "./gradual-groups.js";
import { refused } from "./release.js";
import type { DevicesOf } from "./ring-devices.js";
import { goalDate, type Rollout } from "./schedule.js";

export interface RingRef {
  readonly groupId: string;
  readonly ring: string;
}

/** A phase as somebody wants it. */
export interface PlannedPhase extends Rollout {
  readonly rings: readonly RingRef[];
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

/** Those phases with dates: each begins on the goal date of the one before, as the devices of now allow. */
export function proposedPhases(groups: readonly Ringed[], first: Rollout, devicesOf: DevicesOf): PlannedPhase[] {
  let firstDate = first.firstDate;
  return autoPhases(groups).map((rings) => {
    const phase = { ...first, rings, firstDate };
    firstDate = goalDate(allowed(phase, devicesOf));
    return phase;
  });
}

/** The phase with as many gradual groups as its devices allow (autopatch.md §6.4, row 82). */
export function allowed<T extends PlannedPhase>(phase: T, devicesOf: DevicesOf): T {
  const devices = phase.rings.reduce((sum, ring) => sum + devicesOf(ring).length, 0);
  return { ...phase, gradualGroups: gradualGroupCount(devices, phase.gradualGroups) };
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
