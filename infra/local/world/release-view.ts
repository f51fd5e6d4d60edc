/** A safeguard hold of a release, as far as local commands show it. */
export interface HoldView {
  readonly cohort: string;
  readonly status: string;
}

/** A missed service level objective, as far as local commands show it. */
export interface IncidentView {
  readonly releaseId: string;
  readonly ring: string;
  readonly openedAt: string;
  readonly summary: string;
  readonly closed: { readonly because: string } | null;
}

/** The parts of the API's release view that local commands show. */
export interface ReleaseView {
  readonly id: string;
  readonly status: string;
  readonly outcome: string | null;
  readonly update: {
    readonly workload: string;
    readonly name: string;
    readonly catalogEntryId: string;
    readonly releasedAt: string;
    readonly revisions: readonly { readonly version: string; readonly kb: string; readonly build: string }[];
  };
  readonly gate: { readonly mode: string; readonly verdict: string; readonly pausedAt: string | null };
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly needsPerson: boolean;
  readonly approvalsAsked: number;
  readonly rings: readonly RingView[];
}

export interface RingView {
  readonly ring: number;
  readonly name: string;
  readonly size: number;
  readonly opensAt: string;
  readonly targetAt: string | null;
  readonly sloAt: string | null;
  readonly openedAt: string | null;
  readonly completedAt: string | null;
  readonly status: string;
  readonly offered: number;
  readonly notOffered: number;
  readonly held: number;
  readonly upToDate: number;
  readonly failed: number;
  readonly rolledBack: number;
  readonly open: number;
}

export interface DecisionView {
  readonly at: string;
  readonly verdict: string;
  readonly [evidence: string]: unknown;
}
