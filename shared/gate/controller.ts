import { type BlastRadius, type BlastRadiusInput, blastRadius, HARM_RISK } from "./blast-radius.js";

/**
 * Version of the rules below; kept with every decision.
 *
 * They refine gate.md §3 in five points, the first four of which can only make offers smaller than
 * (offered − n_eff)·(UCB − p_tol) ≤ H allows, but for the very first offer: that may be `PILOT` devices in any fleet.
 *
 * 1. **Evidence shrinks the stake.** H is divided by E while E > 1. Without it, offers go on at full width until E
 *    reaches 5, and at a regression of half a percent most harm comes from the wave before the hold. In a healthy month
 *    E is below 1 nearly always, so that it costs no time.
 * 2. **The stake grows with what was heard.** At most half of H before the reports have come that earn more: a fifth of
 *    their number. Early on one lucky ring hides a ten-percent regression, and early rings have days to spare.
 * 3. **Silence counts.** Broken devices send nothing, and exposure by age takes them for healthy. The highest share of
 *    devices that may be unable to come back (silence.ts) has to satisfy the same bound as the highest failure rate.
 * 4. **Small offers wait.** A wave is a tenth of its ring, so that ten changes in Graph open it; only after a day
 *    without one it may be a hundredth, so that a ring under suspicion still gathers evidence and nothing stalls. No wave
 *    is smaller than 25 devices, unless it is the rest of its ring or three days have gone by without one: with a very
 *    small H nothing would ever move again. Rings that wait are served in the order of their
 *    days: small late rings would otherwise live on what a large one saves up for.
 * 5. **A hold that has heard most of it probes.** Two failures among the first fifty devices hold a release (gate.md
 *    §2.4), and once these fifty have reported nothing is left that could ever end the hold. A day after it began and with
 *    65 % of the exposure in, another `PILOT` devices are offered the update if H allows: they release the hold, or they
 *    prove the fault. Of few failures that would be enough for a pause (method.ts) they show whether one cohort is all
 *    that fails. A probe opens no third ring (offers.ts). A hold because of silence does not probe.
 */
export const CONTROLLER_VERSION = "blast-radius/5";

/** Share of silent devices not worth waiting for: it is well below that of healthy devices that never report. */
const TOLERATED_SILENT = 0.005;
/** The first offer of a deployment, devices, where H is less, and a probe: with fewer, a small fleet learns nothing for weeks. */
export const PILOT = 50;
/** Share of H that may be at stake before any report. */
const FIRST_STAKE = 0.5;
/** Devices at stake per report. */
const STAKE_PER_REPORT = 0.2;
/** A hold probes after so long … */
const PROBE_AFTER_HOURS = 24;
/** … if no more than this share of the devices offered is still unheard of. */
const PROBE_UNHEARD = 0.35;

export interface ControllerInput extends BlastRadiusInput {
  /** Reports that have come. */
  readonly resolved: number;
  /** ln of the gate's evidence. */
  readonly logE: number;
  /** Evidence of silence and the highest share that may be broken (silence.ts); null while it is not measured. */
  readonly silence: { readonly logE: number; readonly upperShare: number } | null;
  /** How long the gate has held because of failures; null while it does not hold. */
  readonly heldHours: number | null;
}

export interface ControllerDecision extends BlastRadius {
  readonly version: string;
  /** H as far as it may be at stake now, devices. */
  readonly stake: number;
  /** What limits the offers most. */
  readonly limitedBy: "failures" | "silence" | "hold";
}

/** The part of H that the reports so far have earned (point 2); the first offer has nothing to wait for. */
function earnedStake({ offered, resolved, harmBound }: ControllerInput): number {
  if (offered === 0) return Math.max(harmBound, PILOT);
  return Math.min(harmBound, Math.max(FIRST_STAKE * harmBound, STAKE_PER_REPORT * resolved));
}

/** The part of H that may be at stake now (points 1 and 2). */
export function stakeOf(input: ControllerInput): number {
  const { offered, logE, silence } = input;
  return offered === 0 ? earnedStake(input) : earnedStake(input) / Math.exp(Math.max(0, logE, silence?.logE ?? 0));
}

/** How many more devices may be offered now; never more than `blastRadius` allows. Pure and bit-reproducible. */
export function controlOffers(input: ControllerInput): ControllerDecision {
  if (input.heldHours === null) return offersWithin(input, stakeOf(input));
  const most = offersWithin(input, earnedStake(input));
  return { ...most, allowed: mayProbe(input) ? Math.min(PILOT, most.allowed) : 0, limitedBy: "hold" };
}

function offersWithin(input: ControllerInput, stake: number): ControllerDecision {
  const { offered, nEff, pTol, silence } = input;
  const failing = blastRadius({ ...input, harmBound: stake });
  const excess = (silence?.upperShare ?? 0) - Math.max(pTol, TOLERATED_SILENT);
  const quiet = excess > 0 && offered > 0 ? Math.max(0, Math.floor(stake / excess + nEff - offered)) : failing.allowed;
  const limitedBy = quiet < failing.allowed ? "silence" : "failures";
  return { ...failing, version: CONTROLLER_VERSION, stake, allowed: Math.min(failing.allowed, quiet), limitedBy };
}

/** Whether a hold lets a probe go (point 5). */
function mayProbe({ heldHours, offered, nEff }: ControllerInput): boolean {
  return heldHours !== null && heldHours >= PROBE_AFTER_HOURS && offered - nEff <= PROBE_UNHEARD * offered;
}

/** Risk that the highest share of broken devices is above what silence says; the same as for failures. */
export const SILENCE_RISK = HARM_RISK;

/** A wave has at least this share of its ring … */
const LEAST_WAVE = 0.1;
/** … and after this time without a wave at least this one. */
const PATIENCE_HOURS = 24;
const LEAST_LATE_WAVE = 0.01;
/** No wave is smaller, devices … */
const LEAST_DEVICES = 25;
/** … unless the ring has had none for so long. */
const STALLED_HOURS = 72;

export interface WaveInput {
  /** Devices of the ring, and those not offered yet. */
  readonly ringSize: number;
  readonly left: number;
  readonly allowed: number;
  /** Hours since the ring's day came or, if later, since its last wave. */
  readonly waitedHours: number;
}

/** Devices of the ring's next wave; 0 while it is not worth one (point 4). */
export function waveSize({ ringSize, left, allowed, waitedHours }: WaveInput): number {
  const share = waitedHours >= PATIENCE_HOURS ? LEAST_LATE_WAVE : LEAST_WAVE;
  const least = waitedHours >= STALLED_HOURS ? 1 : Math.max(LEAST_DEVICES, Math.ceil(ringSize * share));
  const devices = Math.min(left, allowed);
  return devices < Math.min(left, least) ? 0 : devices;
}
