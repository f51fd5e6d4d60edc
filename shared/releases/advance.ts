import type { Question } from "../approvals/questions.js";
import { HOUR_MS } from "../calendar/days.js";
import { AppError } from "../errors.js";
import type { GateStep } from "../gate/evidence.js";
import { askDueAt, evaluateGate, type GateVerdict, latched, pauseDueAt } from "../gate/gate.js";
import { evaluateMonitoringRule } from "../gate/monitoring.js";
import type { OffersDecision, Wave } from "../gate/offers.js";
import type { LoggedCommand, ServicePauseCommand } from "./commands.js";
import type { Decision } from "./decisions.js";
import { applyExpediteOrder, type ExpediteOrder, isExpedited, isExpediteOrder } from "./expedite.js";
import { applyHoldCommand, type HoldCommand, unsettledHolds } from "./holds.js";
import { broadOpenedAt, followLikelyIssues } from "./likely-issues.js";
import { liftMonitoringPause } from "./monitoring-pause.js";
import { controlRelease, type Heard, nextWaitingAt, type RingOffers, ringsWithNobodyLeft } from "./offers.js";
import type { FinalOutcome } from "./outcome.js";
import { questionAbout } from "./question.js";
import { type Applied, applyReleaseCommand, type Delivery } from "./release-commands.js";
import { applyReleaseEvent } from "./release-events.js";
import { applyGateVerdict, pauseByService } from "./release-service.js";
import type { RingLetter } from "./ring-inbox.js";
import type { RingPhase } from "./ring-state.js";
import { heardSilence, type MeasuredCheckIns, type StartedDevices, silenceCounts } from "./silence.js";
import type { Release } from "./store.js";

/** A release looks again at least this often, should every event have been lost (gate.md §2.4). */
const BACKSTOP_HOURS = 6;

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

export interface Refusal {
  readonly command: LoggedCommand;
  readonly reason: string;
}

/** A release after its news, and what must be written and told. */
export interface Advance {
  readonly release: Release;
  readonly letters: readonly (RingLetter & { readonly ring: string })[];
  readonly decisions: readonly Decision[];
  readonly questions: readonly Question[];
  readonly applied: readonly LoggedCommand[];
  readonly refused: readonly Refusal[];
  /** How it has just ended; null where it had ended before, or goes on. */
  readonly ended: FinalOutcome | null;
}

/** Brings a release up to `now` (ms): news of its rings, commands, the gate, the monitoring rule. Pure. */
export function advanceRelease(release: Release, news: ReleaseNews, now: number): Advance {
  const draft = new Draft(release, news, now);
  draft.hearRings();
  for (const command of news.commands) draft.obey(command);
  draft.judgeGate();
  draft.judgeMonitoringRule();
  draft.grantWaves();
  return draft.result();
}

/** When to look again at the latest (ms). */
export function nextLookAt(release: Release, now: number): number {
  const backstop = now + BACKSTOP_HOURS * HOUR_MS;
  const { gate, phase, ending } = release.state;
  // Nobody judges a release any more that is ending.
  const judged = phase === "active" && ending === null;
  const due = (judged ? [askDueAt(gate, release.gate.askAfterHours), pauseDueAt(gate)] : []).flatMap((at) =>
    at === null ? [] : [Math.max(at, now + 1000)],
  );
  return Math.min(backstop, ...due, grantsWaves(release) ? (release.nextWaitingAt ?? backstop) : backstop);
}

/** Whether rings open the waves that the release grants them. */
export function grantsWaves(release: Release): boolean {
  const { gate, state } = release;
  if (gate.mode !== "enforce" || gate.offers !== "measured") return false;
  // A hold that is not carried out yet must not be overtaken by an offer.
  return state.phase === "active" && state.ending === null && unsettledHolds(release).length === 0;
}

/** Whether the gate leaves it to the controller how much is offered: a hold because of failures may probe (controller.ts point 5). */
function mayOffer({ state }: Pick<Release, "state">, { silence }: Pick<Heard, "silence">): boolean {
  const { decision } = state.gate;
  return decision === "continue" || (decision === "hold" && silence?.decision !== "hold");
}

/** The waves that waiting rings would get now. */
export function wavesDue(
  release: Release,
  rings: readonly RingOffers[],
  heard: Heard,
  now: number,
): OffersDecision | null {
  if (!grantsWaves(release) || !mayOffer(release, heard)) return null;
  return controlRelease(release, rings, heard, now);
}

/** What the health gate says of a release now; null when it has nothing to judge or is off. */
export function judge(
  release: Release,
  { steps, begun }: Pick<ReleaseNews, "steps"> & Partial<Pick<ReleaseNews, "begun">>,
  now: number,
): GateVerdict | null {
  const { gate, history, state } = release;
  if (gate.mode === "off" || state.phase === "ended" || state.ending !== null || steps.length === 0) return null;
  const { p0, p0Variation } = history;
  const levels = { hold: gate.holdEvidence, pause: 1 / gate.alpha };
  const { askAfterHours } = gate;
  const silence = begun === undefined ? null : silenceCounts(release, begun, release.checkIns?.control ?? null);
  const expedited = isExpedited(release);
  return evaluateGate({ state: state.gate, askAfterHours, levels, now, steps, p0, p0Variation, expedited, silence });
}

/** Whether the monitoring rule has something to say of the release now that it has not said. */
export function breaksRule(
  { monitoringRule, pauseReason, ruleAlerted, state }: Release,
  counts: Pick<ReleaseNews, "offered" | "rolledBack">,
): boolean {
  if (monitoringRule === null || state.phase === "ended" || state.ending !== null) return false;
  const said = monitoringRule.action === "alertError" ? ruleAlerted : pauseReason !== null;
  return !said && evaluateMonitoringRule(monitoringRule, counts).triggered;
}

class Draft {
  #release: Release;
  readonly #news: ReleaseNews;
  readonly #now: number;
  readonly #letters: (RingLetter & { ring: string })[] = [];
  readonly #decisions: Decision[] = [];
  readonly #questions: Question[] = [];
  readonly #applied: LoggedCommand[] = [];
  readonly #refused: Refusal[] = [];

  constructor(release: Release, news: ReleaseNews, now: number) {
    this.#release = release;
    this.#news = news;
    this.#now = now;
  }

  hearRings(): void {
    let { state } = this.#release;
    for (const { ring, openedAt, endedAt, outcome, phase, behind } of this.#news.rings) {
      if (openedAt !== null) state = applyReleaseEvent(state, { type: "ringOpened", ring, at: openedAt });
      if (phase !== "ended" || behind || outcome === null) continue;
      state = applyReleaseEvent(state, { type: "ringEnded", ring, at: endedAt ?? this.#now, outcome });
    }
    this.#release = { ...this.#release, state };
  }

  obey(logged: LoggedCommand): void {
    this.#release = { ...this.#release, handled: [...this.#release.handled, logged.key] };
    try {
      if (logged.command.kind === "setMonitoringRule") this.#setMonitoringRule(logged);
      else if (logged.command.kind === "servicePause") this.#pauseInDoubt(logged.key, logged.command);
      else if (isHoldCommand(logged.command)) this.#changeHolds(logged.command);
      else if (isExpediteOrder(logged.command)) this.#expedite(logged.key, logged.command);
      else this.#apply(logged.key, applyReleaseCommand(this.#release.state, logged.command));
      this.#applied.push(logged);
      if (logged.command.kind === "resume") this.#forgetPause();
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      this.#refused.push({ command: logged, reason: error.message });
    }
  }

  judgeGate(): void {
    const { gate, state, pausedAt } = this.#release;
    this.#release = { ...this.#release, checkIns: this.#news.checkIns ?? this.#release.checkIns };
    const verdict = judge(this.#release, this.#news, this.#now);
    if (verdict === null) return;
    this.#apply(`gate ${this.#now} ${verdict.decision}`, applyGateVerdict(state, verdict, gate.mode));
    const pauses = verdict.changed && verdict.decision === "pause" && gate.mode === "enforce";
    this.#release = {
      ...this.#release,
      evidence: verdict.evidence,
      silence: verdict.silence === null ? null : heardSilence(verdict.silence),
      pausedAt: pauses ? this.#now : pausedAt,
      pauseReason: pauses ? "pausedByGate" : this.#release.pauseReason,
    };
    this.#tell(verdict, state.gate.decision);
    this.#followLikelyIssues(verdict.evidence.logE);
  }

  #followLikelyIssues(logE: number): void {
    const openedAt = broadOpenedAt(this.#news.offers, this.#news.rings);
    const { release, decisions } = followLikelyIssues(this.#release, { logE, broadOpenedAt: openedAt }, this.#now);
    this.#release = release;
    this.#decisions.push(...decisions);
  }

  judgeMonitoringRule(): void {
    const { monitoringRule, state } = this.#release;
    if (monitoringRule === null || !breaksRule(this.#release, this.#news)) return;
    const pauses = monitoringRule.action === "pauseDeployment";
    const { offered, rolledBack } = this.#news;
    this.#decisions.push({
      at: this.#now,
      by: "monitoringRule",
      verdict: pauses ? "pause" : "alert",
      previous: "continue",
      enforced: pauses,
      evidence: { rolledBack, offered, threshold: monitoringRule.threshold },
    });
    if (!pauses) {
      this.#release = { ...this.#release, ruleAlerted: true };
      return;
    }
    const pauseReason = "pausedByMonitoring";
    this.#apply(`${pauseReason} ${this.#now}`, pauseByService(state, pauseReason, this.#now));
    this.#release = { ...this.#release, pausedAt: this.#now, pauseReason };
    this.#ask("monitoringPause");
  }

  /** Waves as wide as the evidence allows (gate.md §3); in `advise` only what they would be. */
  grantWaves(): void {
    const { gate, state } = this.#release;
    const nextAt = nextWaitingAt(this.#release, this.#news.offers, this.#now);
    this.#release = { ...this.#release, nextWaitingAt: nextAt };
    if (gate.mode === "off" || state.phase === "ended" || state.ending !== null) return;
    const control = controlRelease(this.#release, this.#news.offers, this.#release, this.#now);
    this.#release = { ...this.#release, control };
    if (!grantsWaves(this.#release) || !mayOffer(this.#release, this.#release)) return;
    const isHeld = state.gate.decision === "hold";
    const empty = isHeld ? [] : ringsWithNobodyLeft(this.#release, this.#news.offers, this.#now);
    for (const ring of empty) this.#grant({ ring, devices: 0, last: true });
    if (control === null || control.waves.length === 0) return;
    for (const wave of control.waves) this.#grant(wave, isHeld);
    const told = { at: this.#now, by: "controller", verdict: "offer", previous: "wait", enforced: true } as const;
    this.#decisions.push({ ...told, evidence: control });
  }

  #grant({ ring, devices, last }: Wave, isProbe = false): void {
    const { grants } = this.#release;
    const wave = grants.filter((grant) => grant.ring === ring).length;
    const at = this.#now;
    const probe = isProbe ? { probe: true } : {};
    this.#release = { ...this.#release, grants: [...grants, { ring, wave, devices, last, at, ...probe }] };
    const event = { type: "waveGranted", at, wave, grant: { devices, last, ...probe } } as const;
    this.#letters.push({ ring, key: `waveGranted ${wave}`, event });
  }

  result(): Advance {
    const ended = this.#release.state.phase === "ended" ? (this.#release.endedAt ?? this.#now) : null;
    const approvalsAsked = this.#release.approvalsAsked + this.#questions.length;
    const closed = this.#release.closed && ended !== null;
    const revision = this.#release.revision + 1;
    return {
      release: { ...this.#release, endedAt: ended, approvalsAsked, closed, revision },
      letters: this.#letters,
      decisions: this.#decisions,
      questions: this.#questions,
      applied: this.#applied,
      refused: this.#refused,
      ended: this.#release.endedAt === null && ended !== null ? this.#release.state.outcome : null,
    };
  }

  /** A hold, or advice to pause, about which nobody decided in time becomes a pause, unless it is over. */
  #pauseInDoubt(key: string, { at, reason }: ServicePauseCommand): void {
    const { state, evidence, gate } = this.#release;
    const { decision: previous } = state.gate;
    const isOpen = previous === "hold" || (previous === "pause" && gate.mode === "advise");
    if (!isOpen || evidence === null) return;
    this.#apply(key, pauseByService(state, reason, at));
    const pauseReason = previous === "hold" ? "pausedByInconclusiveHold" : "pausedByGate";
    const paused = { ...this.#release.state, gate: latched(state.gate, this.#now) };
    this.#release = { ...this.#release, state: paused, pausedAt: this.#now, pauseReason };
    const told = { at: this.#now, by: "gate", verdict: "pause", previous, enforced: true } as const;
    this.#decisions.push({ ...told, evidence });
    // The hold is over, and with it its question; what becomes of the paused release is another one.
    if (previous === "hold") this.#ask("gatePause");
  }

  /** Ledger, directory and rings follow; a release that has ended is closed anew. */
  #changeHolds(command: HoldCommand): void {
    this.#release = { ...this.#release, holds: applyHoldCommand(this.#release, command), closed: false };
  }

  #expedite(key: string, order: ExpediteOrder): void {
    const { expedite, deliveries } = applyExpediteOrder(this.#release, this.#news.offers, order);
    this.#release = { ...this.#release, expedite };
    this.#apply(key, { state: this.#release.state, deliveries });
  }

  #setMonitoringRule({ key, command }: LoggedCommand): void {
    if (command.kind !== "setMonitoringRule") return;
    if (command.create === true && this.#release.monitoringRule !== null) {
      throw new AppError("conflict", "A monitoring rule is active already, and only one can be. PUT replaces it.");
    }
    this.#release = { ...this.#release, monitoringRule: command.rule, ruleAlerted: false };
    const { state, pauseReason } = this.#release;
    const { offered, rolledBack } = this.#news;
    const still = command.rule === null ? null : evaluateMonitoringRule(command.rule, { offered, rolledBack });
    if (pauseReason !== "pausedByMonitoring" || still?.triggered === true) return;
    this.#apply(key, liftMonitoringPause(state, command.at));
    this.#forgetPause();
  }

  #forgetPause(): void {
    const paused = this.#release.state.rings.some(({ pauses }) => pauses.service !== null);
    if (!paused) this.#release = { ...this.#release, pauseReason: null };
  }

  #tell(verdict: GateVerdict, previous: string): void {
    const enforced = this.#release.gate.mode === "enforce";
    const { decision, evidence, silence, state } = verdict;
    if (verdict.changed) {
      const heard = silence === null ? {} : { silence };
      const doubted = state.doubt === undefined ? {} : { doubt: state.doubt };
      const told = { at: this.#now, by: "gate", verdict: decision, previous, enforced } as const;
      this.#decisions.push({ ...told, evidence, ...heard, ...doubted });
    }
    if (verdict.changed && decision === "pause") this.#ask(enforced ? "gatePause" : "gateAdvice");
    if (verdict.ask !== null && enforced) this.#ask(verdict.ask === "silence" ? "silenceHold" : "inconclusiveHold");
  }

  #ask(kind: Question["kind"]): void {
    this.#questions.push(questionAbout(this.#release, this.#news, kind, this.#now));
  }

  #apply(cause: string, { state, deliveries }: Applied): void {
    this.#release = { ...this.#release, state };
    for (const delivery of deliveries) this.#letters.push(letterOf(cause, delivery));
  }
}

function isHoldCommand(command: LoggedCommand["command"]): command is HoldCommand {
  return HOLD_COMMANDS.has(command.kind);
}

const HOLD_COMMANDS: ReadonlySet<LoggedCommand["command"]["kind"]> = new Set([
  "releaseHold",
  "exemptDevices",
  "withdrawExemption",
  "supersedeHolds",
]);

function letterOf(cause: string, { ring, event }: Delivery): RingLetter & { ring: string } {
  return { ring, key: `${event.type} ${cause}`, event };
}
