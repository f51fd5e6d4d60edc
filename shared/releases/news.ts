import type { GateStep } from "../gate/evidence.js";
import type { GateVerdict } from "../gate/gate.js";
import type { GateHistory } from "../gate/history.js";
import { gateSteps } from "../gate/steps.js";
import type { ReleaseSummary } from "../ledger/index.js";
import type { LoggedCommand } from "./commands.js";
import { isComplete } from "./completion.js";
import { examinationDue } from "./examination.js";
import { breaksRule, judge, wavesDue } from "./judge.js";
import { type Heard, offersOf, type RingOffers } from "./offers.js";
import type { FinalOutcome } from "./outcome.js";
import type { RingLetter } from "./ring-inbox.js";
import { isUninstalled, type RingPhase } from "./ring-state.js";
import { heardSilence, type MeasuredCheckIns, type StartedDevices, startedDevices } from "./silence.js";
import type { Release, ReleaseRing } from "./store.js";

/** What an orchestrator learns when it looks. */
export interface ReleaseNews {
  /** Commands not applied yet, oldest first. */
  readonly commands: readonly LoggedCommand[];
  readonly rings: readonly RingNews[];
  /** Rings and waves offered so far, for the gate. */
  readonly steps: readonly GateStep[];
  /** Devices that began to install, and those that have not come back. */
  readonly begun: StartedDevices;
  /** How long other devices stay away, where it was asked for this look. */
  readonly checkIns: MeasuredCheckIns | null;
  /** The rings in the order of their days, for the controller. */
  readonly offers: readonly RingOffers[];
  readonly offered: number;
  readonly rolledBack: number;
}

export interface RingNews {
  readonly ring: string;
  readonly phase: RingPhase;
  readonly openedAt: number | null;
  readonly endedAt: number | null;
  readonly outcome: FinalOutcome | null;
  /** Events are on their way to the ring, so that what it says is not its last word. */
  readonly behind: boolean;
}

/** What is stored about a release at one instant. */
export interface ReleaseFacts {
  readonly release: Release;
  readonly rings: readonly ReleaseRing[];
  /** The ledger's counts. */
  readonly summary: ReleaseSummary;
}

/**
 * News for a release that looks: commands it has not obeyed, its rings, and what the gate and the controller count.
 * @param checkIns how long devices stay away that were not offered the update, if it was measured for this look
 */
export function newsFrom(
  { release, rings, summary }: ReleaseFacts,
  lettersOf: (ring: string) => readonly RingLetter[],
  commands: readonly LoggedCommand[],
  checkIns: MeasuredCheckIns | null = null,
): ReleaseNews {
  return {
    commands,
    rings: rings.map((ring) => ringNews(ring, lettersOf(ring.ring))),
    steps: stepsOf(summary, rings, release.history),
    begun: startedDevices(summary, rings),
    checkIns,
    offers: offersOf(rings, summary),
    ...rollbacksOf(summary, rings),
  };
}

/** Whether a release that looked at `now` (ms) would decide something new: test its cohorts, a verdict, an alert, or waves to grant. */
export function decidesAnew({ release, rings, summary }: ReleaseFacts, now: number): boolean {
  if (breaksRule(release, rollbacksOf(summary, rings))) return true;
  const steps = stepsOf(summary, rings, release.history);
  if (examinationDue(release, steps, now) !== null) return true;
  const verdict = judge(release, { steps, begun: startedDevices(summary, rings) }, now);
  if (verdict?.changed === true) return true;
  const waves = wavesDue(release, offersOf(rings, summary), heardIn(verdict), now)?.waves ?? [];
  return waves.length > 0;
}

function heardIn(verdict: GateVerdict | null): Heard {
  if (verdict === null) return { evidence: null, silence: null };
  const { evidence, silence } = verdict;
  return { evidence, silence: silence === null ? null : heardSilence(silence) };
}

/** Whether the devices' reports bring the ring to its end, at `now` (ms). */
export function reachesItsEnd({ ring, state }: ReleaseRing, summary: ReleaseSummary, now: number): boolean {
  const counts = summary.rings[ring];
  if (counts === undefined) return false;
  if (state.phase === "rollingBack") return counts.upToDate === 0;
  return state.phase === "active" && isComplete({ ...state, counts }, now);
}

/** Whether there are letters that the ring has not read. */
export function hasNews({ seen }: ReleaseRing, letters: readonly RingLetter[]): boolean {
  const known = new Set(seen);
  return letters.some(({ key }) => !known.has(key));
}

/** Gate steps of a release, each with the arrival curve of its ring. */
export function stepsOf(summary: ReleaseSummary, rings: readonly ReleaseRing[], { arrivals }: GateHistory) {
  const known = new Map(rings.map(({ ring, state }) => [ring, state]));
  return gateSteps(summary, (ring) => {
    const state = known.get(ring);
    const deadlineDays = state?.plan.deadlineDays ?? state?.plan.installDays ?? 0;
    // Curves were learned under the ring's own deadline.
    const learned = state?.expedite === undefined ? arrivals[ring] : undefined;
    const uninstalled = state !== undefined && isUninstalled(state);
    return { deadlineDays, uninstalled, ...(learned === undefined ? {} : { arrivals: learned }) };
  });
}

/** What the monitoring rule judges: rollbacks that nobody ordered, of all devices offered. */
function rollbacksOf(summary: ReleaseSummary, rings: readonly ReleaseRing[]) {
  const ordered = new Set(rings.filter(({ state }) => isUninstalled(state)).map(({ ring }) => ring));
  let [offered, rolledBack] = [0, 0];
  for (const [ring, counts] of Object.entries(summary.rings)) {
    offered += counts.offered;
    rolledBack += ordered.has(ring) ? 0 : counts.rolledBack;
  }
  return { offered, rolledBack };
}

function ringNews(ring: ReleaseRing, letters: readonly RingLetter[]): RingNews {
  const { state, openedAt, endedAt } = ring;
  const behind = hasNews(ring, letters);
  return { ring: ring.ring, phase: state.phase, openedAt, endedAt, outcome: state.outcome, behind };
}
