import type { Compliance } from "../slo/percent.js";
import type { Workload } from "../updates/update.js";

/** Why an incident is over. */
export const IncidentEnd = {
  /** The objective is met. */
  met: "met",
  /** A newer update is the latest one now. */
  superseded: "superseded",
  /** The release was cancelled or rolled back, or its group is gone: nobody is to have the update any more. */
  withdrawn: "withdrawn",
} as const;
export type IncidentEnd = (typeof IncidentEnd)[keyof typeof IncidentEnd];

/** How far a ring was from its objective at one look. */
export interface IncidentUpdate {
  /** ms, as are the other instants. */
  readonly at: number;
  readonly upToDate: number;
  /** Devices that count (autopatch.md §5.5). */
  readonly denominator: number;
  /** One decimal, rounded down. */
  readonly percent: number | null;
}

/**
 * A missed service level objective: of a ring in a release, or of a whole group whose devices are not on a supported
 * Windows version (autopatch.md §5.5, §6.1, §11). Plain JSON.
 */
export interface SloIncident {
  /** `<release> <ring>`, or `supported <group>`. */
  readonly id: string;
  readonly workload: Workload;
  /** Null: it is about no release. */
  readonly releaseId: string | null;
  readonly groupId: string;
  readonly groupName: string;
  /** What devices should have: `2024.06 B`. */
  readonly update: string;
  /** Null: it is about all rings of the group. */
  readonly ring: string | null;
  /** Percent that have to be up to date. */
  readonly objective: number;
  /** The day by which they had to be. */
  readonly sloAt: number;
  readonly openedAt: number;
  /** One for every daily look, the oldest first. */
  readonly updates: readonly IncidentUpdate[];
  readonly closed: { readonly at: number; readonly because: IncidentEnd } | null;
}

/** A ring at a look. */
export interface RingAtLook
  extends Pick<SloIncident, "workload" | "releaseId" | "groupId" | "groupName" | "update" | "ring" | "objective"> {
  /** Null: the ring is outside the objective (scheduled installation, or before its dates are known). */
  readonly sloAt: number | null;
  /** The service expedites the update: the objective is suspended (autopatch.md §5.5). */
  readonly expedited: boolean;
  /** Why the ring need not have the update any more; null while it has to. */
  readonly over: Exclude<IncidentEnd, "met"> | null;
  readonly compliance: Compliance;
}

/** The id of the incident of a group whose devices are not on a supported Windows version. */
export function supportIncidentId(groupId: string): string {
  return `supported ${groupId}`;
}

/** Most looks that an incident keeps; the first one and the newest of them are kept. */
const MOST_UPDATES = 100;

/**
 * What a daily look makes of a ring: a missed objective opens an incident, each look updates it, and it ends when the
 * objective is met, or when nobody has to have the update any more. 95.0 % meet the objective, 94.9 % miss it.
 * @param open the ring's incident, if one is open
 * @returns the incident as it is now; undefined where there is none
 */
export function followIncident(open: SloIncident | undefined, ring: RingAtLook, now: number): SloIncident | undefined {
  const { over, compliance, sloAt, expedited, workload, releaseId, groupId, groupName, update, objective } = ring;
  const { upToDate, denominator, percent } = compliance;
  const seen = { at: now, upToDate, denominator, percent };
  if (open !== undefined) {
    const because = over ?? (compliance.met ? IncidentEnd.met : null);
    const updates = [...open.updates.slice(0, 1), ...open.updates.slice(1).slice(2 - MOST_UPDATES), seen];
    return { ...open, updates, closed: because === null ? null : { at: now, because } };
  }
  if (over !== null || sloAt === null || expedited || now < sloAt || compliance.met) return undefined;
  return {
    ...{
      id: releaseId === null ? supportIncidentId(groupId) : `${releaseId} ${ring.ring}`,
      workload,
      releaseId,
      groupId,
      groupName,
      update,
      ring: ring.ring,
    },
    ...{ objective, sloAt, openedAt: now, updates: [seen], closed: null },
  };
}
