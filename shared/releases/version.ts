import type { Release } from "./store.js";

/**
 * What of a release changes by decisions alone, of people, of the gate or of a newer release: whoever decides on it may
 * insist that this is as he saw it. Counts and evidence move with every report and are not in it.
 */
export function versionOf({ state, pauseReason, monitoringRule, holds }: Release): unknown {
  const { phase, outcome, ending, rings, gate } = state;
  const held = holds.map(({ id, ended, exempt }) => ({ id, ended, exempt }));
  return { phase, outcome, ending, rings, verdict: gate.decision, pauseReason, monitoringRule, held };
}
