import { HOUR_MS } from "../calendar/days.js";
import { type AcceptedEvidence, computeEvidence, type EvidenceInput, type GateEvidence } from "./evidence.js";
import { HOLD_EVIDENCE, PAUSE_EVIDENCE } from "./method.js";

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
  /** A hold has lasted its time: ask a person, once per hold. */
  readonly ask: "inconclusive" | null;
  readonly evidence: GateEvidence;
}

export interface GateInput extends Omit<EvidenceInput, "accepted"> {
  readonly state: GateState;
  /** Hours of hold before a person is asked; gate.md §2.4 says 48. */
  readonly askAfterHours: number;
  /** Default: hold from 5, pause from 100. */
  readonly levels?: EvidenceLevels;
}

/** Evidence from which the gate acts (gate.md §2.4). */
export interface EvidenceLevels {
  readonly hold: number;
  /** 1/α. */
  readonly pause: number;
}

const LEVELS: EvidenceLevels = { hold: HOLD_EVIDENCE, pause: PAUSE_EVIDENCE };

/** What the evidence alone says. */
function decide({ logE }: Pick<GateEvidence, "logE">, { hold, pause }: EvidenceLevels): GateDecision {
  if (logE >= Math.log(pause)) return GateDecision.pause;
  return logE >= Math.log(hold) ? GateDecision.hold : GateDecision.continue;
}

/** The gate after evidence: a pause latches, a hold ends when E falls below its level and asks a person after its time. */
function advanceGate(
  state: GateState,
  evidence: GateEvidence,
  askAfterHours: number,
  levels: EvidenceLevels,
): GateVerdict {
  const { now } = evidence.input;
  const decision = state.decision === "pause" ? GateDecision.pause : decide(evidence, levels);
  const changed = decision !== state.decision;
  const since = decision === "continue" ? null : changed ? now : (state.since ?? now);
  const asked = changed ? false : state.asked;
  const overdue = decision === "hold" && since !== null && now - since >= askAfterHours * HOUR_MS;
  const seen = { failures: evidence.failures, exposure: evidence.nEff };
  return {
    state: { ...state, decision, since, asked: asked || overdue, seen },
    decision,
    changed,
    ask: overdue && !asked ? "inconclusive" : null,
    evidence,
  };
}

/** Evaluates the gate of a deployment (gate.md §2). Pure: the same input gives the same verdict, to the bit. */
export function evaluateGate({ state, askAfterHours, levels = LEVELS, ...input }: GateInput): GateVerdict {
  return advanceGate(state, computeEvidence({ ...input, accepted: state.accepted }), askAfterHours, levels);
}

/**
 * A person lets the deployment go on in spite of the evidence. What the gate has seen so far is accepted, and it judges
 * what comes after on its own: an e-process started afresh at a decision keeps its promise, and the gate still guards.
 */
export function acceptEvidence(state: GateState): GateState {
  return { ...GATE_AT_START, seen: state.seen, accepted: state.seen };
}

/** The gate once more failures and exposure have been accepted; its decision stays what it is. */
export function acceptMore(state: GateState, more: AcceptedEvidence): GateState {
  const { failures, exposure } = state.accepted ?? { failures: 0, exposure: 0 };
  return { ...state, accepted: { failures: failures + more.failures, exposure: exposure + more.exposure } };
}

/** When a hold will have lasted long enough to ask a person (ms); null when nothing is held or someone was asked. */
export function askDueAt(state: GateState, askAfterHours: number): number | null {
  if (state.decision !== "hold" || state.since === null || state.asked) return null;
  return state.since + askAfterHours * HOUR_MS;
}
