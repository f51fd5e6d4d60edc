import type { GateHistory } from "../gate/history.js";
import { GateMode } from "../groups/group.js";
import { settingsOf } from "../groups/ring.js";
import type { StoredGroup } from "../groups/store.js";
import { Supersedence } from "../updates/supersedence.js";
import { publishedAt, type Update, workloadOf } from "../updates/update.js";
import { workloadFor } from "../workloads/index.js";
import { Offers, type WorkloadModule } from "../workloads/workload.js";
import { enforceable } from "./monitoring-rule.js";
import { inheritedPauses, releaseAtStart } from "./release-state.js";
import { ringAtStart } from "./ring-state.js";
import type { Release, ReleaseRing } from "./store.js";
import { targetOf } from "./target.js";

export interface NewRelease {
  readonly id: string;
  readonly group: StoredGroup;
  readonly update: Update;
  /** All releases there are; running ones of the same group are what this one may supersede. */
  readonly others: readonly Release[];
  /** What finished releases have taught; the release is judged by it all along (gate.md §2). */
  readonly history: GateHistory;
  /** Domain time, ms. */
  readonly now: number;
}

/** The release of an update in a group before anything happened. Tenant pauses of rings carry over (autopatch.md §5.8). */
export function newRelease({ id, group, update, others, history, now }: NewRelease): Release {
  const running = others.filter(
    (other) =>
      other.groupId === group.id && other.state.phase === "active" && workloadOf(other.update) === workloadOf(update),
  );
  const { definition } = group;
  const workload = workloadFor(update);
  const rings = workload.plan(update, group).map(({ ring }) => ring);
  const tenantPauses = Object.assign({}, ...running.map(({ state }) => inheritedPauses(state, now)));
  return {
    id,
    groupId: group.id,
    groupName: definition.name,
    update,
    publishedAt: publishedAt(update),
    startedAt: now,
    endedAt: null,
    gate: gateFor(workload, definition),
    history,
    monitoringRule: enforceable(workload, definition.monitoringRule ?? null),
    ruleAlerted: false,
    predecessors: running
      .filter((other) => workload.supersedence(update, other.update) !== Supersedence.none)
      .map((other) => other.id),
    prepared: false,
    state: releaseAtStart({
      releaseId: id,
      rings,
      uninstallWindowDays: definition.common.uninstallWindowDays,
      tenantPauses,
    }),
    pausedAt: null,
    pauseReason: null,
    evidence: null,
    silence: null,
    checkIns: null,
    control: null,
    grants: [],
    holds: [],
    advice: [],
    examinedFailures: 0,
    nextWaitingAt: null,
    handled: [],
    approvalsAsked: 0,
    problem: null,
    completedRings: "approved",
    closed: false,
    revision: 0,
  };
}

/**
 * How updates of a workload are judged. A standing policy reaches its whole ring at once, so that there are no waves to
 * grant and no devices to keep back; what nothing can stop is measured only.
 */
function gateFor({ offers, unstoppable }: WorkloadModule, { gate }: StoredGroup["definition"]): Release["gate"] {
  if (offers === Offers.metered) return gate;
  const mode = unstoppable?.what === "all" ? GateMode.off : gate.mode;
  return { ...gate, mode, offers: "planned", likelyIssues: false };
}

/** The rings of a new release, with their dates and with the settings they keep until it ends. */
export function newRings(release: Release, group: StoredGroup): ReleaseRing[] {
  const { definition } = group;
  const plans = workloadFor(release.update).plan(release.update, group);
  return definition.rings.flatMap((ring) => {
    const [plan, target] = [plans.find((each) => each.ring === ring.name), targetOf(group, ring.name)];
    if (plan === undefined || target === undefined) return [];
    const tenantPause = release.state.rings.find((each) => each.ring === ring.name)?.pauses.tenant ?? undefined;
    return {
      releaseId: release.id,
      ring: ring.name,
      target,
      settings: settingsOf(ring),
      state: ringAtStart({
        plan,
        uninstallWindowDays: definition.common.uninstallWindowDays,
        measured: release.gate.mode === "enforce" && release.gate.offers === "measured",
        tenantPause,
      }),
      policy: null,
      waveGroups: [],
      openedAt: null,
      endedAt: null,
      seen: [],
      revision: 0,
    };
  });
}
