import { HOUR_MS } from "../calendar/days.js";
import { type AcceptedEvidence, computeEvidence, type EvidenceInput, type GateEvidence } from "./evidence.js";
import { DOUBT_HOURS, type EvidenceLevels, FEWEST_TO_PAUSE, LEVELS } from "./method.js";

export type { EvidenceLevels } from "./method.js";

import { computeSilence, type Silence, type SilenceInput } from "./silence.js";

export const GateDecision = { continue: "continue", hold: "hold", pause: "pause" } as const;
export type GateDecision = (typeof GateDecision)[keyof typeof GateDecision];

/** What the gate of a deployment remembers between evaluations. Plain JSON; instants in ms. */
export interface GateState {
  readonly v: 1;
  /** `pause` stays until a person decides or a newer release supersedes. */
  readonly decision: GateDecision;
  readonly since: number | null;
  /** Whether a person has been asked about the current hold. */
  readonly asked: boolean;
  /** What the latest evaluation counted. */
  readonly seen: AcceptedEvidence | null;
  readonly accepted: AcceptedEvidence | null;
  /** The same of silence; absent until devices have begun to install. */
  readonly silence?: HeardBefore;
  /** Since when there has been evidence for a pause, on few failures; absent without such doubt. */
  readonly doubt?: Doubt;
}

/** Evidence for a pause that rests on so few failures that one bad cohort may be all there is (method.ts). */
export interface Doubt {
  /** ms */
  readonly since: number;
  /** As counted last. */
  readonly failures: number;
}

export interface HeardBefore {
  readonly seen: AcceptedSilence;
  readonly accepted: AcceptedSilence | null;
  /** When a person was last asked about silence, ms: where it comes and goes, not every time. */
  readonly askedAt: number | null;
}

/** Devices whose installation had begun when a person went on: what becomes of them is no evidence any more. */
export interface AcceptedSilence {
  /** ms */
  readonly at: number;
  readonly started: number;
}

export const GATE_AT_START: GateState = {
  v: 1,
  decision: "continue",
  since: null,
  asked: false,
  seen: null,
  accepted: null,
};

/** What deserves saying about an evaluation. */
export interface GateVerdict {
  readonly state: GateState;
  readonly decision: GateDecision;
  /** Whether the decision differs from the one before. */
  readonly changed: boolean;
  /** Ask a person, once per hold: at once when devices do not come back, else when the hold has lasted its time. */
  readonly ask: "inconclusive" | "silence" | null;
  readonly evidence: GateEvidence;
  /** Null: it was not looked at. */
  readonly silence: Silence | null;
}

/** Devices that began to install, and those that have not come back (gate.md §4). */
export type SilenceCounts = Pick<SilenceInput, "started" | "silent" | "noReturn" | "control">;

export interface GateInput extends Omit<EvidenceInput, "accepted"> {
  readonly state: GateState;
  /** Hours of hold before a person is asked; gate.md §2.4 says 48. */
  readonly askAfterHours: number;
  /** Default: hold from 5, pause from 100, on at least six failures or after a week (method.ts). */
  readonly levels?: EvidenceLevels;
  /** Absent or null: silence says nothing. */
  readonly silence?: SilenceCounts | null;
}

/**
 * The doubt after evidence. It is over when the gate would hold nothing any more, or when fewer failures count than
 * before: a cohort was found and is held.
 */
function doubtOf({ doubt }: GateState, evidence: GateEvidence, { hold, pause }: EvidenceLevels): Doubt | undefined {
  const { logE, failures, input } = evidence;
  const goesOn = doubt !== undefined && failures >= doubt.failures && logE >= Math.log(hold);
  if (goesOn) return { ...doubt, failures };
  return logE >= Math.log(pause) ? { since: input.now, failures } : undefined;
}

/** What the evidence alone says. */
function decide({ logE, failures, input }: GateEvidence, doubt: Doubt | undefined, hold: number): GateDecision {
  if (doubt === undefined) return logE >= Math.log(hold) ? GateDecision.hold : GateDecision.continue;
  const counted = failures - (input.accepted?.failures ?? 0);
  const isClear = counted >= FEWEST_TO_PAUSE || input.now - doubt.since >= DOUBT_HOURS * HOUR_MS;
  return isClear ? GateDecision.pause : GateDecision.hold;
}

const SEVERITY: Readonly<Record<GateDecision, number>> = { continue: 0, hold: 1, pause: 2 };

/** The gate after evidence: a pause latches, a hold ends when both say so and asks a person. */
function advanceGate(
  state: GateState,
  evidence: GateEvidence,
  silence: Silence | null,
  { askAfterHours, levels }: { readonly askAfterHours: number; readonly levels: EvidenceLevels },
): Omit<GateVerdict, "evidence" | "silence"> {
  const { now } = evidence.input;
  const doubt = doubtOf(state, evidence, levels);
  const failing = decide(evidence, doubt, levels.hold);
  const quiet = silence?.decision ?? GateDecision.continue;
  const stronger = SEVERITY[quiet] > SEVERITY[failing] ? quiet : failing;
  const decision = state.decision === "pause" ? GateDecision.pause : stronger;
  const changed = decision !== state.decision;
  const since = decision === "continue" ? null : changed ? now : (state.since ?? now);
  const asked = changed ? false : state.asked;
  const overdue = since !== null && now - since >= askAfterHours * HOUR_MS;
  const askedAt = state.silence?.askedAt ?? null;
  const newlyQuiet = quiet === "hold" && (askedAt === null || now - askedAt >= askAfterHours * HOUR_MS);
  const ask = decision !== "hold" || asked ? null : newlyQuiet ? "silence" : overdue ? "inconclusive" : null;
  const seen = { failures: evidence.failures, exposure: evidence.nEff };
  const { doubt: _, ...rest } = state;
  const remembered = { ...rest, decision, since, asked: asked || ask !== null, seen };
  return { state: doubt === undefined ? remembered : { ...remembered, doubt }, decision, changed, ask };
}

/**
 * Evaluates the gate of a deployment: the stronger of what failures (gate.md §2) and silence (§4) say. Pure: the same
 * input gives the same verdict, to the bit.
 */
export function evaluateGate({
  state,
  askAfterHours,
  levels = LEVELS,
  silence: counts,
  ...input
}: GateInput): GateVerdict {
  const evidence = computeEvidence({ ...input, accepted: state.accepted });
  const accepted = state.silence?.accepted ?? null;
  const silence = counts == null ? null : computeSilence({ now: input.now, ...unaccepted(counts, accepted), levels });
  const verdict = advanceGate(state, evidence, silence, { askAfterHours, levels });
  if (counts == null) return { ...verdict, evidence, silence };
  const askedAt = verdict.ask === "silence" ? input.now : (state.silence?.askedAt ?? null);
  const heard = { seen: { at: input.now, started: counts.started }, accepted, askedAt };
  return { ...verdict, state: { ...verdict.state, silence: heard }, evidence, silence };
}

/** The devices whose installation began after a person had looked at the silence; those of the same hour are left out. */
function unaccepted(counts: SilenceCounts, accepted: AcceptedSilence | null): SilenceCounts {
  if (accepted === null) return counts;
  const silent = counts.silent.filter(({ since }) => since >= accepted.at);
  return { ...counts, started: Math.max(0, counts.started - accepted.started), silent };
}

/**
 * A person lets the deployment go on in spite of the evidence. What the gate has seen so far is accepted, and it judges
 * what comes after on its own: an e-process started afresh at a decision keeps its promise, and the gate still guards.
 */
export function acceptEvidence(state: GateState): GateState {
  const { seen, silence } = state;
  const heard = silence === undefined ? {} : { silence: { seen: silence.seen, accepted: silence.seen, askedAt: null } };
  return { ...GATE_AT_START, seen, accepted: seen, ...heard };
}

/** The gate once more failures and exposure have been accepted; its decision stays what it is. */
export function acceptMore(state: GateState, more: AcceptedEvidence): GateState {
  const { failures, exposure } = state.accepted ?? { failures: 0, exposure: 0 };
  return { ...state, accepted: { failures: failures + more.failures, exposure: exposure + more.exposure } };
}

/** The gate of a release that was paused because nobody decided about its hold: as paused as by the evidence itself. */
export function latched({ doubt: _, ...state }: GateState, now: number): GateState {
  return { ...state, decision: GateDecision.pause, since: now, asked: true };
}

/** When a hold in doubt becomes a pause (ms), unless reports or a held cohort decide before; null without doubt. */
export function pauseDueAt({ decision, doubt }: GateState): number | null {
  return decision === "hold" && doubt !== undefined ? doubt.since + DOUBT_HOURS * HOUR_MS : null;
}

/** When a hold will have lasted long enough to ask a person (ms); null when nothing is held or someone was asked. */
export function askDueAt(state: GateState, askAfterHours: number): number | null {
  if (state.decision !== "hold" || state.since === null || state.asked) return null;
  return state.since + askAfterHours * HOUR_MS;
}
