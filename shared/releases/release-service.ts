import type { GateVerdict } from "../gate/gate.js";
import type { GateMode } from "../groups/group.js";
import { type Applied, changeRings } from "./release-commands.js";
import { openRings, type ReleaseState } from "./release-state.js";
import { RingPhase } from "./ring-state.js";

function offeringRings(state: ReleaseState) {
  return openRings(state).filter(({ phase }) => phase !== RingPhase.rollingBack);
}

/**
 * Pauses every open ring on behalf of the service. A tenant pause stays what it is, and rings that roll back are left
 * alone (autopatch.md §5.6). Nothing happens once an end is decided.
 */
export function pauseByService(state: ReleaseState, reason: string, at: number): Applied {
  if (state.phase === "ended" || state.ending !== null) return { state, deliveries: [] };
  const pause = { since: at, reason };
  const rings = offeringRings(state).filter(({ pauses }) => pauses.service === null);
  return changeRings(state, rings, (view) => ({
    view: { ...view, pauses: { ...view.pauses, service: pause } },
    event: { type: "servicePaused", at, pause },
  }));
}

/**
 * Acts on a verdict of the health gate. `enforce` pauses, holds or releases the rings; `advise` and `off` only remember
 * the gate's state, so that people can be told.
 * @param mayPause whether the service may pause updates of the workload; where it may not it holds
 */
export function applyGateVerdict(state: ReleaseState, verdict: GateVerdict, mode: GateMode, mayPause = true): Applied {
  const at = verdict.evidence.input.now;
  const judged = { ...state, gate: verdict.state };
  if (mode !== "enforce" || !verdict.changed || state.phase === "ended") return { state: judged, deliveries: [] };
  if (verdict.decision === "pause" && mayPause) return pauseByService(judged, "gate", at);
  const type = verdict.decision === "continue" ? "released" : "held";
  return { state: judged, deliveries: offeringRings(judged).map(({ ring }) => ({ ring, event: { type, at } })) };
}
