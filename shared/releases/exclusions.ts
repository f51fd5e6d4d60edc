import { allWavesOpened } from "./completion.js";
import { RingPhase, type RingState } from "./ring-state.js";

/**
 * The hold groups that the ring's policy has to leave out now. Once the ring's own group is offered the update, devices
 * of a released hold stay out until the ledger has marked them as offered, with the wave that follows.
 * @param last together with a wave that marks everybody who is left
 */
export function exclusionsOf(state: RingState, last = false): readonly string[] {
  const { holdGroups, excludedGroups } = state;
  return !last && isReadmitting(state) ? [...new Set([...holdGroups, ...excludedGroups])] : holdGroups;
}

/** Whether the policy leaves out other groups than it has to. A ring that has offered nothing names them with its first wave. */
export function exclusionsDue(state: RingState): boolean {
  const offers = state.phase === RingPhase.ended ? state.outcome === "completed" : state.offeredAt.length > 0;
  return offers && !sameGroups(exclusionsOf(state), state.excludedGroups);
}

/** The wave that marks devices of a released hold as offered in a ring that has completed; null: there are none. */
export function lateWave({ phase, holdGroups, excludedGroups, offeredAt }: RingState): number | null {
  const released = excludedGroups.some((id) => !holdGroups.includes(id));
  return phase === RingPhase.ended && released ? offeredAt.length : null;
}

/** Everybody had been offered the update before the hold was released, and those whom it concerns have not. */
function isReadmitting(state: RingState): boolean {
  if (state.phase === RingPhase.ended || allWavesOpened(state)) return false;
  const { grants, offeredAt, plan } = state;
  return grants === null ? offeredAt.length >= plan.waves.length : grants[offeredAt.length - 1]?.last === true;
}

function sameGroups(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((id) => b.includes(id));
}
