import { z } from "zod";
import { gateSettingsSchema } from "../groups/group.js";
import { ringSettingsSchema } from "../groups/ring.js";
import { gateViolations } from "../groups/rules/gate.js";

/** Limits of a what-if. Months are spread over the cases (cases.ts). */
export const WHAT_IF_LIMITS = { candidates: 4, months: 2_000, devices: 1_000_000 } as const;
/** Months unless said otherwise: 80 healthy ones and 30 of every other case. */
export const DEFAULT_MONTHS = 200;

const ring = ringSettingsSchema.shape;
const gate = gateSettingsSchema.shape;

/** What a simulated month knows of a ring: its days and its own waves. */
export const ringPlanSchema = z.strictObject({
  name: z.string().trim().min(1).max(64),
  /** Days after publication before the update is offered; 0 to 30. */
  qualityDeferralDays: ring.qualityDeferralDays,
  /** Days after the offer until installation is forced; 0 to 30. */
  qualityDeadlineDays: ring.qualityDeadlineDays,
  /** Share of the ring offered by each of its own waves; they add up to 1. Default: all at once. */
  waves: ring.waves,
  /** Hours between two of them. Default 24. */
  waveIntervalHours: ring.waveIntervalHours,
});
export type RingPlan = z.infer<typeof ringPlanSchema>;

/** How the gate of a candidate works (groups/group.ts has meaning, limits and defaults). */
export const candidateGateSchema = z.strictObject({
  /** `advise` changes nothing in the tenant, so that a month goes as with `off`. */
  mode: gate.mode,
  alpha: gate.alpha,
  holdEvidence: gate.holdEvidence,
  harmBound: gate.harmBound,
  offers: gate.offers,
});
export type CandidateGate = z.infer<typeof candidateGateSchema>;

/**
 * One of up to four settings to compare, as changes of the base: what is left out stays as it is there.
 * `rings` by ring name; `gate.mode` is `off` or `enforce`; `gate.harmBound` null is max(20, 0.1 % of the fleet).
 */
export const candidateSchema = z.strictObject({
  name: z.string().trim().min(1).max(40),
  rings: z
    .record(
      z.string(),
      z.strictObject({
        qualityDeferralDays: ring.qualityDeferralDays.exactOptional(),
        qualityDeadlineDays: ring.qualityDeadlineDays.exactOptional(),
        waves: ring.waves.unwrap().exactOptional(),
        waveIntervalHours: ring.waveIntervalHours.unwrap().exactOptional(),
      }),
    )
    .default({}),
  gate: z
    .strictObject({
      mode: z.enum(["off", "enforce"]).exactOptional(),
      alpha: gate.alpha.unwrap().exactOptional(),
      holdEvidence: gate.holdEvidence.unwrap().exactOptional(),
      harmBound: gate.harmBound.unwrap().exactOptional(),
      offers: gate.offers.unwrap().exactOptional(),
    })
    .default({}),
});
export type Candidate = z.infer<typeof candidateSchema>;

/** Candidates as callers write them; the base as it is where there are none. */
export const candidatesSchema = z
  .array(candidateSchema)
  .min(1)
  .max(WHAT_IF_LIMITS.candidates)
  .default([{ name: "As it is", rings: {}, gate: {} }]);

/** A candidate with everything that the base and the defaults say. */
export const settledCandidateSchema = z.strictObject({
  name: z.string(),
  rings: z.array(ringPlanSchema),
  gate: candidateGateSchema,
});
export type SettledCandidate = z.infer<typeof settledCandidateSchema>;

/** Settings that candidates change. */
export type BaseSettings = Omit<SettledCandidate, "name">;

/** What is wrong with candidates beyond their shape. */
export interface CandidateProblem {
  /** `candidates[1].rings.Ring9` */
  readonly field: string;
  readonly message: string;
}

/** The candidates on their base, or the first thing that is wrong with them. */
export function settleCandidates(
  base: BaseSettings,
  candidates: readonly Candidate[],
): { readonly candidates: SettledCandidate[] } | { readonly problem: CandidateProblem } {
  const names = new Set(base.rings.map(({ name }) => name));
  const settled: SettledCandidate[] = [];
  for (const [place, { name, rings, gate: changes }] of candidates.entries()) {
    const wrong = (field: string, message: string) => ({
      problem: { field: `candidates[${place}].${field}`, message },
    });
    if (settled.some((other) => other.name === name)) return wrong("name", `another candidate is called ${name} too`);
    const unknown = Object.keys(rings).find((one) => !names.has(one));
    if (unknown !== undefined) {
      return wrong(`rings.${unknown}`, `there is no such ring; there are ${[...names].join(", ")}`);
    }
    const one: SettledCandidate = {
      name,
      rings: base.rings.map((plan) => ({ ...plan, ...rings[plan.name] })),
      gate: { ...base.gate, ...changes },
    };
    const uneven = one.rings.find(({ waves }) => Math.abs(waves.reduce((sum, share) => sum + share, 0) - 1) > 1e-6);
    if (uneven !== undefined) return wrong(`rings.${uneven.name}.waves`, "the shares must add up to 1");
    const [violation] = gateViolations(one.gate);
    if (violation !== undefined) return wrong(violation.field, violation.message);
    settled.push(one);
  }
  return { candidates: settled };
}
