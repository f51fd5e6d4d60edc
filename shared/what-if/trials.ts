import { z } from "zod";
import { harmBound } from "../gate/blast-radius.js";
import { modelParameters } from "../model/index.js";
import { hash32 } from "../random.js";
import { CASES, caseOf, REGRESSION_OF, type WhatIfCase } from "./cases.js";
import { drawFleet } from "./draws.js";
import { fatesOf } from "./fates.js";
import { badDevices, canHaveBadCohort, orderOf, type WhatIfFleet } from "./fleet.js";
import { baseRateOf, NO_HISTORY, type WhatIfHistory } from "./history.js";
import { disturbed, LESSON_MONTHS, learnMonths } from "./lessons.js";
import { type MonthInput, type MonthOutcome, type MonthRing, runMonth } from "./month.js";
import { ownGate, timeOnly } from "./policies.js";
import type { GatePolicy, MonthHistory } from "./policy.js";
import type { BaseSettings, CandidateGate, SettledCandidate } from "./settings.js";

/** A what-if: months of a fleet under each of up to four settings. The same input gives the same answer, to the bit. */
export interface WhatIfInput {
  readonly seed: number;
  readonly months: number;
  readonly candidates: readonly SettledCandidate[];
  readonly fleet: WhatIfFleet;
  readonly history: WhatIfHistory;
  /** Settings that the history was learned with: a ring whose deadline differs has the default arrivals. */
  readonly base: BaseSettings;
}

/** How one month went under one candidate. Plain JSON. Days count from the release; never reached counts as 40. */
export const trialSchema = z.object({
  candidate: z.int(),
  month: z.int(),
  case: z.enum(CASES as [WhatIfCase, ...WhatIfCase[]]),
  harmed: z.number(),
  restartsForced: z.number(),
  daysTo90: z.number(),
  daysTo95: z.number(),
  pausedAt: z.number().nullable(),
  /** Times that the gate held, and days of it. */
  holds: z.number(),
  heldDays: z.number(),
  /** Not paused, but held to the end or never finished. */
  stuck: z.boolean(),
  /** Devices under a safeguard hold at the end; whether these are exactly the bad ones. */
  cohortDevices: z.number(),
  exact: z.boolean(),
  waves: z.number(),
  /** Per mille of the devices that have installed by the end of each day; of healthy months only. */
  uptake: z.array(z.number()),
});
export type Trial = z.infer<typeof trialSchema>;

/** Months times candidates: what chunks are parts of. */
export function trialCount({ months, candidates }: Pick<WhatIfInput, "months" | "candidates">): number {
  return months * candidates.length;
}

/** Work of a chunk, and what a month costs beside its devices, in devices: about two seconds on one core. */
const CHUNK_DEVICES = 1_000_000;
const MONTH_OVERHEAD = 10_000;

/** Trials that take a second or two; one month of a very large fleet takes longer. */
export function chunkSize(devices: number): number {
  return Math.max(1, Math.floor(CHUNK_DEVICES / (devices + MONTH_OVERHEAD)));
}

const model = modelParameters();

/**
 * Runs the trials from `from` until before `to`: month after month, each under every candidate, on the same draws. Pure:
 * chunks may run anywhere, in any order and twice, and their trials together are those of the whole.
 */
export function runChunk(input: WhatIfInput, from: number, to: number): Trial[] {
  const trials: Trial[] = [];
  let played: { readonly month: number; readonly play: ReturnType<typeof playerOf> } | undefined;
  for (let trial = from; trial < Math.min(to, trialCount(input)); trial++) {
    const month = Math.floor(trial / input.candidates.length);
    if (played?.month !== month) played = { month, play: playerOf(input, month) };
    trials.push(played.play(trial % input.candidates.length));
  }
  return trials;
}

/** Plays one month under a candidate; candidates with the same deadlines share draws and fates. */
function playerOf(input: WhatIfInput, month: number) {
  const { fleet, history } = input;
  const seed = hash32(input.seed, "month", month);
  const kind = caseOf(month, canHaveBadCohort(fleet));
  const struck = kind === "bad cohort" ? badDevices(fleet, seed) : undefined;
  const scenario = {
    regression: REGRESSION_OF[kind],
    baseFailureRate: baseRateOf(history, seed),
    ...(struck === undefined ? {} : { struck }),
  };
  const drawn = new Map<string, Pick<MonthInput, "draws" | "fates">>();
  return (candidate: number): Trial => {
    const settings = input.candidates[candidate];
    if (settings === undefined) throw new RangeError(`There is no candidate ${candidate}.`);
    const rings = ringsOf(fleet, settings);
    const deadlines = rings.map(({ deadlineDays }) => deadlineDays).join();
    const known = drawn.get(deadlines);
    const draws = known?.draws ?? drawFleet(model, seed, rings);
    const fates = known?.fates ?? fatesOf(model, draws, scenario);
    drawn.set(deadlines, { draws, fates });
    const outcome = runMonth({
      ...{ model, rings, draws, fates, order: orderOf(fleet, month) },
      history: historyFor(input, settings),
      policy: policyOf(settings.gate, fleet),
    });
    return trialOf(outcome, { candidate, month, kind, struck, devices: fleet.index.size });
  };
}

/** What six healthy months under the base settings teach: a tenant that has had the service for half a year. */
export function simulatedHistory({ seed, fleet, base }: Pick<WhatIfInput, "seed" | "fleet" | "base">): WhatIfHistory {
  const settings = { name: "", ...base };
  const rings = ringsOf(fleet, settings);
  const months = Array.from({ length: LESSON_MONTHS }, (_, month) => {
    const draws = drawFleet(model, hash32(seed, "lesson", month), rings);
    const fates = fatesOf(model, draws);
    return runMonth({ model, rings, draws, fates, history: NO_HISTORY, policy: policyOf(base.gate, fleet) });
  });
  const deployments = months.filter((month) => !disturbed(month)).length;
  return { deployments, ...learnMonths(months) };
}

/** The rings of a candidate that have devices, in the order of the fleet. */
function ringsOf({ rings }: WhatIfFleet, { rings: plans }: SettledCandidate): MonthRing[] {
  return rings.map(({ name, size }) => {
    const plan = plans.find((one) => one.name === name);
    if (plan === undefined) throw new RangeError(`The settings have no ring ${name}.`);
    const { qualityDeferralDays: offsetDays, qualityDeadlineDays: deadlineDays, waves, waveIntervalHours } = plan;
    return { name, size, offsetDays, deadlineDays, waves, waveIntervalHours };
  });
}

function historyFor({ history, base }: WhatIfInput, { rings }: SettledCandidate): MonthHistory {
  const { p0, p0Variation, noReturn } = history;
  const deadlineIn = (plans: BaseSettings["rings"], ring: string) =>
    plans.find(({ name }) => name === ring)?.qualityDeadlineDays;
  const arrivals = Object.entries(history.arrivals).filter(
    ([ring]) => deadlineIn(base.rings, ring) === deadlineIn(rings, ring),
  );
  return { p0, p0Variation, noReturn, arrivals: Object.fromEntries(arrivals) };
}

/** The gate of a candidate. `advise` only says what it would do. */
function policyOf(
  { mode, alpha, holdEvidence, offers, harmBound: bound }: CandidateGate,
  fleet: WhatIfFleet,
): GatePolicy {
  if (mode !== "enforce") return timeOnly;
  return ownGate({
    harmBound: offers === "planned" ? null : (bound ?? harmBound(fleet.index.size)),
    levels: { hold: holdEvidence, pause: 1 / alpha },
    cohorts: fleet.index,
  });
}

interface TrialFacts {
  readonly candidate: number;
  readonly month: number;
  readonly kind: WhatIfCase;
  readonly struck: Uint8Array | undefined;
  readonly devices: number;
}

function trialOf(outcome: MonthOutcome, { candidate, month, kind, struck, devices }: TrialFacts): Trial {
  const { harmed, restartsForced, daysTo90, daysTo95, pausedAt, heldDays, heldAtEnd, finished } = outcome;
  const { held, heldDevices, decisions, waves, installedByDay } = outcome;
  const share = (installed: number) => Math.round((1000 * installed) / Math.max(1, devices - held));
  return {
    ...{ candidate, month, case: kind, harmed, restartsForced, daysTo90, daysTo95, pausedAt },
    holds: decisions.filter(({ decision }) => decision === "hold").length,
    heldDays,
    stuck: pausedAt === null && (heldAtEnd || !finished),
    cohortDevices: held,
    exact: struck !== undefined && heldDevices !== null && struck.every((one, device) => one === heldDevices[device]),
    waves: waves.length,
    uptake: kind === "healthy" ? installedByDay.map(share) : [],
  };
}
