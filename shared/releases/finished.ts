import { Disturbance, type KeptDeployment } from "../gate/baselines.js";
import { computeEvidence } from "../gate/evidence.js";
import type { ReleaseSummary, WaveSummary } from "../ledger/index.js";
import { releaseKind } from "../updates/update.js";
import type { Decision } from "./decisions.js";
import { isExpedited } from "./expedite.js";
import { stepsOf } from "./news.js";
import type { RingLetter } from "./ring-inbox.js";
import { isUninstalled } from "./ring-state.js";
import type { Release, ReleaseRing } from "./store.js";

/** A release that has ended, with everything that tells what it teaches. */
export interface Finished {
  readonly release: Release;
  readonly rings: readonly ReleaseRing[];
  readonly summary: ReleaseSummary;
  readonly decisions: readonly Decision[];
  /** Everything its rings were told. */
  readonly letters: readonly RingLetter[];
}

/**
 * What a finished release teaches (gate.md §2.1, §2.5). A device that failed counts as a failure though a later attempt
 * went well: that is how the gate sees it while the release runs.
 */
export function finishedDeployment(finished: Finished, finishedAt: number): KeptDeployment {
  const { release, summary } = finished;
  const { waves } = summary;
  const disturbedBy = disturbances(finished, finishedAt);
  const rings = [...new Set(waves.map(({ ring }) => ring))];
  return {
    releaseId: release.id,
    groupId: release.groupId,
    kind: releaseKind(release.update),
    updateId: release.update.catalogEntryId,
    updateName: release.update.shortName,
    finishedAt,
    resolved: total(waves, ({ resolved }) => resolved),
    failures: total(waves, ({ failedOnce }) => failedOnce),
    // Arrivals of an expedited release would teach its rings a haste that is not theirs.
    reportAgeBins: Object.fromEntries(
      (release.expedite === undefined ? rings : []).map((ring) => [
        ring,
        sumOf(waves.filter((wave) => wave.ring === ring).map((wave) => wave.reportAgeBins)),
      ]),
    ),
    started: total(waves, ({ started }) => started),
    returnAgeBins: sumOf(waves.map(({ returnAgeBins }) => returnAgeBins)),
    disturbedBy,
    disturbed: disturbedBy.length > 0,
  };
}

function disturbances(finished: Finished, now: number): Disturbance[] {
  const { release, rings, decisions, letters } = finished;
  const decided = (verdict: string) =>
    decisions.some((decision) => decision.by !== "cohorts" && decision.verdict === verdict);
  const told = (type: string) => letters.some(({ event }) => event.type === type);
  const by: Record<Disturbance, boolean> = {
    held: decided("hold") || told("held") || wouldHold(finished, now),
    paused: decided("pause") || told("servicePaused") || release.pauseReason !== null,
    safeguardHold: decisions.some(({ by }) => by === "cohorts"),
    rolledBack: release.state.outcome === "rolledBack" || rings.some(({ state }) => isUninstalled(state)),
    tenantPause: told("tenantPaused") || rings.some(({ state }) => state.pauses.tenant !== null),
    notCompleted: release.state.outcome !== "completed",
  };
  return Object.values(Disturbance).filter((reason) => by[reason]);
}

/** Where the gate is off nobody holds a bad update, and it must not teach that so many failures are usual. */
function wouldHold({ release, rings, summary }: Finished, now: number): boolean {
  const { p0, p0Variation } = release.history;
  const steps = stepsOf(summary, rings, release.history);
  const expedited = isExpedited(release);
  const evidence = computeEvidence({ now, steps, p0, p0Variation, expedited, accepted: null });
  return evidence.logE >= Math.log(release.gate.holdEvidence);
}

function total(waves: readonly WaveSummary[], count: (wave: WaveSummary) => number): number {
  return waves.reduce((sum, wave) => sum + count(wave), 0);
}

function sumOf(bins: readonly (readonly number[])[]): number[] {
  const length = Math.max(0, ...bins.map((one) => one.length));
  return Array.from({ length }, (_, age) => bins.reduce((sum, one) => sum + (one[age] ?? 0), 0));
}
