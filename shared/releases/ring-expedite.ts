import type { RingSettings } from "../groups/ring.js";
import { exclusionsOf } from "./exclusions.js";
import { isPaused } from "./pauses.js";
import { EXPEDITED_DAYS, type RingPlan } from "./plan.js";
import type { RingEvent } from "./ring-events.js";
import { type Brought, RingPhase, type RingState } from "./ring-state.js";

type ExpediteEvent = Extract<RingEvent, { type: "expedited" | "expediteEnded" | "hurried" }>;

/** A ring after an event of its expedite. One that is repeated, or about another expedite, changes nothing. */
export function expediteRing(state: RingState, event: ExpediteEvent): RingState {
  const { expedite } = state;
  switch (event.type) {
    case "expedited": {
      if (state.expedited) return state;
      const { expediteId: id, rebootDays, plan } = event;
      const kept = { ordinary: state.plan, brought: expedite?.brought ?? null };
      return { ...state, plan, expedited: true, expedite: { id, rebootDays, ...kept } };
    }
    case "expediteEnded":
      if (!state.expedited || expedite?.id !== event.expediteId) return state;
      // What has been offered keeps its dates; the others wait for their day again.
      return { ...state, expedited: false, plan: state.offeredAt.length === 0 ? expedite.ordinary : state.plan };
    case "hurried":
      return expedite === undefined ? state : { ...state, expedite: { ...expedite, brought: event.brought } };
  }
}

/** New dates by an edit of the group: those of a ring that is expedited come after the expedite. */
export function replan(state: RingState, plan: RingPlan): RingState {
  if (state.phase !== RingPhase.upcoming) return state;
  const { expedite } = state;
  if (!state.expedited || expedite === undefined) return { ...state, plan };
  return { ...state, expedite: { ...expedite, ordinary: plan } };
}

/** With another directory group, what reaches the ring's devices has to be told anew. */
export function retarget(state: RingState): RingState {
  const { expedite } = state;
  if (expedite == null || expedite.brought === null) return state;
  return { ...state, expedite: { ...expedite, brought: { ...expedite.brought, waves: -1 } } };
}

/** Whether an expedite of the ring is in the tenant. */
export function isBrought({ expedite }: Pick<RingState, "expedite">): boolean {
  return (expedite?.brought ?? null) !== null;
}

/**
 * What devices of the ring should be told of its expedite now; null: nothing. A profile reaches the waves that the ring
 * has opened, and nobody whom a hold keeps back: the gate decides about expedited offers too. The service's own values
 * are in the ring's settings from its opening on.
 */
export function wantedHurry(state: RingState, now: number): Brought | null {
  const { approval, ending, expedite, expedited, offeredAt, pauses, phase, plan } = state;
  const isOpen = phase === RingPhase.upcoming || phase === RingPhase.active;
  if (!expedited || expedite === undefined || !isOpen || ending !== null || isPaused(pauses, now)) return null;
  if (expedite.rebootDays === null) return now >= plan.availableAt ? { waves: 0, excluded: [] } : null;
  const offers = approval === "approved" && offeredAt.length > 0;
  return offers ? { waves: offeredAt.length, excluded: exclusionsOf(state) } : null;
}

/** Whether devices have been told something else. */
export function hurryDue(state: RingState, now: number): boolean {
  const { brought = null } = state.expedite ?? {};
  return text(brought) !== text(wantedHurry(state, now));
}

function text(brought: Brought | null): string {
  return brought === null ? "" : JSON.stringify([brought.waves, [...brought.excluded].sort()]);
}

/** The settings of a ring as they are to be in the tenant: 0/1/1 while the service expedites (autopatch.md §5.3). */
export function settingsInForce(settings: RingSettings, state: RingState, now: number): RingSettings {
  if (state.expedite?.rebootDays !== null || wantedHurry(state, now) === null) return settings;
  const { deferral, deadline, grace } = EXPEDITED_DAYS;
  return {
    ...settings,
    qualityDeferralDays: deferral,
    qualityDeadlineDays: deadline,
    gracePeriodDays: grace,
  };
}
