import { HOUR_MS } from "../calendar/days.js";
import { askDueAt, evaluateGate, type GateVerdict, pauseDueAt } from "../gate/gate.js";
import { evaluateMonitoringRule } from "../gate/monitoring.js";
import type { OffersDecision } from "../gate/offers.js";
import { isExpedited } from "./expedite.js";
import { unsettledHolds } from "./holds.js";
import type { ReleaseNews } from "./news.js";
import { controlRelease, type Heard, type RingOffers } from "./offers.js";
import { silenceCounts } from "./silence.js";
import type { Release } from "./store.js";

/** A release looks again at least this often, should every event have been lost (gate.md §2.4). */
const BACKSTOP_HOURS = 6;

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
export function mayOffer({ state }: Pick<Release, "state">, { silence }: Pick<Heard, "silence">): boolean {
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
