import { acceptEvidence } from "../gate/gate.js";
import { extended, isPaused, type PauseForm, pausesAt, tenantPause } from "./pauses.js";
import { refuse, selectRings } from "./refusals.js";
import { withRings } from "./release-events.js";
import { type Ending, openRings, type ReleaseState, type RingView } from "./release-state.js";
import type { RingEvent } from "./ring-events.js";
import { RingPhase } from "./ring-state.js";
import { rollbackAllowedUntil } from "./rollback.js";

interface Command {
  /** ms */
  readonly at: number;
  /** Who decides: a person, or for `supersede` the id of the newer release. */
  readonly by: string;
  readonly justification?: string;
}

interface RingsCommand extends Command {
  /** Rings by name; left out: every ring the command applies to. */
  readonly rings?: readonly string[];
}

export type ReleaseCommand =
  | (RingsCommand & PauseForm & { readonly kind: "pause" })
  | (RingsCommand & {
      readonly kind: "resume";
      /** Which pause to lift; left out: the one a ring shows. */
      readonly lifts?: "tenant" | "service";
    })
  | (RingsCommand & { readonly kind: "extend" })
  | (RingsCommand & { readonly kind: "rollBack" })
  /** Go on in spite of a hold that the gate could not decide (gate.md §2.4). */
  | (Command & { readonly kind: "proceed" })
  | (Command & { readonly kind: "cancel" | "supersede" });

/** An event to hand to a ring's orchestrator. */
export interface Delivery {
  readonly ring: string;
  readonly event: RingEvent;
}

export interface Applied {
  readonly state: ReleaseState;
  readonly deliveries: readonly Delivery[];
}

/** Changes the chosen rings, and tells each of them. */
export function changeRings(
  state: ReleaseState,
  rings: readonly RingView[],
  change: (view: RingView) => { view: RingView; event: RingEvent },
): Applied {
  const changes = new Map(rings.map((view) => [view.ring, change(view)]));
  return {
    state: withRings(
      state,
      state.rings.map((view) => changes.get(view.ring)?.view ?? view),
    ),
    deliveries: [...changes].map(([ring, { event }]) => ({ ring, event })),
  };
}

const isOpen = ({ phase }: RingView): boolean => phase === RingPhase.upcoming || phase === RingPhase.active;

function pause(state: ReleaseState, command: Extract<ReleaseCommand, { kind: "pause" }>): Applied {
  const { at } = command;
  const made = tenantPause(command, at);
  const rings = selectRings(state, command, (view) => {
    if (!isOpen(view)) return `it is ${view.outcome ?? view.phase}`;
    return pausesAt(view.pauses, at).tenant === null
      ? undefined
      : "it is already paused by the tenant; extend the pause";
  });
  return changeRings(state, rings, (view) => ({
    view: { ...view, pauses: { ...view.pauses, tenant: made } },
    event: { type: "tenantPaused", at, pause: made },
  }));
}

function extend(state: ReleaseState, command: Extract<ReleaseCommand, { kind: "extend" }>): Applied {
  const { at } = command;
  const rings = selectRings(state, command, (view) =>
    isOpen(view) && pausesAt(view.pauses, at).tenant !== null ? undefined : "it is not paused by the tenant",
  );
  return changeRings(state, rings, (view) => {
    const { tenant } = view.pauses;
    return {
      view: { ...view, pauses: { ...view.pauses, tenant: tenant === null ? null : extended(tenant, at) } },
      event: { type: "extended", at },
    };
  });
}

function resume(state: ReleaseState, command: Extract<ReleaseCommand, { kind: "resume" }>): Applied {
  const { at, lifts } = command;
  const liftFor = (view: RingView): "tenant" | "service" =>
    lifts ?? (pausesAt(view.pauses, at).tenant === null ? "service" : "tenant");
  const rings = selectRings(state, command, (view) => {
    if (!isOpen(view) || !isPaused(view.pauses, at)) return "it is not paused";
    const which = liftFor(view);
    return pausesAt(view.pauses, at)[which] === null ? `it is not paused by the ${which}` : undefined;
  });
  const lifted = rings.some((view) => liftFor(view) === "service");
  // Lifting the service's pause anywhere is the decision that the gate's latch waits for.
  const gated = lifted ? { ...state, gate: acceptEvidence(state.gate) } : state;
  return changeRings(gated, rings, (view) => ({
    view: { ...view, pauses: { ...view.pauses, [liftFor(view)]: null } },
    event: { type: "resumed", at, lifts: liftFor(view) },
  }));
}

function proceed(state: ReleaseState, command: Extract<ReleaseCommand, { kind: "proceed" }>): Applied {
  const { decision } = state.gate;
  const isPaused = state.rings.some(({ pauses }) => pauses.service !== null);
  // A verdict to pause that paused nothing keeps rings from opening, as a hold does.
  if (decision === "continue" || (decision === "pause" && isPaused)) refuse(state, "proceed", "its gate holds nothing");
  const event: RingEvent = { type: "released", at: command.at };
  return {
    state: { ...state, gate: acceptEvidence(state.gate) },
    deliveries: openRings(state).map(({ ring }) => ({ ring, event })),
  };
}

/** Tells every open ring that does not roll back to end; each ends when it has taken back what it offered. */
function endRings(state: ReleaseState, ending: Ending, type: "cancelled" | "superseded"): Applied {
  const event: RingEvent = { type, at: ending.at };
  const rings = openRings(state).filter(isOpen);
  return { state: { ...state, ending }, deliveries: rings.map(({ ring }) => ({ ring, event })) };
}

function endingOf(command: Command, outcome: Ending["outcome"]): Ending {
  const { at, by, justification } = command;
  return { outcome, at, by, ...(justification === undefined ? {} : { justification }) };
}

function rollBack(state: ReleaseState, command: Extract<ReleaseCommand, { kind: "rollBack" }>): Applied {
  const { at } = command;
  const rings = selectRings(state, command, (view) => {
    if (view.openedAt === null) return "nothing was offered to it";
    if (view.phase === RingPhase.rollingBack) return "it is already rolling back";
    if (view.phase === RingPhase.ended && view.outcome !== "completed") return `it is ${view.outcome}`;
    const until = rollbackAllowedUntil(view.openedAt, state.uninstallWindowDays);
    return at <= until ? undefined : `its uninstall window of ${state.uninstallWindowDays} days is over`;
  });
  const reopened: ReleaseState = { ...state, phase: "active", outcome: null };
  const rolling = changeRings(reopened, rings, (view) => ({
    view: { ...view, phase: RingPhase.rollingBack, outcome: null },
    event: { type: "rollBack", at },
  }));
  return command.rings === undefined ? endRest(rolling, endingOf(command, "rolledBack")) : rolling;
}

/**
 * The other rings of a release that is rolled back as a whole. A ring that seems not to have opened is told to roll back
 * too: its first offer may be on its way, and it knows best.
 */
function endRest(rolling: Applied, ending: Ending): Applied {
  const rest = openRings(rolling.state)
    .filter(isOpen)
    .map(({ ring, openedAt }): Delivery => {
      return { ring, event: { type: openedAt === null ? "rollBack" : "cancelled", at: ending.at } };
    });
  return { state: { ...rolling.state, ending }, deliveries: [...rolling.deliveries, ...rest] };
}

function cancel(state: ReleaseState, command: Command): Applied {
  if (state.rings.some(({ phase }) => phase === RingPhase.rollingBack))
    refuse(state, "cancel", "it is rolling back; wait until the last device has reported");
  return endRings(state, endingOf(command, "cancelled"), "cancelled");
}

/**
 * A command of a person, or of a superseding release: the release after it and what its rings must be told. Throws
 * `conflict` when the state of the release or of a named ring does not allow it, `not_found` for an unknown ring,
 * `invalid_input` for an incomplete form. An ended release takes only a rollback, and that only if it completed; being
 * superseded once an end is decided changes nothing.
 */
export function applyReleaseCommand(state: ReleaseState, command: ReleaseCommand): Applied {
  const decided = state.phase === "ended" || state.ending !== null;
  if (command.kind === "supersede")
    return decided ? { state, deliveries: [] } : endRings(state, endingOf(command, "superseded"), "superseded");
  const rollsBackCompleted = command.kind === "rollBack" && state.outcome === "completed";
  if (decided && !rollsBackCompleted)
    refuse(state, command.kind, `it is ${state.outcome ?? `being ${state.ending?.outcome}`}`);
  switch (command.kind) {
    case "pause":
      return pause(state, command);
    case "resume":
      return resume(state, command);
    case "extend":
      return extend(state, command);
    case "rollBack":
      return rollBack(state, command);
    case "proceed":
      return proceed(state, command);
    case "cancel":
      return cancel(state, command);
  }
}
