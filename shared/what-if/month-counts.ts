import { HOUR_MS } from "../calendar/days.js";
import { type ArrivalCurve, defaultArrivals } from "../gate/arrivals.js";
import type { GateStep } from "../gate/evidence.js";
import type { CheckInControl, SilentGroup } from "../gate/silence.js";
import { FateFlag, TICKS_PER_DAY, TICKS_PER_HOUR } from "./fates.js";
import type { MonthInput } from "./month.js";
import type { MonthHistory, MonthResults, MonthView, RingView } from "./policy.js";

const TICK_MS = HOUR_MS / TICKS_PER_HOUR;
const AGE_BINS = 15;
/** Usual gap between two check-ins of a device, hours. */
const USUAL_CHECK_IN_HOURS = 24;

interface Wave extends GateStep {
  offered: number;
  readonly ringIndex: number;
  readonly tick: number;
  resolved: number;
  failures: number;
  /** All that it was offered to, held ones too. */
  readonly devices: Uint32Array;
  /** Devices in the order of their reports, and where in it each tick from the offer begins. */
  byReport: Uint32Array;
  reportStart: Uint32Array;
  /** Devices that begin to install, by tick from the offer. */
  readonly starts: Uint32Array;
}

interface RingCount extends RingView {
  offered: number;
  resolved: number;
  failures: number;
  readonly reportAgeBins: number[];
  readonly arrivals: ArrivalCurve;
  /** Place in the order from which devices have not been offered or passed over. */
  next: number;
  /** Devices that may still be offered. */
  left: number;
}

/**
 * The ledger of a simulated month: counts that move forward tick by tick. A wave is sorted once by the tick of its
 * reports (counting sort), so that a month costs time linear in devices and ticks.
 */
export class MonthCounts implements MonthView {
  now = 0;
  offered = 0;
  started = 0;
  waiting = false;
  readonly fleet: number;
  readonly rings: RingCount[];
  readonly steps: Wave[] = [];
  readonly control: CheckInControl | null;
  readonly history: MonthHistory;
  readonly offeredAt: Int32Array;
  readonly held: Uint8Array;
  failed: number[] = [];
  /** Tick of the safeguard hold by device; undefined until there is one. */
  heldAt: Int32Array | undefined;
  readonly #silent: Int32Array;
  readonly #groups: { readonly since: number; devices: number }[] = [];
  readonly #returnAges = Array<number>(AGE_BINS).fill(0);
  readonly #input: MonthInput;
  readonly #horizon: number;

  constructor(input: MonthInput, horizon: number) {
    const { draws, history, rings, slowdown = 1 } = input;
    this.#input = input;
    this.#horizon = horizon;
    this.fleet = draws.size;
    this.history = history;
    this.control = { usualHours: USUAL_CHECK_IN_HOURS, currentHours: USUAL_CHECK_IN_HOURS * slowdown };
    this.offeredAt = new Int32Array(draws.size).fill(-1);
    this.held = new Uint8Array(draws.size);
    this.#silent = new Int32Array(Math.ceil(horizon / TICKS_PER_HOUR) + 1);
    this.rings = rings.map(({ name, size, deadlineDays }, ring) => ({
      ...{ name, size, offered: 0, resolved: 0, failures: 0 },
      reportAgeBins: Array<number>(AGE_BINS).fill(0),
      arrivals: history.arrivals[name] ?? defaultArrivals(deadlineDays),
      ...{ next: draws.ringStarts[ring] ?? 0, left: size },
    }));
  }

  /** Devices of a ring not offered yet. */
  left(ring: number): number {
    return this.rings[ring]?.left ?? 0;
  }

  /** Offers the next devices of a ring. */
  offer(ring: number, devices: number, tick: number): void {
    const count = this.rings[ring];
    if (count === undefined) return;
    const { order, fates } = this.#input;
    const chosen = new Uint32Array(devices);
    for (let i = 0; i < devices; count.next++) {
      const device = order?.[count.next] ?? count.next;
      if (this.held[device] === 0 && (this.offeredAt[device] ?? 0) < 0) chosen[i++] = device;
    }
    const span = Math.max(0, this.#horizon - tick);
    const starts = new Uint32Array(span + 1);
    for (const device of chosen) {
      this.offeredAt[device] = tick;
      const start = fates.installTicks[device] ?? 0;
      if (start <= span) starts[start] = (starts[start] ?? 0) + 1;
    }
    const { sorted, begins } = sortByReport(chosen, fates.reportTicks, span);
    this.steps.push({
      ...{ ring: count.name, ringIndex: ring, wave: this.steps.filter((step) => step.ringIndex === ring).length },
      ...{ offered: devices, offeredAt: tick * TICK_MS, tick, resolved: 0, failures: 0, arrivals: count.arrivals },
      ...{ devices: chosen, byReport: sorted, reportStart: begins, starts },
    });
    count.offered += devices;
    count.left -= devices;
    this.offered += devices;
  }

  /** Counts what happens at a tick. @returns whether any report came */
  advanceTo(tick: number): boolean {
    this.now = tick * TICK_MS;
    const hour = Math.floor(tick / TICKS_PER_HOUR);
    let reported = false;
    for (const wave of this.steps) {
      const age = tick - wave.tick;
      const starting = wave.starts[age] ?? 0;
      this.started += starting;
      this.#silent[hour] = (this.#silent[hour] ?? 0) + starting;
      const from = wave.reportStart[age] ?? 0;
      const to = wave.reportStart[age + 1] ?? from;
      if (to > from) {
        reported = true;
        this.#hear(wave, from, to, age);
      }
    }
    return reported;
  }

  silent(): SilentGroup[] {
    const groups: SilentGroup[] = [];
    for (let hour = 0; hour * HOUR_MS <= this.now; hour++) {
      const devices = this.#silent[hour] ?? 0;
      if (devices === 0) continue;
      // Asked for every hour of the month: one object per hour serves all of them.
      const group = this.#groups[hour] ?? { since: hour * HOUR_MS, devices };
      group.devices = devices;
      this.#groups[hour] = group;
      groups.push(group);
    }
    return groups;
  }

  /** Devices whose result is known, and those of them that failed; held ones too, for cohorts. */
  results(): MonthResults {
    const { flags, installTicks, reportTicks } = this.#input.fates;
    const tick = this.now / TICK_MS;
    const exposed: number[] = [];
    const failing: number[] = [];
    for (let device = 0; device < this.offeredAt.length; device++) {
      const at = this.offeredAt[device] as number;
      const report = reportTicks[device] as number;
      if (at < 0 || report < 0 || at + report > tick) continue;
      const heldAt = this.heldAt?.[device] ?? -1;
      if (heldAt >= 0 && at + (installTicks[device] as number) > heldAt) continue;
      exposed.push(device);
      if (((flags[device] as number) & FateFlag.failed) !== 0) failing.push(device);
    }
    return { exposed, failing };
  }

  /**
   * Holds these devices (1) and no others: they are offered nothing and counted nowhere. Those that were held before and
   * are not any more come back with what they have reported meanwhile. @returns whether anything has changed
   */
  hold(devices: Uint8Array, tick: number): boolean {
    const at = this.heldAt ?? new Int32Array(devices.length).fill(-1);
    this.heldAt = at;
    let found = false;
    for (let device = 0; device < devices.length; device++) {
      if (devices[device] === this.held[device]) continue;
      found = true;
      const holds = devices[device] === 1;
      this.held[device] = holds ? 1 : 0;
      at[device] = holds ? tick : -1;
      if ((this.offeredAt[device] ?? -1) >= 0) this.#countStart(device, tick, holds ? -1 : 1);
      else this.#keepBack(device, holds);
    }
    if (found) {
      for (const wave of this.steps) this.#recount(wave, tick);
      this.failed = this.results().failing.filter((device) => this.held[device] === 0);
    }
    return found;
  }

  /** What the month teaches: reports and returns by age in days. */
  lessons() {
    const sum = (of: (ring: RingCount) => number) => this.rings.reduce((total, ring) => total + of(ring), 0);
    return {
      resolved: sum(({ resolved }) => resolved),
      failures: sum(({ failures }) => failures),
      reportAgeBins: Object.fromEntries(this.rings.map(({ name, reportAgeBins }) => [name, reportAgeBins])),
      started: this.started,
      returnAgeBins: this.#returnAges,
    };
  }

  #keepBack(device: number, holds: boolean): void {
    const index = this.#input.draws.ringStarts.findLastIndex((start) => device >= start);
    const ring = this.rings[index];
    if (ring === undefined) return;
    ring.left += holds ? -1 : 1;
    // Its place in the order may have been passed.
    if (!holds) ring.next = this.#input.draws.ringStarts[index] ?? 0;
  }

  #countStart(device: number, tick: number, by: 1 | -1): void {
    const { installTicks, reportTicks } = this.#input.fates;
    const offered = this.offeredAt[device] ?? 0;
    const start = offered + (installTicks[device] ?? 0);
    if (start > tick) return;
    this.started += by;
    const report = reportTicks[device] ?? -1;
    if (report >= 0 && offered + report <= tick) return;
    const hour = Math.floor(start / TICKS_PER_HOUR);
    this.#silent[hour] = (this.#silent[hour] ?? 0) + by;
  }

  /** Counts a wave again without the devices that are held. */
  #recount(wave: Wave, tick: number): void {
    const { flags, installTicks } = this.#input.fates;
    const ring = this.rings[wave.ringIndex];
    if (ring === undefined) return;
    const free = wave.devices.filter((device) => this.held[device] === 0);
    const span = wave.starts.length - 1;
    const { sorted, begins } = sortByReport(free, this.#input.fates.reportTicks, span);
    const heard = begins[tick - wave.tick + 1] ?? sorted.length;
    const failures = sorted.subarray(0, heard).filter((device) => ((flags[device] ?? 0) & FateFlag.failed) !== 0);
    wave.starts.fill(0);
    for (const device of free) {
      const start = installTicks[device] ?? 0;
      if (start <= span) wave.starts[start] = (wave.starts[start] ?? 0) + 1;
    }
    ring.offered += free.length - wave.offered;
    this.offered += free.length - wave.offered;
    ring.resolved += heard - wave.resolved;
    ring.failures += failures.length - wave.failures;
    wave.offered = free.length;
    wave.resolved = heard;
    wave.failures = failures.length;
    wave.byReport = sorted;
    wave.reportStart = begins;
  }

  #hear(wave: Wave, from: number, to: number, age: number): void {
    const { flags, installTicks } = this.#input.fates;
    const ring = this.rings[wave.ringIndex];
    if (ring === undefined) return;
    let failures = 0;
    for (let i = from; i < to; i++) {
      const device = wave.byReport[i] ?? 0;
      if (((flags[device] ?? 0) & FateFlag.failed) !== 0) {
        failures++;
        this.failed.push(device);
      }
      const installed = installTicks[device] ?? 0;
      const hour = Math.floor((wave.tick + installed) / TICKS_PER_HOUR);
      this.#silent[hour] = (this.#silent[hour] ?? 0) - 1;
      const back = Math.min(AGE_BINS - 1, Math.floor((age - installed) / TICKS_PER_DAY));
      this.#returnAges[back] = (this.#returnAges[back] ?? 0) + 1;
    }
    wave.resolved += to - from;
    wave.failures += failures;
    ring.resolved += to - from;
    ring.failures += failures;
    const bin = Math.min(AGE_BINS - 1, Math.floor(age / TICKS_PER_DAY));
    ring.reportAgeBins[bin] = (ring.reportAgeBins[bin] ?? 0) + to - from;
  }
}

/** Counting sort of devices by the tick of their report; those later than the span, or never, are left out. */
function sortByReport(devices: Uint32Array, reportTicks: Int32Array, span: number) {
  const begins = new Uint32Array(span + 2);
  for (const device of devices) {
    const tick = reportTicks[device] ?? -1;
    if (tick >= 0 && tick <= span) begins[tick + 1] = (begins[tick + 1] ?? 0) + 1;
  }
  for (let tick = 0; tick <= span; tick++) begins[tick + 1] = (begins[tick + 1] ?? 0) + (begins[tick] ?? 0);
  const sorted = new Uint32Array(begins[span + 1] ?? 0);
  const next = begins.slice();
  for (const device of devices) {
    const tick = reportTicks[device] ?? -1;
    if (tick < 0 || tick > span) continue;
    const place = next[tick] ?? 0;
    sorted[place] = device;
    next[tick] = place + 1;
  }
  return { sorted, begins };
}
