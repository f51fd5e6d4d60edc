import { DAY_MS, HOUR_MS } from "../calendar/days.js";
import { waveSize } from "../gate/controller.js";
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
  readonly restartsForced: number;
  readonly daysTo90: number;
  readonly daysTo95: number;
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

/** Runs one month of a fleet through a gate. Pure: the same input gives the same outcome. */
export function runMonth(input: MonthInput): MonthOutcome {
  const { rings, policy, draws } = input;
  const counts = new MonthCounts(input, HORIZON);
  const look = policy.begin();
  const opensAt = rings.map(({ offsetDays }) => Math.ceil(offsetDays * TICKS_PER_DAY));
  const waitingSince = [...opensAt];
  const decisions: MonthDecision[] = [];
  const waves: MonthWave[] = [];
  let decision: MonthDecision["decision"] = "continue";
  let heldTicks = 0;
  let pausedAt: number | null = null;
  let looked = -LOOK_TICKS;
  for (let tick = 0; tick <= HORIZON; tick++) {
    const reported = counts.advanceTo(tick);
    if (decision === "hold") heldTicks++;
    if (!reported && tick - looked < LOOK_TICKS && !opensAt.includes(tick)) continue;
    looked = tick;
    counts.waiting = counts.offered < draws.size && opensAt.some((at, ring) => tick >= at && counts.left(ring) > 0);
    const said = look(counts);
    if (said.decision !== decision) decisions.push({ day: tick / TICKS_PER_DAY, decision: said.decision });
    decision = said.decision;
    if (said.hold !== undefined && counts.hold(said.hold, tick)) looked = tick - LOOK_TICKS;
    if (decision === "pause") {
      pausedAt = tick;
      break;
    }
    if (decision === "hold" || !counts.waiting) continue;
    let allowed = said.allowed;
    for (const [ring, { name, size }] of rings.entries()) {
      const left = counts.left(ring);
      if (tick < (opensAt[ring] ?? 0) || left === 0) continue;
      const waitedHours = (tick - (waitingSince[ring] ?? 0)) / TICKS_PER_HOUR;
      const devices = waveSize({ ringSize: size, left, allowed, waitedHours });
      if (devices === 0) break;
      counts.offer(ring, devices, tick);
      waves.push({ ring: name, day: tick / TICKS_PER_DAY, devices });
      waitingSince[ring] = tick;
      allowed -= devices;
      if (devices < left) break;
    }
  }
  const truth = settleMonth(input, counts, pausedAt);
  return {
    ...truth,
    finished: truth.daysTo95 < HORIZON_DAYS,
    offered: counts.offered,
    pausedAt: pausedAt === null ? null : pausedAt / TICKS_PER_DAY,
    heldDays: heldTicks / TICKS_PER_DAY,
    heldAtEnd: decision === "hold",
    decisions,
    waves,
    ...counts.lessons(),
  };
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
  const held = heldAt === undefined ? 0 : counts.held.reduce((sum, one) => sum + one, 0);
  return { harmed, installed, restartsForced, held, ...daysTo(installedAt, draws.size - held) };

  function spared(done: number, stoppedAt: number, device: number): boolean {
    if (done - stoppedAt > reach) return true;
    return (done - stoppedAt) * TICK_MS > policyReachHours(model, draws.seed, device, stoppedAt) * HOUR_MS;
  }
}

function daysTo(installedAt: Uint32Array, size: number): Pick<MonthOutcome, "daysTo90" | "daysTo95"> {
  const reached = (share: number): number => {
    let sum = 0;
    for (let tick = 0; tick < installedAt.length; tick++) {
      sum += installedAt[tick] ?? 0;
      if (sum >= share * size) return tick / TICKS_PER_DAY;
    }
    return HORIZON_DAYS;
  };
  return { daysTo90: reached(0.9), daysTo95: reached(0.95) };
}
