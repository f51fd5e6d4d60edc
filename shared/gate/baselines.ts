import type { ReleaseKind } from "../updates/update.js";
import { type FinishedDeployment, type GateHistory, learnHistory, teaching } from "./history.js";
import { ARRIVAL_DAYS } from "./method.js";
import { DEFAULT_NO_RETURN, learnNoReturn, type NoReturnCurve } from "./silence.js";

/** Why a deployment teaches nothing (gate.md §2.5). */
export const Disturbance = {
  /** The gate held new offers, or would have: it was off or set to advise. */
  held: "held",
  /** The gate or the monitoring rule paused it, or would have. */
  paused: "paused",
  /** A cohort of its devices was held back. */
  safeguardHold: "safeguardHold",
  rolledBack: "rolledBack",
  tenantPause: "tenantPause",
  /** It was cancelled or superseded. */
  notCompleted: "notCompleted",
} as const;
export type Disturbance = (typeof Disturbance)[keyof typeof Disturbance];

/** A finished release as the service remembers it, disturbed or not. */
export interface KeptDeployment extends FinishedDeployment {
  readonly releaseId: string;
  readonly groupId: string;
  readonly kind: ReleaseKind;
  /** Catalogue entry, the same for all groups. */
  readonly updateId: string;
  readonly updateName: string;
  /** Devices whose installation began. */
  readonly started: number;
  /** Those that came back, by days since their installation began; 15 bins. */
  readonly returnAgeBins: readonly number[];
  readonly disturbedBy: readonly Disturbance[];
}

/**
 * Devices of the default curve on top of which S is learned. S falls to zero where few devices happened to come back all
 * of them, and then the next one that is lost would be overwhelming evidence; these make it four in two hundred first.
 */
const PRIOR_STARTED = 200;

/**
 * What finished deployments of one kind of update have taught an Autopatch group (gate.md §2): p0 and its variation from
 * the latest six updates, pooled over all groups; F per ring and S from the group's own latest six deployments, for they
 * hang on its deadlines and on how its people work. A group that has none of its own takes everybody's S.
 * @param deployments all of the kind, in any order
 */
export function learnBaseline(deployments: readonly KeptDeployment[], groupId: string): GateHistory {
  const { p0, p0Variation, deployments: count } = learnHistory(poolGroups(deployments));
  const own = teaching(deployments.filter((deployment) => deployment.groupId === groupId));
  const noReturn = learnReturns(own) ?? learnReturns(teaching(deployments));
  const { arrivals } = learnHistory(own);
  return { p0, p0Variation, deployments: count, arrivals, ...(noReturn === undefined ? {} : { noReturn }) };
}

/** One deployment per update: groups that got the same update in the same weeks tell once how months differ. */
function poolGroups(deployments: readonly KeptDeployment[]): FinishedDeployment[] {
  const byUpdate = new Map<string, FinishedDeployment>();
  for (const { disturbed, updateId, finishedAt, resolved, failures } of deployments) {
    if (disturbed) continue;
    const known = byUpdate.get(updateId);
    byUpdate.set(updateId, {
      finishedAt: Math.max(finishedAt, known?.finishedAt ?? 0),
      resolved: resolved + (known?.resolved ?? 0),
      failures: failures + (known?.failures ?? 0),
      reportAgeBins: {},
      disturbed,
    });
  }
  return [...byUpdate.values()];
}

function learnReturns(deployments: readonly KeptDeployment[]): NoReturnCurve | undefined {
  const started = deployments.reduce((sum, deployment) => sum + deployment.started, 0);
  if (started === 0) return undefined;
  const bins = Array.from({ length: ARRIVAL_DAYS }, (_, day) => {
    const back = (DEFAULT_NO_RETURN[day - 1] ?? 1) - (DEFAULT_NO_RETURN[day] ?? 0);
    return deployments.reduce((sum, { returnAgeBins }) => sum + (returnAgeBins[day] ?? 0), PRIOR_STARTED * back);
  });
  return learnNoReturn(PRIOR_STARTED + started, bins);
}

/** Ids of the releases that p0 rests on: of the latest six undisturbed updates. */
export function countingReleases(deployments: readonly KeptDeployment[]): ReadonlySet<string> {
  const undisturbed = deployments.filter(({ disturbed }) => !disturbed);
  const latest = new Map<string, number>();
  for (const { updateId, finishedAt } of undisturbed) {
    latest.set(updateId, Math.max(finishedAt, latest.get(updateId) ?? 0));
  }
  const pooled = [...latest].map(([updateId, finishedAt]) => ({ updateId, finishedAt, disturbed: false }));
  const counting = new Set(teaching(pooled).map(({ updateId }) => updateId));
  return new Set(undisturbed.filter(({ updateId }) => counting.has(updateId)).map(({ releaseId }) => releaseId));
}
