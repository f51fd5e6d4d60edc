import type { FinalOutcome } from "./outcome.js";
import type { ReleaseState, RingView } from "./release-state.js";
import { RingPhase } from "./ring-state.js";

/** What a ring tells its release. `at` in ms. */
export type ReleaseEvent =
  | { readonly type: "ringOpened"; readonly ring: string; readonly at: number }
  | { readonly type: "ringEnded"; readonly ring: string; readonly at: number; readonly outcome: FinalOutcome };

/** How a release whose rings have all ended ended itself: as decided, else rolled back only if no ring completed. */
function finalOutcome(state: ReleaseState, rings: readonly RingView[]): FinalOutcome {
  if (state.ending !== null) return state.ending.outcome;
  return rings.every(({ outcome }) => outcome === "rolledBack") ? "rolledBack" : "completed";
}

/** Replaces rings and ends the release when none is left open. */
export function withRings(state: ReleaseState, rings: readonly RingView[]): ReleaseState {
  if (rings.some(({ phase }) => phase !== RingPhase.ended)) return { ...state, rings };
  return { ...state, rings, phase: "ended", outcome: finalOutcome(state, rings) };
}

function changed(view: RingView, event: ReleaseEvent): RingView {
  if (event.type === "ringEnded") return { ...view, phase: RingPhase.ended, outcome: event.outcome };
  if (view.phase !== RingPhase.upcoming) return view;
  return { ...view, phase: RingPhase.active, openedAt: view.openedAt ?? event.at };
}

/** The release after news from a ring. It ends with its last ring. */
export function applyReleaseEvent(state: ReleaseState, event: ReleaseEvent): ReleaseState {
  if (state.phase === "ended") return state;
  return withRings(
    state,
    state.rings.map((view) => (view.ring === event.ring ? changed(view, event) : view)),
  );
}
