import { z } from "zod";
import type { CohortEvidence } from "../cohorts/evidence.js";
import type { SuperfluousHold } from "../cohorts/superfluous.js";
import type { GateEvidence } from "../gate/evidence.js";
import type { Doubt } from "../gate/gate.js";
import type { OffersDecision } from "../gate/offers.js";
import type { Silence } from "../gate/silence.js";
import { type AppendLog, appendLog } from "../store/append-log.js";
import { table } from "../store/tables.js";
import type { RingLikelyIssues } from "./likely-issues.js";

/** What the health gate, its controller and cohorts, or the monitoring rule decided about a release, with everything it rests on. */
export interface Decision {
  /** Domain time, ms. */
  readonly at: number;
  readonly by: "gate" | "controller" | "cohorts" | "likelyIssues" | "monitoringRule";
  readonly verdict: string;
  readonly previous: string;
  /** Whether rings were told; `advise` only says what it would do. */
  readonly enforced: boolean;
  /**
   * The gate's full evidence: `computeEvidence(evidence.input)` gives it again to the bit; of the controller
   * `decideOffers(evidence.input)` does, of a held cohort `computeCohortEvidence(evidence.input)`.
   */
  readonly evidence:
    | GateEvidence
    | OffersDecision
    | CohortEvidence
    | SuperfluousHold
    | RingLikelyIssues
    | { readonly devices: number; readonly quietSince: number }
    | { readonly rolledBack: number; readonly offered: number; readonly threshold: number };
  /** What the gate took from devices that did not come back; `computeSilence(silence.input)` gives it again to the bit. */
  readonly silence?: Silence;
  /** Since when the gate had evidence for a pause on few failures; why a hold lasts, or a pause comes later (gate/method.ts). */
  readonly doubt?: Doubt;
}

const decisionSchema = z.custom<Decision>(
  (value) => z.object({ at: z.number(), verdict: z.string() }).safeParse(value).success,
);

/** Adds decisions to the release's log; repeated ones are there already. */
export async function logDecisions(releaseId: string, decisions: readonly Decision[]): Promise<void> {
  const decisionLog = await log();
  for (const decision of decisions) {
    await decisionLog.append(releaseId, decision.at, nameOf(decision), decision);
  }
}

/** Tells decisions of one instant apart: several cohorts or rings may be held at once. */
export function nameOf({ by, verdict, evidence }: Decision): string {
  if ("cohort" in evidence) return `${by} ${verdict} ${evidence.cohort}`;
  return "ring" in evidence ? `${by} ${verdict} ${evidence.ring}` : `${by} ${verdict}`;
}

/** All decisions about a release, oldest first. */
export async function decisionsOf(releaseId: string): Promise<Decision[]> {
  const decisions: Decision[] = [];
  for await (const { body } of (await log()).read(releaseId)) decisions.push(body);
  return decisions;
}

async function log(): Promise<AppendLog<Decision>> {
  return appendLog(await table("Decisions"), decisionSchema);
}
