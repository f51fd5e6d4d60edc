import type { ReleaseKind } from "../updates/update.js";
import { countingReleases, type KeptDeployment, learnBaseline } from "./baselines.js";
import { teaching } from "./history.js";
import { toleratedRate } from "./method.js";
import { DEFAULT_NO_RETURN } from "./silence.js";

/**
 * What the gate of the next release of a kind of update in an Autopatch group starts from, as the API shows it: curves
 * are shares at the ends of the days 1 to 15. Of other groups' deployments it says only how many p0 rests on.
 * @param deployments all finished ones of the kind
 */
export function baselineView(
  kind: ReleaseKind,
  group: { readonly id: string; readonly name: string },
  deployments: readonly KeptDeployment[],
) {
  const { p0, p0Variation, deployments: updates, arrivals, noReturn } = learnBaseline(deployments, group.id);
  const own = deployments.filter(({ groupId }) => groupId === group.id);
  const counting = countingReleases(deployments);
  const ownCurves = new Set(teaching(own).map(({ releaseId }) => releaseId));
  return {
    kind,
    group,
    p0,
    p0Variation,
    toleratedRate: toleratedRate(p0, p0Variation),
    /** Updates that p0 rests on, and the releases of them in all groups. */
    learnedFrom: { updates, releases: counting.size },
    arrivals,
    noReturn: { learned: noReturn !== undefined, curve: noReturn ?? DEFAULT_NO_RETURN },
    deployments: own
      .toSorted((a, b) => b.finishedAt - a.finishedAt)
      .map((one) => ({
        releaseId: one.releaseId,
        update: one.updateName,
        finishedAt: new Date(one.finishedAt).toISOString(),
        reports: one.resolved,
        failures: one.failures,
        counts: { rate: counting.has(one.releaseId), curves: ownCurves.has(one.releaseId) },
        why: whyNot(one, counting.has(one.releaseId) || ownCurves.has(one.releaseId)),
      })),
  };
}

/** Why a deployment teaches nothing; empty where it teaches. */
function whyNot({ disturbedBy }: KeptDeployment, counts: boolean): readonly string[] {
  if (counts) return [];
  return disturbedBy.length > 0 ? disturbedBy : ["olderThanLatestSix"];
}
