import type { Graph } from "../graph/graph.js";
import { carriesTag } from "../graph/names.js";
import { ensurePolicy } from "../graph/policies/ensure.js";
import { featureUpdateArea } from "../graph/policies/intune-areas.js";
import type { DesiredPolicy, FoundPolicy } from "../graph/policies/types.js";
import { notYet, oldestFirst } from "../graph/settle.js";
import { setFeaturePause, setRollBack } from "../graph/update-rings.js";
import { GroupStatus, listGroups, type StoredGroup } from "../groups/store.js";
import { inTurn } from "../in-turn.js";
import { auditWrites } from "../policies/policy-audit.js";
import { phasePolicy, ringsOf } from "./policy.js";
import { type FeatureRelease, FeatureStatus, type Phase } from "./release.js";
import { changeFeatureRelease, listFeatureReleases } from "./store.js";
import { isPausedIn } from "./suspensions.js";
import { isRollingBack } from "./uninstall.js";

/**
 * Brings phases to the tenant: their policies with version, dates and assignments, and the pause of their rings. What is
 * in order is not touched; a phase that somebody changes meanwhile stays pending, and is brought there again. What keeps
 * one phase from it keeps no other.
 * @param scope `pending`: what decisions have changed; `all`: also what was changed in the tenant, and pauses that
 * would end
 */
export async function applyPhases(graph: Graph, now: number, scope: "pending" | "all"): Promise<void> {
  const work = (await listFeatureReleases()).flatMap((release) =>
    release.phases.filter((phase) => isWork(phase, scope)).map((phase) => ({ release, phase })),
  );
  if (work.length === 0) return;
  // Directory groups of one that is being deleted go, and nothing can be assigned to them any more.
  const groups = (await listGroups()).filter(({ status }) => status !== GroupStatus.deleting);
  const known = await featureUpdateArea.list(graph);
  // What leaves a group comes first, so that nobody is in two phases meanwhile.
  const leaving = ({ phase }: { phase: Phase }) => (phase.rings.some(({ movedTo }) => movedTo !== null) ? 0 : 1);
  const steps = work
    .sort((a, b) => leaving(a) - leaving(b))
    .map(({ release, phase }) => async () => {
      const isUnmade = phase.policyId === null && phase.status === FeatureStatus.inactive;
      const policyId = isUnmade ? null : await applyPhase(graph, { release, phase, groups, known, now });
      await settle(release.id, phase, policyId);
    });
  await inTurn(steps);
}

function isWork({ status, pending }: Phase, scope: "pending" | "all"): boolean {
  const isKept = status === FeatureStatus.active || status === FeatureStatus.paused;
  return pending || (scope === "all" && isKept);
}

interface Applied {
  readonly release: FeatureRelease;
  readonly phase: Phase;
  readonly groups: readonly StoredGroup[];
  /** Feature update profiles of the tenant. */
  readonly known: readonly FoundPolicy[];
  readonly now: number;
}

async function applyPhase(graph: Graph, { release, phase, groups, known, now }: Applied): Promise<string> {
  const policy = phasePolicy(release, phase, groups);
  const options = { known: adopted(known, policy), note: auditWrites(policy, now) };
  const policyId = await ensurePolicy(graph, featureUpdateArea, policy, options);
  for (const phaseRing of ringsOf(phase)) {
    const { groupId, ring } = phaseRing;
    const isPaused = isPausedIn(phase, phaseRing);
    if (!isPaused && !phase.pending) continue;
    const binding = groups.find(({ id }) => id === groupId)?.bindings[ring];
    if (binding === undefined || (binding.updateRingPolicyId === undefined && !isPaused)) continue;
    if (binding.updateRingPolicyId === undefined) throw notYet(`The update ring of ${groupId} ${ring}`);
    await setRollBack(graph, binding.updateRingPolicyId, "feature", isRollingBack(phaseRing));
    await setFeaturePause(graph, binding.updateRingPolicyId, isPaused, now);
  }
  return policyId;
}

/**
 * The profiles with the one of the policy's very name taken for its own, should its description have lost the tag: a
 * policy of that name is never made twice.
 */
function adopted(known: readonly FoundPolicy[], { tag, name }: DesiredPolicy): FoundPolicy[] {
  if (known.some((each) => carriesTag(each, tag))) return [...known];
  const [named] = oldestFirst(known.filter(({ displayName }) => displayName === name));
  return known.map((each) => (each === named ? { ...each, description: `[${tag}]` } : each));
}

/** Says that a phase is in the tenant as it was read. */
async function settle(releaseId: string, applied: Phase, policyId: string | null): Promise<void> {
  await changeFeatureRelease(releaseId, (release) => {
    const present = release.phases.find(({ number }) => number === applied.number);
    if (present === undefined || JSON.stringify(present) !== JSON.stringify(applied)) return release;
    if (!applied.pending && applied.policyId === policyId) return release;
    const settled = { ...applied, pending: false, policyId };
    return { ...release, phases: release.phases.map((phase) => (phase === present ? settled : phase)) };
  });
}
