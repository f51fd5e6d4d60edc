import { DAY_MS } from "../calendar/days.js";
import type { Features } from "./features.js";
import { LARGEST_SHARE, QUIET_DAYS, QUIET_EVIDENCE, SMALLEST_RISK, TOLERANCE_MULTIPLE } from "./method.js";
import { type Risk, type RiskModel, riskOf } from "./risk.js";

/** The reason with which the ledger holds devices that are like those which failed (autopatch.md §12). */
export const LIKELY_ISSUE_REASON = "safeguard:likely-issue";

/** A device to hold. Plain JSON. */
export interface LikelyIssue extends Risk {
  /** Place in the index. */
  readonly device: number;
}

/**
 * Devices of a ring to hold before it opens: those of which even the lower bound of the risk is above 5 tolerated rates
 * and 2 %, at most 5 % of the ring, the highest bounds first (gate.md §6).
 * @param ring places of all devices of the ring
 * @param pTol tolerated failure rate of the gate
 */
export function likelyIssues(
  model: RiskModel | undefined,
  features: Features,
  ring: readonly number[],
  pTol: number,
): LikelyIssue[] {
  if (model === undefined) return [];
  const risk = riskOf(model, features);
  const limit = Math.max(TOLERANCE_MULTIPLE * pTol, SMALLEST_RISK);
  return ring
    .map((device) => ({ device, ...risk(device) }))
    .filter(({ lowerBound }) => lowerBound > limit)
    .sort((a, b) => b.lowerBound - a.lowerBound || a.device - b.device)
    .slice(0, Math.floor(LARGEST_SHARE * ring.length));
}

/** Since when the evidence of a deployment has stayed low after Broad opened. Plain JSON; ms. */
export interface Quiet {
  readonly since: number | null;
}

export const QUIET_AT_START: Quiet = { since: null };

export interface QuietInput {
  readonly now: number;
  /** ln E of the deployment at `now`. */
  readonly logE: number;
  /** When the last ring opened, ms; null while it has not. */
  readonly broadOpenedAt: number | null;
}

/**
 * Follows the evidence at every evaluation of the gate. `release` is true when E has stayed below 2 for 7 days after
 * Broad opened: the likely issues have not come true, and the held devices may be offered the update (gate.md §6).
 */
export function followQuiet(
  state: Quiet,
  { now, logE, broadOpenedAt }: QuietInput,
): { state: Quiet; release: boolean } {
  if (broadOpenedAt === null || now < broadOpenedAt || logE >= Math.log(QUIET_EVIDENCE)) {
    return { state: QUIET_AT_START, release: false };
  }
  const since = state.since ?? now;
  return { state: { since }, release: now - since >= QUIET_DAYS * DAY_MS };
}
