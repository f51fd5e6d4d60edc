import type { FinalOutcome } from "./outcome.js";
import { NOT_PAUSED, type Pauses, type TenantPause } from "./pauses.js";
import type { RingPlan } from "./plan.js";

export const RingPhase = {
  /** Nothing has been offered yet. */
  upcoming: "upcoming",
  active: "active",
  rollingBack: "rollingBack",
  ended: "ended",
} as const;
export type RingPhase = (typeof RingPhase)[keyof typeof RingPhase];

/** Devices of a ring by state, as the ledger counts them: size = held + notOffered + offered. */
export interface RingCounts {
  readonly size: number;
  readonly held: number;
  readonly notOffered: number;
  readonly offered: number;
  readonly open: number;
  readonly upToDate: number;
  readonly failed: number;
  readonly rolledBack: number;
}

/** A wave as wide as the evidence allowed (gate.md §3). */
export interface GrantedWave {
  readonly devices: number;
  /** Nobody is left in the ring after it. */
  readonly last: boolean;
  /** It opens although the gate holds. */
  readonly probe?: boolean;
}

/** What devices have been told of an expedite; equal ones need no new telling. */
export interface Brought {
  /** Waves that the expedite profile reaches; 0 for the ring's own settings. */
  readonly waves: number;
  /** Hold groups that it leaves out. */
  readonly excluded: readonly string[];
}

/** How a ring is or was expedited (autopatch.md §5.7). */
export interface RingExpedite {
  readonly id: string;
  /** Days until the forced restart; null: the service expedites, with 0/1/1. */
  readonly rebootDays: number | null;
  /** The ring's plan without it. */
  readonly ordinary: RingPlan;
  /** Null: nothing is in the tenant, or not any more. */
  readonly brought: Brought | null;
}

/** Everything a ring's orchestrator carries from step to step. Plain JSON; instants in ms. */
export interface RingState {
  readonly v: 1;
  readonly plan: RingPlan;
  readonly phase: RingPhase;
  readonly outcome: FinalOutcome | null;
  /** When each opened wave was offered. */
  readonly offeredAt: readonly number[];
  /** When the offer last became effective: last wave, or approval after a pause. Install time counts from here. */
  readonly offeringSince: number | null;
  /** What the update service has been told about this ring's release. */
  readonly approval: "none" | "approved" | "suspended";
  readonly pauses: Pauses;
  /** The release's shared gate holds new offers. */
  readonly held: boolean;
  /** Waves that the release has granted, in their order; null: the ring opens the waves of its plan by itself. */
  readonly grants: readonly GrantedWave[] | null;
  /** Directory groups of the cohorts that the release holds: its policy has to leave them out (gate.md §5). */
  readonly holdGroups: readonly string[];
  /** Those that the ring's policy leaves out. */
  readonly excludedGroups: readonly string[];
  /** Devices of a released hold wait to be offered, after all waves of the ring's plan. */
  readonly readmits: boolean;
  /** The update is expedited in this ring now. */
  readonly expedited: boolean;
  /** The latest expedite, in force or over; absent: there was none. */
  readonly expedite?: RingExpedite;
  /** Set once the ring is to end without completing; the ring ends when the effect is confirmed. */
  readonly ending: "cancelled" | "superseded" | null;
  readonly rollback: { readonly requestedAt: number; readonly startedAt: number | null } | null;
  /** Beside the release people had the update uninstalled in the ring; absent: nobody had. It stays so. */
  readonly uninstalled?: true;
  readonly counts: RingCounts | null;
  /** What is wrong with the ring's policies, if anything. */
  readonly policyError: string | null;
  /** Days after installation in which devices can uninstall. */
  readonly uninstallWindowDays: number;
}

/** Whether people had the update uninstalled in a ring: what is rolled back there says nothing about the update. */
export function isUninstalled({ rollback, uninstalled }: Pick<RingState, "rollback" | "uninstalled">): boolean {
  return rollback !== null || uninstalled === true;
}

export interface RingStart {
  readonly plan: RingPlan;
  readonly uninstallWindowDays: number;
  /** The release grants its waves. Default: it opens the waves of its plan. */
  readonly measured?: boolean;
  /** A tenant pause that the ring already has; it outlives the release during which it was set (§5.6, §5.8). */
  readonly tenantPause?: TenantPause | undefined;
}

/** The state of a ring before its first step. */
export function ringAtStart({ plan, uninstallWindowDays, measured = false, tenantPause }: RingStart): RingState {
  return {
    v: 1,
    plan,
    phase: RingPhase.upcoming,
    outcome: null,
    offeredAt: [],
    offeringSince: null,
    approval: "none",
    pauses: { ...NOT_PAUSED, tenant: tenantPause ?? null },
    held: false,
    grants: measured ? [] : null,
    holdGroups: [],
    excludedGroups: [],
    readmits: false,
    expedited: false,
    ending: null,
    rollback: null,
    counts: null,
    policyError: null,
    uninstallWindowDays,
  };
}
