import { toleratedRate } from "../gate/method.js";
import type { OffersDecision } from "../gate/offers.js";
import { type DeviceRow, noDevices, type ReleaseSummary, type RingSummary } from "../ledger/index.js";
import { percentOf } from "../slo/percent.js";
import { workloadOf } from "../updates/update.js";
import { workloadFor } from "../workloads/index.js";
import { deviceSlo } from "./device-slo.js";
import type { ReleaseExpedite } from "./expedite.js";
import { holdsInForce } from "./holds.js";
import type { RingPlan } from "./plan.js";
import { needsPerson, outcomeAt } from "./release-state.js";
import { settingsInForce } from "./ring-expedite.js";
import { ringStatus } from "./ring-status.js";
import type { HeardSilence } from "./silence.js";
import type { Release, ReleaseRing } from "./store.js";

const iso = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());

/** A release as the API shows it; instants are ISO 8601 in UTC. */
export function releaseView(release: Release, summary?: ReleaseSummary) {
  const { id, groupId, groupName, update, state, gate, control, evidence, history, silence = null } = release;
  return {
    id,
    group: { id: groupId, name: groupName },
    update: {
      workload: workloadOf(update),
      name: update.shortName,
      displayName: update.displayName,
      catalogEntryId: update.catalogEntryId,
      releasedAt: new Date(release.publishedAt).toISOString(),
      revisions: update.revisions.map(({ version, kb, build }) => ({ version, kb, build })),
    },
    status: statusOf(release),
    outcome: outcomeAt(state),
    needsPerson: needsPerson(state),
    gate: {
      mode: gate.mode,
      limits: workloadFor(update).unstoppable?.because ?? null,
      verdict: state.gate.decision,
      since: iso(state.gate.since),
      pausedAt: iso(release.pausedAt),
      pauseReason: release.pauseReason,
      evidence:
        evidence === null
          ? null
          : { e: evidence.e, failures: evidence.failures, exposure: evidence.nEff, toleratedRate: evidence.pTol },
      silence: silence === null ? null : silenceView(silence),
      baseline: {
        p0: history.p0,
        p0Variation: history.p0Variation,
        updates: history.deployments,
        toleratedRate: toleratedRate(history.p0, history.p0Variation),
      },
      offers: control === null ? null : offersView(control),
      likelyIssues: likelyIssuesView(release),
      holds: holdsInForce(release).map(({ id, cohort, since }) => ({ id, cohort, since: iso(since) })),
    },
    monitoringRule: release.monitoringRule,
    expedite: release.expedite === undefined ? null : releaseExpediteView(release.expedite),
    ending: state.ending === null ? null : { ...state.ending, at: iso(state.ending.at) },
    problem: release.problem,
    startedAt: new Date(release.startedAt).toISOString(),
    endedAt: iso(release.endedAt),
    approvalsAsked: release.approvalsAsked,
    ...(summary === undefined ? {} : { rejectedSignals: summary.rejected }),
  };
}

/** What devices say that began to install and have not come back (gate.md §4). */
function silenceView({ e, decision, overdue, started, stretch }: HeardSilence) {
  return { e, verdict: decision, overdue, started, stretch };
}

/** Devices held by ring because they are like those that failed (gate.md §6); null where no ring was looked at. */
function likelyIssuesView({ likelyIssues }: Pick<Release, "likelyIssues">) {
  if (likelyIssues === undefined) return null;
  const { rings, quiet, ended } = likelyIssues;
  return {
    rings: rings.map((ring) => ({ ...ring, since: iso(ring.since) })),
    quietSince: iso(quiet.since),
    endedAt: iso(ended?.at ?? null),
  };
}

/** How the release is or was expedited; `rebootDays` null: by the service, with 0/1/1. */
function releaseExpediteView({ id, rebootDays, since, endedAt }: ReleaseExpedite) {
  return { id, rebootDays, since: iso(since), endedAt: iso(endedAt) };
}

/** What the controller said last of rings that wait: how many devices may be offered, and why not more (gate.md §3). */
function offersView({ version, allowed, stake, ucb, limitedBy, waves, input }: OffersDecision) {
  const { harmBound, now, waiting } = input;
  const rings = waiting.map(({ ring, left }) => ({ ring, left }));
  return {
    at: new Date(now).toISOString(),
    method: version,
    allowed,
    waves,
    waiting: rings,
    harmBound,
    stake,
    upperRate: ucb,
    limitedBy,
  };
}

function statusOf({ state, pauseReason, prepared, problem }: Release): string {
  const outcome = outcomeAt(state);
  if (state.outcome !== null) return state.outcome;
  if (problem !== null) return "Problem";
  if (outcome === "paused" || pauseReason !== null) return "Paused by Service";
  if (state.ending !== null) return `Ending: ${state.ending.outcome}`;
  return prepared ? "Active" : "Preparing";
}

/** A ring of a release as the API shows it (autopatch.md §5.11). */
export function ringView(
  { ring, state, openedAt, endedAt, settings }: ReleaseRing,
  counts: RingSummary = noDevices(),
  now = 0,
) {
  const { plan, pauses } = state;
  return {
    ring: plan.index,
    name: ring,
    status: ringStatus(state, now),
    opensAt: new Date(plan.availableAt).toISOString(),
    targetAt: iso(plan.targetAt),
    sloAt: iso(plan.sloAt),
    sloDays: plan.sloAt === null ? null : settings.qualityDeferralDays + settings.qualityDeadlineDays + 5,
    deferralDays: settingsInForce(settings, state, now).qualityDeferralDays,
    deadlineDays: plan.deadlineDays,
    graceDays: plan.graceDays,
    openedAt: iso(openedAt),
    completedAt: state.outcome === "completed" ? iso(endedAt) : null,
    // Granted by the release as the evidence allows; null where the ring opens the waves of its plan by itself.
    waves: { planned: plan.waves.length, granted: state.grants?.length ?? null, opened: state.offeredAt.length },
    pausedUntil: iso(pauses.tenant?.until ?? null),
    problem: state.policyError,
    percentUpToDate: percentOf(counts.upToDate, counts.size),
    ...counts,
  };
}

/** A device of a release as the API shows it, with the day of its own service level objective (autopatch.md §5.5). */
export function deviceView(row: DeviceRow, plan: RingPlan) {
  const firstSeenAt = row.log.length === 0 ? null : Math.min(...row.log.map(({ at }) => at));
  const offeredAt = row.offeredAt === undefined ? null : Date.parse(row.offeredAt);
  const slo = deviceSlo(plan, { offeredAt, firstSeenAt });
  return { ...row, becameActiveAt: iso(slo.becameActiveAt), sloAt: iso(slo.sloAt) };
}
