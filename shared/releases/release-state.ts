import { GATE_AT_START, type GateState } from "../gate/gate.js";
import { type FinalOutcome, ReleaseOutcome } from "./outcome.js";
import { NOT_PAUSED, type Pauses, pausesAt, type TenantPause } from "./pauses.js";
import { RingPhase } from "./ring-state.js";

/** What the release knows of a ring: enough to allow or refuse a command without asking the ring. */
export interface RingView {
  readonly ring: string;
  readonly phase: RingPhase;
  readonly outcome: FinalOutcome | null;
  /** First offer, ms. */
  readonly openedAt: number | null;
  readonly pauses: Pauses;
}

/** How a release is being brought to its end by a decision, and by whom. */
export interface Ending {
  readonly outcome: Exclude<FinalOutcome, "completed">;
  readonly at: number;
  /** A person, or the id of the superseding release. */
  readonly by: string;
  readonly justification?: string;
}

/** Everything the release's orchestrator carries. Plain JSON; instants in ms. */
export interface ReleaseState {
  readonly v: 1;
  readonly releaseId: string;
  readonly phase: "active" | "ended";
  readonly outcome: FinalOutcome | null;
  readonly ending: Ending | null;
  /** In ring order. */
  readonly rings: readonly RingView[];
  readonly gate: GateState;
  readonly uninstallWindowDays: number;
}

export interface ReleaseStart {
  readonly releaseId: string;
  readonly rings: readonly string[];
  readonly uninstallWindowDays: number;
  /** Tenant pauses the rings already have, by ring (`inheritedPauses`). */
  readonly tenantPauses?: Readonly<Record<string, TenantPause>>;
}

/** The state of a release before anything happened. */
export function releaseAtStart({
  releaseId,
  rings,
  uninstallWindowDays,
  tenantPauses = {},
}: ReleaseStart): ReleaseState {
  return {
    v: 1,
    releaseId,
    phase: "active",
    outcome: null,
    ending: null,
    rings: rings.map((ring) => ({
      ring,
      phase: RingPhase.upcoming,
      outcome: null,
      openedAt: null,
      pauses: { ...NOT_PAUSED, tenant: tenantPauses[ring] ?? null },
    })),
    gate: GATE_AT_START,
    uninstallWindowDays,
  };
}

/** Tenant pauses in force at `now` by ring: the next release of the group starts with them (autopatch.md §5.6, §5.8). */
export function inheritedPauses(state: ReleaseState, now: number): Record<string, TenantPause> {
  const inherited: Record<string, TenantPause> = {};
  for (const { ring, pauses } of state.rings) {
    const { tenant } = pausesAt(pauses, now);
    if (tenant !== null) inherited[ring] = tenant;
  }
  return inherited;
}

/** Rings that can still change anything. */
export function openRings(state: ReleaseState): RingView[] {
  return state.rings.filter(({ phase }) => phase !== RingPhase.ended);
}

/** Whether nothing moves until a person decides: every open ring is paused by the service and none rolls back. */
export function needsPerson(state: ReleaseState): boolean {
  const open = openRings(state);
  return (
    open.length > 0 && open.every(({ phase, pauses }) => pauses.service !== null && phase !== RingPhase.rollingBack)
  );
}

/** The outcome to report: final, `paused` while only a person can move the release, or null while it runs. */
export function outcomeAt(state: ReleaseState): ReleaseOutcome | null {
  return state.outcome ?? (needsPerson(state) ? ReleaseOutcome.paused : null);
}
