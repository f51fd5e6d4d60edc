import type { Question } from "../approvals/questions.js";
import { AppError } from "../errors.js";
import { type GateVerdict, latched } from "../gate/gate.js";
import { evaluateMonitoringRule } from "../gate/monitoring.js";
import type { Wave } from "../gate/offers.js";
import { workloadFor } from "../workloads/index.js";
import type { LoggedCommand, ServicePauseCommand } from "./commands.js";
import type { Decision } from "./decisions.js";
import { applyExpediteOrder, type ExpediteOrder, isExpediteOrder } from "./expedite.js";
import { applyHoldCommand, type HoldCommand } from "./holds.js";
import { breaksRule, grantsWaves, judge, mayOffer } from "./judge.js";
import { broadOpenedAt, followLikelyIssues } from "./likely-issues.js";
import { liftMonitoringPause } from "./monitoring-pause.js";
import { enforceable } from "./monitoring-rule.js";
import type { ReleaseNews } from "./news.js";
import { controlRelease, nextWaitingAt, ringsWithNobodyLeft } from "./offers.js";
import type { FinalOutcome } from "./outcome.js";
import { endingPause } from "./pause-ending.js";
import { questionAbout } from "./question.js";
import { type Applied, applyReleaseCommand, type Delivery } from "./release-commands.js";
import { applyReleaseEvent } from "./release-events.js";
import { applyGateVerdict, pauseByService } from "./release-service.js";
import type { RingLetter } from "./ring-inbox.js";
import { heardSilence } from "./silence.js";
import type { Release } from "./store.js";

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
  draft.askAboutEndingPause();
  draft.judgeGate();
  draft.judgeMonitoringRule();
  draft.grantWaves();
  return draft.result();
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

  /** Whether the service may pause updates of this workload. */
  get #mayPause(): boolean {
    return workloadFor(this.#release.update).servicePauses;
  }

  /** What people are asked once the gate would pause, and may act. */
  get #pauseQuestion(): Question["kind"] {
    return this.#mayPause ? "gatePause" : "gateHold";
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
      else if (logged.command.kind === "servicePause") this.#pauseUnanswered(logged.key, logged.command);
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

  /** A tenant pause ends by itself (autopatch.md §5.6), which should surprise nobody. */
  askAboutEndingPause(): void {
    const ending = endingPause(this.#release, this.#now);
    if (ending === null) return;
    const { askedUntil, ...pause } = ending;
    this.#release = { ...this.#release, askedUntil };
    this.#questions.push({ ...questionAbout(this.#release, this.#news, "pauseEnding", this.#now), pause });
  }

  judgeGate(): void {
    const { gate, state, pausedAt } = this.#release;
    this.#release = { ...this.#release, checkIns: this.#news.checkIns ?? this.#release.checkIns };
    const verdict = judge(this.#release, this.#news, this.#now);
    if (verdict === null) return;
    this.#apply(`gate ${this.#now} ${verdict.decision}`, applyGateVerdict(state, verdict, gate.mode, this.#mayPause));
    const pauses = verdict.changed && verdict.decision === "pause" && gate.mode === "enforce" && this.#mayPause;
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
  #pauseUnanswered(key: string, { at, reason }: ServicePauseCommand): void {
    const { state, evidence, gate } = this.#release;
    const { decision: previous } = state.gate;
    const isOpen = previous === "hold" || (previous === "pause" && gate.mode === "advise");
    // A hold that only people may turn into a pause goes on.
    if (!isOpen || evidence === null || !this.#mayPause) return;
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
    const rule = enforceable(workloadFor(this.#release.update), command.rule);
    this.#release = { ...this.#release, monitoringRule: rule, ruleAlerted: false };
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
    if (verdict.changed && decision === "pause") this.#ask(enforced ? this.#pauseQuestion : "gateAdvice");
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
