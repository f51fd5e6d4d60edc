import { DAY_MS, HOUR_MS } from "../calendar/days.js";
import { probedRings, type WaitingRing, wavesOf } from "../gate/offers.js";
import { type ModelParameters, policyReachHours } from "../model/index.js";
import type { FleetDraws } from "./draws.js";
import { FateFlag, type Fates, TICKS_PER_DAY, TICKS_PER_HOUR } from "./fates.js";
import { MonthCounts } from "./month-counts.js";
import type { GatePolicy, MonthHistory } from "./policy.js";

/** A ring of the plan; days count from the release. */
export interface MonthRing {
  readonly name: string;
  readonly size: number;
  readonly deadlineDays: number;
  /** Earliest day of its first offer. */
  readonly offsetDays: number;
  /** Shares that the ring's own waves let it have one after another. Default: all of it at once. */
  readonly waves?: readonly number[];
  /** Hours between two of its own waves. Default 24. */
  readonly waveIntervalHours?: number;
}

export interface MonthInput {
  readonly model: ModelParameters;
  readonly rings: readonly MonthRing[];
  readonly draws: FleetDraws;
  readonly fates: Fates;
  readonly history: MonthHistory;
  readonly policy: GatePolicy;
  /** Devices in the order of their offers, ring by ring; by number where absent. A permutation within each ring. */
  readonly order?: Uint32Array;
  /** How much slower than usual devices check in. Default 1. */
  readonly slowdown?: number;
}

export interface MonthDecision {
  /** Days from the release. */
  readonly day: number;
  readonly decision: "continue" | "hold" | "pause";
}

export interface MonthWave {
  readonly ring: string;
  readonly day: number;
  readonly devices: number;
}

/** How a month went. Days count from the release; a share that was never reached counts as 40 days (gate.md §1a). */
export interface MonthOutcome {
  readonly finished: boolean;
  /** Devices that failed or broke because of the regression. */
  readonly harmed: number;
  readonly installed: number;
  /** Devices offered and not held since. */
  readonly offered: number;
  /** Devices under a safeguard hold; the shares below are of the others. */
  readonly held: number;
  /** 1 where a device is; null where there never was a hold. */
  readonly heldDevices: Uint8Array | null;
  /** When the first safeguard hold came, and how many devices had been offered the update and begun to install by then. */
  readonly firstHold: { readonly day: number; readonly offered: number; readonly started: number } | null;
  readonly restartsForced: number;
  readonly daysTo90: number;
  readonly daysTo95: number;
  /** Devices, without those held, on which the installation has run by the end of each day from the first. */
  readonly installedByDay: readonly number[];
  readonly pausedAt: number | null;
  readonly heldDays: number;
  /** Still held when the month was over. */
  readonly heldAtEnd: boolean;
  readonly decisions: readonly MonthDecision[];
  readonly waves: readonly MonthWave[];
  /** What the month teaches (history.ts). */
  readonly resolved: number;
  readonly failures: number;
  readonly reportAgeBins: Readonly<Record<string, readonly number[]>>;
  readonly started: number;
  /** Devices back by whole days since they began to install. */
  readonly returnAgeBins: readonly number[];
}

/** Days that a month is simulated for; what has not happened by then counts as these. */
export const HORIZON_DAYS = 40;
const HORIZON = HORIZON_DAYS * TICKS_PER_DAY;
const TICK_MS = DAY_MS / TICKS_PER_DAY;
/** A gate looks again after at most this (gate.md §2.4). */
const LOOK_TICKS = (6 * HOUR_MS) / TICK_MS;

const USUAL_WAVES = [1];
const USUAL_INTERVAL_HOURS = 24;

/** When rings may be offered to, and since when they wait; in ticks. */
class Schedule {
  /** Ticks at which time alone calls for a look: a ring's day, or the turn of one of its own waves. */
  readonly turns: Set<number>;
  readonly #opensAt: readonly number[];
  readonly #since: number[];
  readonly #firstAt: (number | undefined)[];
  /** Rings in the order of their days. */
  readonly #byDay: readonly number[];
  readonly #rings: readonly MonthRing[];
  readonly #counts: MonthCounts;

  constructor(rings: readonly MonthRing[], counts: MonthCounts) {
    this.#rings = rings;
    this.#counts = counts;
    this.#opensAt = rings.map(({ offsetDays }) => Math.ceil(offsetDays * TICKS_PER_DAY));
    this.#since = [...this.#opensAt];
    this.#firstAt = rings.map(() => undefined);
    this.#byDay = rings.map((_, ring) => ring).sort((a, b) => this.#opens(a) - this.#opens(b) || a - b);
    this.turns = new Set(this.#opensAt);
  }

  #opens(ring: number): number {
    return this.#opensAt[ring] ?? 0;
  }

  /** Whether a ring's day has come and not all of it has been offered. */
  isWaiting(tick: number): boolean {
    return this.#byDay.some((ring) => tick >= this.#opens(ring) && this.#counts.left(ring) > 0);
  }

  /** The rings that wait, as the controller knows them. */
  waiting(tick: number): WaitingRing[] {
    return this.#byDay.flatMap((ring) => {
      const [plan, left] = [this.#rings[ring], this.#counts.left(ring)];
      if (plan === undefined || left === 0 || tick < this.#opens(ring)) return [];
      const planned = this.#plannedNow(ring, plan, tick);
      return [{ ring: plan.name, size: plan.size, left, planned, since: (this.#since[ring] ?? 0) * TICK_MS }];
    });
  }

  /** Those of them that a probe may go to while the gate holds. */
  probed(tick: number): WaitingRing[] {
    const opened = this.#rings.filter((_, ring) => this.#firstAt[ring] !== undefined).map(({ name }) => name);
    return probedRings(this.waiting(tick), new Set(opened));
  }

  /** Devices that the ring's own waves let it have: the share of those whose turn has come, less what it has. */
  #plannedNow(ring: number, { size, waves = USUAL_WAVES, waveIntervalHours }: MonthRing, tick: number): number {
    const firstAt = this.#firstAt[ring];
    const turns = firstAt === undefined ? 0 : Math.floor((tick - firstAt) / intervalTicks(waveIntervalHours));
    if (turns >= waves.length - 1) return Number.MAX_SAFE_INTEGER;
    const share = waves.slice(0, turns + 1).reduce((sum, one) => sum + one, 0);
    return Math.max(0, Math.round(size * share) - (this.#counts.rings[ring]?.offered ?? 0));
  }

  /** Offers a ring its wave. */
  open(name: string, devices: number, tick: number): void {
    const ring = this.#rings.findIndex((plan) => plan.name === name);
    const plan = this.#rings[ring];
    if (plan === undefined) return;
    this.#counts.offer(ring, devices, tick);
    this.#since[ring] = tick;
    if (this.#firstAt[ring] !== undefined) return;
    this.#firstAt[ring] = tick;
    const { waves = USUAL_WAVES, waveIntervalHours } = plan;
    for (let turn = 1; turn < waves.length; turn++) this.turns.add(tick + turn * intervalTicks(waveIntervalHours));
  }
}

function intervalTicks(hours = USUAL_INTERVAL_HOURS): number {
  return hours * TICKS_PER_HOUR;
}

/** Runs one month of a fleet through a gate. Pure: the same input gives the same outcome. Ring names are distinct. */
export function runMonth(input: MonthInput): MonthOutcome {
  const counts = new MonthCounts(input, HORIZON);
  const schedule = new Schedule(input.rings, counts);
  const look = input.policy.begin();
  const decisions: MonthDecision[] = [];
  const waves: MonthWave[] = [];
  let decision: MonthDecision["decision"] = "continue";
  let heldTicks = 0;
  let pausedAt: number | null = null;
  let firstHold: MonthOutcome["firstHold"] = null;
  let looked = -LOOK_TICKS;
  for (let tick = 0; tick <= HORIZON; tick++) {
    const reported = counts.advanceTo(tick);
    if (decision === "hold") heldTicks++;
    if (!reported && tick - looked < LOOK_TICKS && !schedule.turns.has(tick)) continue;
    looked = tick;
    counts.waiting = schedule.isWaiting(tick);
    const said = look(counts);
    if (said.decision !== decision) decisions.push({ day: tick / TICKS_PER_DAY, decision: said.decision });
    decision = said.decision;
    if (said.hold !== undefined) firstHold ??= { day: tick / TICKS_PER_DAY, ...exposureNow(counts) };
    if (said.hold !== undefined && counts.hold(said.hold, tick)) looked = tick - LOOK_TICKS;
    if (decision === "pause") {
      pausedAt = tick;
      break;
    }
    if (said.allowed === 0 || !counts.waiting) continue;
    const waiting = decision === "hold" ? schedule.probed(tick) : schedule.waiting(tick);
    for (const { ring, devices } of wavesOf(waiting, said.allowed, counts.now)) {
      schedule.open(ring, devices, tick);
      waves.push({ ring, day: tick / TICKS_PER_DAY, devices });
    }
  }
  const truth = settleMonth(input, counts, pausedAt);
  return {
    ...truth,
    finished: truth.daysTo95 < HORIZON_DAYS,
    offered: counts.offered,
    firstHold,
    pausedAt: pausedAt === null ? null : pausedAt / TICKS_PER_DAY,
    heldDays: heldTicks / TICKS_PER_DAY,
    heldAtEnd: decision === "hold",
    decisions,
    waves,
    ...counts.lessons(),
  };
}

function exposureNow({ offered, started }: MonthCounts) {
  return { offered, started };
}

/** What really happened to the devices: those reached by the pause before they installed are spared. */
function settleMonth({ model, draws, fates }: MonthInput, counts: MonthCounts, pausedAt: number | null) {
  const { offeredAt, heldAt } = counts;
  const installedAt = new Uint32Array(HORIZON + 1);
  const reach = (model.policyReachHours * HOUR_MS) / TICK_MS;
  let harmed = 0;
  let installed = 0;
  let restartsForced = 0;
  for (let device = 0; device < draws.size; device++) {
    const at = offeredAt[device] ?? -1;
    if (at < 0) continue;
    const done = at + (draws.installDays[device] ?? 0) * TICKS_PER_DAY;
    const heldSince = heldAt?.[device] ?? -1;
    const stoppedAt = heldSince >= 0 ? heldSince : pausedAt;
    if (done > HORIZON || (stoppedAt !== null && done > stoppedAt && spared(done, stoppedAt, device))) continue;
    const flags = fates.flags[device] ?? 0;
    restartsForced += draws.forced[device] ?? 0;
    if ((flags & FateFlag.harmed) !== 0) harmed++;
    if ((flags & FateFlag.failed) === 0) installed++;
    if (heldSince >= 0) continue;
    const tick = Math.ceil(done);
    installedAt[tick] = (installedAt[tick] ?? 0) + 1;
  }
  const heldDevices = heldAt === undefined ? null : counts.held;
  const held = heldDevices?.reduce((sum, one) => sum + one, 0) ?? 0;
  return { harmed, installed, restartsForced, held, heldDevices, ...daysTo(installedAt, draws.size - held) };

  function spared(done: number, stoppedAt: number, device: number): boolean {
    if (done - stoppedAt > reach) return true;
    return (done - stoppedAt) * TICK_MS > policyReachHours(model, draws.seed, device, stoppedAt) * HOUR_MS;
  }
}

function daysTo(
  installedAt: Uint32Array,
  size: number,
): Pick<MonthOutcome, "daysTo90" | "daysTo95" | "installedByDay"> {
  const by = new Uint32Array(installedAt);
  for (let tick = 1; tick < by.length; tick++) by[tick] = (by[tick] ?? 0) + (by[tick - 1] ?? 0);
  const reached = (share: number): number => {
    const tick = by.findIndex((installed) => installed >= share * size);
    return tick < 0 ? HORIZON_DAYS : tick / TICKS_PER_DAY;
  };
  const installedByDay = Array.from({ length: HORIZON_DAYS }, (_, day) => by[(day + 1) * TICKS_PER_DAY] ?? 0);
  return { daysTo90: reached(0.9), daysTo95: reached(0.95), installedByDay };
}
