import type { Values } from "../store/table.js";
import { type Contribution, NO_WAVE, REPORT_AGE_BINS } from "./row.js";
import { LEDGER_STATES, type LedgerState } from "./state.js";

/** Counts of the devices of one ring and wave (NO_WAVE: not offered by the service); of set-aside ones apart. */
export interface WaveCounts {
  readonly ring: string;
  readonly wave: number;
  /** The devices of held cohorts: the ring counts them, the gate does not. */
  readonly setAside: boolean;
  readonly states: Record<LedgerState, number>;
  /** Devices whose installation has begun. */
  started: number;
  /** Devices of which an attempt has failed or was rolled back, whatever came after it. */
  failedOnce: number;
  /** Final reports by days since the offer. */
  readonly reportAgeBins: number[];
  /** Final reports by days since the installation ended. */
  readonly returnAgeBins: number[];
  /** Begun and not come back, by the hour (since the epoch) in which the installation began. */
  readonly silent: Map<number, number>;
  /** Waiting for their restart, by the hour in which they began to wait. */
  readonly pending: Map<number, number>;
}

/** Sum of contributions, per ring, wave and whether they are set aside. Adding and subtracting the same contribution leaves no trace. */
export class Counters {
  readonly #cells = new Map<string, WaveCounts>();

  /** Ring and wave in a fixed order, empty ones left out. */
  cells(): WaveCounts[] {
    const used = [...this.#cells.values()].filter((cell) => LEDGER_STATES.some((state) => cell.states[state] !== 0));
    return used.sort(inOrder);
  }

  add(part: Contribution, sign: 1 | -1 = 1): void {
    const cell = this.#cell(part.ring, part.wave, part.setAside === true);
    cell.states[part.state] += sign;
    if (part.started) cell.started += sign;
    if (part.failedOnce) cell.failedOnce += sign;
    if (part.reportAgeBin !== undefined) addTo(cell.reportAgeBins, part.reportAgeBin, sign);
    if (part.returnAgeBin !== undefined) addTo(cell.returnAgeBins, part.returnAgeBin, sign);
    if (part.silentSince !== undefined) bump(cell.silent, part.silentSince, sign);
    if (part.pendingSince !== undefined) bump(cell.pending, part.pendingSince, sign);
  }

  /** Adds all of another partition's counts. */
  addAll(other: Counters): void {
    for (const theirs of other.#cells.values()) {
      const cell = this.#cell(theirs.ring, theirs.wave, theirs.setAside);
      for (const state of LEDGER_STATES) cell.states[state] += theirs.states[state];
      cell.started += theirs.started;
      cell.failedOnce += theirs.failedOnce;
      for (const [age, count] of theirs.reportAgeBins.entries()) addTo(cell.reportAgeBins, age, count);
      for (const [age, count] of theirs.returnAgeBins.entries()) addTo(cell.returnAgeBins, age, count);
      for (const [hour, count] of theirs.silent) bump(cell.silent, hour, count);
      for (const [hour, count] of theirs.pending) bump(cell.pending, hour, count);
    }
  }

  clone(): Counters {
    const copy = new Counters();
    copy.addAll(this);
    return copy;
  }

  /** Three properties of a row; a partition of 2,000 devices needs at most about 20 K characters of 32 K. */
  toValues(): Values {
    const cells = this.cells();
    const numbers = cells.map((c) => [
      c.ring,
      packWave(c),
      LEDGER_STATES.map((s) => c.states[s]),
      c.started,
      c.reportAgeBins,
      withoutLastZeros(c.returnAgeBins),
      c.failedOnce,
    ]);
    return {
      counters: JSON.stringify(numbers),
      silent: cells.map(({ silent }) => packHours(silent)).join(";"),
      pending: cells.map(({ pending }) => packHours(pending)).join(";"),
    };
  }

  static fromValues(values: Values): Counters {
    const counters = new Counters();
    const cells = JSON.parse(String(values.counters ?? "[]")) as PackedCell[];
    const silent = String(values.silent ?? "").split(";");
    const pending = String(values.pending ?? "").split(";");
    for (const [index, [ring, wave, states, started, reports, returns = [], failedOnce = 0]] of cells.entries()) {
      const cell = counters.#cell(ring, ...unpackWave(wave));
      for (const [position, state] of LEDGER_STATES.entries()) cell.states[state] = states[position] ?? 0;
      cell.started = started;
      cell.failedOnce = failedOnce;
      for (const [age, count] of reports.entries()) addTo(cell.reportAgeBins, age, count);
      for (const [age, count] of returns.entries()) addTo(cell.returnAgeBins, age, count);
      for (const [hour, count] of unpackHours(silent[index] ?? "")) cell.silent.set(hour, count);
      for (const [hour, count] of unpackHours(pending[index] ?? "")) cell.pending.set(hour, count);
    }
    return counters;
  }

  #cell(ring: string, wave: number, setAside: boolean): WaveCounts {
    const key = `${wave} ${setAside} ${ring}`;
    const known = this.#cells.get(key);
    if (known) return known;
    const states = { held: 0, notOffered: 0, open: 0, upToDate: 0, failed: 0, rolledBack: 0 };
    const cell = {
      ring,
      wave,
      setAside,
      states,
      started: 0,
      failedOnce: 0,
      reportAgeBins: Array<number>(REPORT_AGE_BINS).fill(0),
      returnAgeBins: Array<number>(REPORT_AGE_BINS).fill(0),
      silent: new Map(),
      pending: new Map(),
    };
    this.#cells.set(key, cell);
    return cell;
  }
}

/** Ring, wave, states, started, reports and returns by age, failed once; counters of an older version lack the last two. */
type PackedCell = [string, number, number[], number, number[], number[]?, number?];

/** A release may have hundreds of waves, and a row's property has room for 32 K characters. */
function withoutLastZeros(bins: readonly number[]): number[] {
  return bins.slice(0, bins.findLastIndex((count) => count !== 0) + 1);
}

function addTo(bins: number[], age: number, count: number): void {
  bins[age] = (bins[age] ?? 0) + count;
}

function inOrder(a: WaveCounts, b: WaveCounts): number {
  if (a.ring !== b.ring) return a.ring < b.ring ? -1 : 1;
  return a.wave - b.wave || Number(a.setAside) - Number(b.setAside);
}

/** The first number below every wave: waves of set-aside devices are packed downwards from here. */
const BELOW_WAVES = NO_WAVE - 1;

/** Counters written before cohorts were held have no number below NO_WAVE, so that they read as not set aside. */
function packWave({ wave, setAside }: Pick<WaveCounts, "wave" | "setAside">): number {
  return setAside ? BELOW_WAVES - (wave - NO_WAVE) : wave;
}

function unpackWave(packed: number): [wave: number, setAside: boolean] {
  return packed > BELOW_WAVES ? [packed, false] : [BELOW_WAVES - packed + NO_WAVE, true];
}

function bump(silent: Map<number, number>, hour: number, by: number): void {
  const count = (silent.get(hour) ?? 0) + by;
  if (count === 0) silent.delete(hour);
  else silent.set(hour, count);
}

const packHours = (hours: ReadonlyMap<number, number>): string =>
  [...hours]
    .sort(([a], [b]) => a - b)
    .map(([hour, count]) => `${hour.toString(36)}.${count.toString(36)}`)
    .join(",");

const unpackHours = (packed: string): [number, number][] =>
  packed === ""
    ? []
    : packed.split(",").map((part) => {
        const [hour = "", count = ""] = part.split(".");
        return [Number.parseInt(hour, 36), Number.parseInt(count, 36)];
      });
