import { allWavesOpened } from "./completion.js";
import { extended, pausesAt, type ServicePause, type TenantPause } from "./pauses.js";
import type { RingPlan } from "./plan.js";
import { expediteRing, isBrought, replan, retarget } from "./ring-expedite.js";
import { type Brought, type GrantedWave, type RingCounts, RingPhase, type RingState } from "./ring-state.js";

/** What happens to a ring. `at` in ms. */
export type RingEvent =
  /** Decisions of people and of the release. */
  | { readonly type: "tenantPaused"; readonly at: number; readonly pause: TenantPause }
  | { readonly type: "servicePaused"; readonly at: number; readonly pause: ServicePause }
  | { readonly type: "extended"; readonly at: number }
  | { readonly type: "resumed"; readonly at: number; readonly lifts: "tenant" | "service" }
  | { readonly type: "rollBack"; readonly at: number }
  /** People had its devices go back, by what offers the update beside the release. */
  | { readonly type: "uninstalled"; readonly at: number }
  | { readonly type: "cancelled" | "superseded"; readonly at: number }
  | { readonly type: "held" | "released"; readonly at: number }
  /** The evidence allows the ring another wave. */
  | { readonly type: "waveGranted"; readonly at: number; readonly wave: number; readonly grant: GrantedWave }
  /** Devices of a cohort, all in one directory group, are kept from the update (gate.md §5). */
  | { readonly type: "cohortHeld"; readonly at: number; readonly groupId: string }
  /** They may have it, or some of them may, which have left the group: then `groupId` is null. */
  | {
      readonly type: "cohortReleased";
      readonly at: number;
      readonly groupId: string | null;
      /** Those of the ring that nothing has been offered. */
      readonly devices: number;
      /** The wave granted to them, where the ring had been granted its last; else they wait for the ring's next. */
      readonly wave: number | null;
    }
  /** New dates: an edit before the ring opened. */
  | { readonly type: "replanned"; readonly at: number; readonly plan: RingPlan }
  /** New dates, because the update is expedited: by the service, or with so many days until the forced restart. */
  | {
      readonly type: "expedited";
      readonly at: number;
      readonly plan: RingPlan;
      readonly expediteId: string;
      readonly rebootDays: number | null;
    }
  | { readonly type: "expediteEnded"; readonly at: number; readonly expediteId: string }
  /** The ring's directory group was made again, or its group changed hotpatch: offers follow, states do not change. */
  | { readonly type: "retargeted"; readonly at: number }
  /** Facts. */
  | { readonly type: "progress"; readonly at: number; readonly counts: RingCounts }
  | { readonly type: "policyError"; readonly at: number; readonly message: string | null }
  /** Confirmed actions of `ringStep`. */
  /** The policy is there; nobody is in it, but from now on a pause or an end has something to take back. */
  | { readonly type: "policyOpened"; readonly at: number }
  /** `excluded`: the hold groups that its offer leaves out. */
  | {
      readonly type: "waveOpened";
      readonly at: number;
      readonly wave: number;
      readonly excluded?: readonly string[];
    }
  /** The policy leaves out exactly these groups. `wave`: marked what was released after the ring had completed. */
  | {
      readonly type: "excluded";
      readonly at: number;
      readonly groups: readonly string[];
      readonly wave: number | null;
    }
  /** Devices have been told of the expedite, or that it is over (null). */
  | { readonly type: "hurried"; readonly at: number; readonly brought: Brought | null }
  | { readonly type: "suspended" | "approved" | "rollbackStarted" | "withdrawn" | "finished"; readonly at: number };

function ended(state: RingState, outcome: NonNullable<RingState["outcome"]>): RingState {
  return { ...state, phase: RingPhase.ended, outcome, approval: "none", held: false };
}

/** A ring that offered nothing ends at once; one that did is first taken back. */
function end(state: RingState, outcome: "cancelled" | "superseded"): RingState {
  if (state.phase === RingPhase.rollingBack) return state;
  return state.approval === "none" ? ended(state, outcome) : { ...state, ending: state.ending ?? outcome };
}

/** Rolls back a ring that offered something; one that did not simply ends. */
function startRollback(state: RingState, at: number): RingState {
  if (state.phase === RingPhase.upcoming) return end(state, "cancelled");
  if (state.phase === RingPhase.ended && state.outcome !== "completed") return state;
  if (state.phase === RingPhase.rollingBack || state.ending !== null) return state;
  return { ...state, phase: RingPhase.rollingBack, outcome: null, rollback: { requestedAt: at, startedAt: null } };
}

/** Lifting the service's pause is a decision to go on, so it ends the hold that came before it too. */
function resume(state: RingState, lifts: "tenant" | "service"): RingState {
  const pauses = { ...state.pauses, [lifts]: null };
  return { ...state, pauses, held: lifts === "service" ? false : state.held };
}

/** Grants come in order and once; a repeated one changes nothing. */
function withGrant(grants: RingState["grants"], wave: number, grant: GrantedWave): RingState["grants"] {
  return grants !== null && wave === grants.length ? [...grants, grant] : grants;
}

/** Waves open in order and once; a repeated confirmation changes nothing. */
function openWave(state: RingState, { wave, at, excluded }: Extract<RingEvent, { type: "waveOpened" }>): RingState {
  if (wave !== state.offeredAt.length) return state;
  return {
    ...state,
    phase: RingPhase.active,
    approval: "approved",
    offeredAt: [...state.offeredAt, at],
    offeringSince: at,
    excludedGroups: excluded ?? state.excludedGroups,
    readmits: wave < state.plan.waves.length - 1 ? state.readmits : false,
  };
}

function holdCohort(state: RingState, groupId: string): RingState {
  return { ...state, holdGroups: [...new Set([...state.holdGroups, groupId])] };
}

function releaseCohort(state: RingState, event: Extract<RingEvent, { type: "cohortReleased" }>): RingState {
  const { groupId, devices, wave } = event;
  const holdGroups = state.holdGroups.filter((id) => id !== groupId);
  const grants = wave === null ? state.grants : withGrant(state.grants, wave, { devices, last: true });
  const waits = state.grants === null && devices > 0 && allWavesOpened(state);
  return { ...state, holdGroups, grants, readmits: state.readmits || waits };
}

function exclude(state: RingState, { groups, wave, at }: Extract<RingEvent, { type: "excluded" }>): RingState {
  const offeredAt = wave === state.offeredAt.length ? [...state.offeredAt, at] : state.offeredAt;
  return { ...state, excludedGroups: groups, offeredAt };
}

function applyOpen(state: RingState, event: RingEvent): RingState {
  switch (event.type) {
    case "tenantPaused":
      return { ...state, pauses: { ...state.pauses, tenant: event.pause } };
    case "servicePaused":
      return { ...state, pauses: { ...state.pauses, service: state.pauses.service ?? event.pause } };
    case "extended": {
      const { tenant } = pausesAt(state.pauses, event.at);
      return tenant === null ? state : { ...state, pauses: { ...state.pauses, tenant: extended(tenant, event.at) } };
    }
    case "resumed":
      return resume(state, event.lifts);
    case "rollBack":
      return startRollback(state, event.at);
    case "uninstalled":
      return { ...state, uninstalled: true };
    case "cancelled":
    case "superseded":
      return end(state, event.type);
    case "held":
    case "released":
      return { ...state, held: event.type === "held" };
    case "waveGranted":
      return { ...state, grants: withGrant(state.grants, event.wave, event.grant) };
    case "replanned":
      return replan(state, event.plan);
    case "expedited":
    case "expediteEnded":
    case "hurried":
      return expediteRing(state, event);
    case "retargeted":
      return retarget(state);
    case "progress":
      return { ...state, counts: event.counts };
    case "policyError":
      return { ...state, policyError: event.message };
    case "policyOpened":
      return state.approval === "none" ? { ...state, approval: "approved" } : state;
    case "waveOpened":
      return openWave(state, event);
    case "cohortHeld":
      return holdCohort(state, event.groupId);
    case "cohortReleased":
      return releaseCohort(state, event);
    case "excluded":
      return exclude(state, event);
    case "suspended":
      return { ...state, approval: "suspended" };
    case "approved":
      return { ...state, approval: "approved", offeringSince: event.at, pauses: pausesAt(state.pauses, event.at) };
    case "rollbackStarted":
      return state.rollback === null
        ? state
        : { ...state, approval: "suspended", rollback: { ...state.rollback, startedAt: event.at } };
    case "withdrawn":
      return ended(state, state.rollback !== null ? "rolledBack" : (state.ending ?? "cancelled"));
    case "finished":
      return ended(state, "completed");
  }
}

const AFTER_COMPLETION: ReadonlySet<RingEvent["type"]> = new Set([
  "cohortHeld",
  "cohortReleased",
  "uninstalled",
  "excluded",
  "policyError",
]);

/**
 * The ring after an event. Events that no longer apply change nothing, so that one that crosses the ring's end is
 * harmless; refusals are the business of `applyReleaseCommand`. An ended ring only takes counts, and, if it completed, a
 * rollback, an uninstallation, and the holds of cohorts, whose devices may not have installed yet.
 */
export function applyRingEvent(state: RingState, event: RingEvent): RingState {
  if (state.phase !== RingPhase.ended) return applyOpen(state, event);
  if (event.type === "progress") return { ...state, counts: event.counts };
  if (event.type === "rollBack") return startRollback(state, event.at);
  if (event.type === "hurried") return expediteRing(state, event);
  // What keeps an expedite from being taken back is a problem after any end.
  if (event.type === "policyError" && isBrought(state)) return { ...state, policyError: event.message };
  return state.outcome === "completed" && AFTER_COMPLETION.has(event.type) ? applyOpen(state, event) : state;
}
