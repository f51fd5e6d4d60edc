import { type Applied, changeRings } from "./release-commands.js";
import { openRings, type ReleaseState } from "./release-state.js";

/** Reason of a pause that the monitoring rule set, by Graph's name (autopatch.md §5.12). */
const REASON = "pausedByMonitoring";

/** Resumes the rings that the monitoring rule paused: its rule was deleted or its threshold raised (row 105). */
export function liftMonitoringPause(state: ReleaseState, at: number): Applied {
  const rings = openRings(state).filter(({ pauses }) => pauses.service?.reason === REASON);
  return changeRings(state, rings, (view) => ({
    view: { ...view, pauses: { ...view.pauses, service: null } },
    event: { type: "resumed", at, lifts: "service" },
  }));
}
