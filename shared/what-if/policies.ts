import type { AttributeIndex } from "../attributes/columns.js";
import { HOUR_MS } from "../calendar/days.js";
import { UNLIMITED } from "../gate/blast-radius.js";
import { controlOffers, SILENCE_RISK } from "../gate/controller.js";
import { type EvidenceLevels, evaluateGate, GATE_AT_START, type GateDecision } from "../gate/gate.js";
import { LEVELS } from "../gate/method.js";
import { computeSilence, upperShare } from "../gate/silence.js";
import { CohortGuard } from "./cohort-guard.js";
import type { GatePolicy, Look, MonthView, RingView } from "./policy.js";

export interface OwnGateSettings {
  readonly name?: string;
  /** H in devices; null: rings open whole, the e-gate alone decides. */
  readonly harmBound: number | null;
  /** Whether devices that never come back are evidence. Default true. */
  readonly silence?: boolean;
  /** Evidence from which the gate holds and pauses. Default 5 and 100. */
  readonly levels?: EvidenceLevels;
  /** Attributes of the fleet; cohorts are looked for and held where they are known. */
  readonly cohorts?: AttributeIndex;
}

const ASK_AFTER_HOURS = 48;
const SEVERITY: Readonly<Record<GateDecision, number>> = { continue: 0, hold: 1, pause: 2 };

/**
 * The product's gate: the functions that production calls, in the same order (gate.md §2–5). Cohorts are tested from the
 * hold level on: while a hold lasts nothing is offered, so that E might never reach the level of a pause.
 */
export function ownGate(settings: OwnGateSettings): GatePolicy {
  const { name = "e-gate", harmBound, silence = true, levels = LEVELS, cohorts } = settings;
  return {
    name,
    begin() {
      const guard = cohorts && new CohortGuard(cohorts);
      let state = GATE_AT_START;
      let heard: Heard = { decision: "continue", logE: 0, upperShare: 1 };
      let hour = -1;
      return (view) => {
        const { now, history, steps, offered } = view;
        const { p0, p0Variation } = history;
        const verdict = evaluateGate({
          ...{ state, now, steps, p0, p0Variation, expedited: false, askAfterHours: ASK_AFTER_HOURS, levels },
        });
        const hold = guard?.examine(view, verdict, levels.hold);
        // What is left when these devices are held decides, at the next tick.
        if (hold !== undefined) return { decision: state.decision, allowed: 0, hold };
        state = verdict.state;
        // Ages count in whole hours: between them silence only gets weaker, so that waiting for the hour is safe.
        const currentHour = Math.floor(now / HOUR_MS);
        if (silence && currentHour > hour && view.started > 0) {
          hour = currentHour;
          heard = listen(view, levels);
        }
        const decision = SEVERITY[heard.decision] > SEVERITY[verdict.decision] ? heard.decision : verdict.decision;
        const holds = decision === "hold" && (harmBound === null || heard.decision === "hold");
        if (decision === "pause" || holds) return { decision, allowed: 0 };
        if (harmBound === null || !view.waiting) return { decision, allowed: UNLIMITED };
        const { nEff, failures, pTol, logE } = verdict.evidence;
        const resolved = steps.reduce((sum, step) => sum + step.resolved, 0);
        const heldHours = decision === "hold" ? (now - (state.since ?? now)) / HOUR_MS : null;
        const exposure = { offered, nEff, failures, pTol, harmBound, resolved, logE, heldHours };
        return { decision, allowed: controlOffers({ ...exposure, silence: silence ? heard : null }).allowed };
      };
    },
  };
}

interface Heard {
  readonly decision: GateDecision;
  readonly logE: number;
  readonly upperShare: number;
}

function listen(view: MonthView, levels: EvidenceLevels): Heard {
  const { now, started, control, history, waiting } = view;
  const input = { now, started, silent: view.silent(), noReturn: history.noReturn, control };
  const { decision, logE } = computeSilence({ ...input, levels });
  return { decision, logE, upperShare: waiting ? upperShare(input, SILENCE_RISK) : 1 };
}

const GO: Look = { decision: "continue", allowed: UNLIMITED };
const STOP: Look = { decision: "pause", allowed: 0 };

function rule(name: string, breaks: (view: MonthView) => boolean): GatePolicy {
  return { name, begin: () => (view) => (breaks(view) ? STOP : GO) };
}

/** Rings by the calendar alone, as Windows Autopatch has them. */
export const timeOnly: GatePolicy = rule("time-only rings", () => false);

/** Pauses once more than this share of any ring has failed. */
export function shareOfRing(share: number): GatePolicy {
  const broken = ({ failures, size }: RingView) => failures > share * size;
  return rule(`${100 * share} % of the ring`, ({ rings }) => rings.some(broken));
}

/** Pauses once more than this share of any ring's reports so far are failures. */
export function shareOfReports(share: number): GatePolicy {
  const broken = ({ failures, resolved }: RingView) => failures > share * resolved;
  return rule(`${100 * share} % of reports so far`, ({ rings }) => rings.some(broken));
}
