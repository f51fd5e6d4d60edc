import { publishedAt } from "../calendar/publication.js";
import type { GateHistory } from "../gate/history.js";
import { settingsOf } from "../groups/ring.js";
import type { StoredGroup } from "../groups/store.js";
import { type QualityUpdate, updateKind } from "../updates/quality-update.js";
import { Supersedence, supersedence } from "../updates/supersedence.js";
import { planRings } from "./plan.js";
import { inheritedPauses, releaseAtStart } from "./release-state.js";
import { ringAtStart } from "./ring-state.js";
import type { Release, ReleaseRing } from "./store.js";
import { targetOf } from "./target.js";

export interface NewRelease {
  readonly id: string;
  readonly group: StoredGroup;
  readonly update: QualityUpdate;
  /** All releases there are; running ones of the same group are what this one may supersede. */
  readonly others: readonly Release[];
  /** What finished releases have taught; the release is judged by it all along (gate.md §2). */
  readonly history: GateHistory;
  /** Domain time, ms. */
  readonly now: number;
}

/** The release of an update in a group before anything happened. Tenant pauses of rings carry over (autopatch.md §5.8). */
export function newRelease({ id, group, update, others, history, now }: NewRelease): Release {
  const running = others.filter((other) => other.groupId === group.id && other.state.phase === "active");
  const { definition } = group;
  const tenantPauses = Object.assign({}, ...running.map(({ state }) => inheritedPauses(state, now)));
  return {
    id,
    groupId: group.id,
    groupName: definition.name,
    update,
    publishedAt: publishedAt(update),
    startedAt: now,
    endedAt: null,
    gate: definition.gate,
    history,
    monitoringRule: definition.monitoringRule ?? null,
    ruleAlerted: false,
    predecessors: running
      .filter((other) => supersedence(update, other.update) !== Supersedence.none)
      .map((other) => other.id),
    prepared: false,
    state: releaseAtStart({
      releaseId: id,
      rings: definition.rings.map(({ name }) => name),
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

/** The rings of a new release, with their dates and with the settings they keep until it ends. */
export function newRings(release: Release, group: StoredGroup): ReleaseRing[] {
  const { definition } = group;
  const plans = planRings({
    kind: updateKind(release.update),
    publishedAt: release.publishedAt,
    rings: definition.rings,
  });
  return definition.rings.flatMap((ring, index) => {
    const [plan, target] = [plans[index], targetOf(group, ring.name)];
    if (plan === undefined || target === undefined) return [];
    const tenantPause = release.state.rings[index]?.pauses.tenant ?? undefined;
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
