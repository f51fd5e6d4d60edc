import {
  type CheckInPattern,
  installDelay,
  isAway,
  type ModelParameters,
  nextOn,
} from "../../../shared/model/index.js";
import { exponential, uniform } from "../../../shared/random.js";
import type { JobTimes } from "./device-state.js";
import { type InstallWindow, nextOpen } from "./install-schedule.js";

const MINUTE = 60_000;
const DAY = 86_400_000;

export interface PlanInput {
  readonly model: ModelParameters;
  readonly seed: number;
  readonly device: number;
  readonly pattern: CheckInPattern;
  readonly kb: string;
  readonly attempt: number;
  /** From when the deadline counts, ms: the offer, or the retry. */
  readonly start: number;
  /** When the device learnt of it, ms. */
  readonly seen: number;
  /** Undefined where no policy sets one. */
  readonly deadlineDays?: number;
  readonly graceDays: number;
  /** The update takes effect when it is installed. */
  readonly withoutRestart?: boolean;
  /** Only then may the device install: the ring has no deadline. */
  readonly window?: InstallWindow;
}

/**
 * When a device goes through the stages of an update. The installation is done at the instant of the model (gate.md
 * §1a), but not before the device knows of the offer, and never later than the forced restart: the later of deadline
 * and pending restart + grace (autopatch.md §5.4).
 */
export function planJob(input: PlanInput): JobTimes {
  const { seed, device, kb, attempt } = input;
  const seen = isAway(input.pattern, input.seen) ? nextOn(input.pattern, input.seen) : input.seen;
  const work = (10 + 30 * uniform(seed, device, kb, attempt, "work")) * MINUTE;
  const earliest = seen + work + 10 * MINUTE;
  const { pending: installed, done } =
    input.window === undefined ? byDeadline(input, earliest) : inWindow(input, input.window, earliest, work);
  const pending = input.withoutRestart === true ? done : installed;
  const started = Math.max(seen + 5 * MINUTE, pending - work);
  const downloading = seen + Math.min(30 * MINUTE, (started - seen) / 2);
  return [seen, downloading, started, pending, done].map(Math.round) as unknown as JobTimes;
}

function byDeadline(input: PlanInput, earliest: number): { pending: number; done: number } {
  const { model, seed, device, kb, attempt, start, pattern } = input;
  const deadlineDays = input.deadlineDays ?? model.unsetDeadlineDays;
  const delay = installDelay(model, deadlineDays, seed, device, attempt === 1 ? kb : `${kb}#${attempt}`);
  const planned = Math.max(start + delay.days * DAY, earliest);
  const done = isAway(pattern, planned) ? nextOn(pattern, planned) + 60 * MINUTE : planned;
  const grace = input.graceDays * DAY;
  const ignored = delay.forced && uniform(seed, device, kb, attempt, "ignored restart") < model.ignoredRestartShare;
  const wait = ignored ? grace : exponential(model.restartWaitHours * 60 * MINUTE, seed, device, kb, attempt, "wait");
  // After the deadline nobody may stay with a pending restart for longer than the grace period.
  const longest = done > start + deadlineDays * DAY ? Math.min(wait, grace) : wait;
  return { pending: awake(pattern, Math.max(earliest, done - longest), done), done };
}

/** A device that is off does not install: what falls into an absence happens on the return. */
function awake(pattern: CheckInPattern, pending: number, done: number): number {
  return isAway(pattern, pending) ? done : pending;
}

/** Installation and restart in the first open window after the model's own delay without a deadline. */
function inWindow(
  input: PlanInput,
  window: InstallWindow,
  earliest: number,
  work: number,
): { pending: number; done: number } {
  const { model, seed, device, kb, attempt, start, pattern } = input;
  const draw = (purpose: string) => uniform(seed, device, kb, attempt, purpose);
  const delay = installDelay(model, model.unsetDeadlineDays, seed, device, kb).days * DAY;
  // A scheduled device is kept on for its window, so only the type that is mostly offline misses one.
  const ready = pattern.habit === "rare" || window.kind !== "slot" ? Math.max(start + delay, earliest) : earliest;
  const from = isAway(pattern, ready) ? nextOn(pattern, ready) : ready;
  const open = nextOpen(window, from, pattern.offset);
  const pending = open + work + 30 * MINUTE * draw("queue");
  return { pending, done: pending + (5 + 25 * draw("restart")) * MINUTE };
}
