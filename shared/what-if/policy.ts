import type { ArrivalCurve } from "../gate/arrivals.js";
import type { GateStep } from "../gate/evidence.js";
import type { GateDecision } from "../gate/gate.js";
import type { CheckInControl, NoReturnCurve, SilentGroup } from "../gate/silence.js";

/** What earlier months have taught. */
export interface MonthHistory {
  /** Reported failure rate. */
  readonly p0: number;
  readonly p0Variation: number;
  /** F by ring; a ring without has the default of its deadline. */
  readonly arrivals: Readonly<Record<string, ArrivalCurve>>;
  readonly noReturn: NoReturnCurve;
}

/** Reports of one ring so far. */
export interface RingView {
  readonly name: string;
  readonly size: number;
  readonly offered: number;
  readonly resolved: number;
  readonly failures: number;
}

/** Devices by number of which the result is known, held ones too; those that failed are part of the exposed ones. */
export interface MonthResults {
  readonly exposed: readonly number[];
  readonly failing: readonly number[];
}

/** What a gate sees of a month: counts as the ledger has them, never devices. Valid during the look only. */
export interface MonthView {
  /** ms */
  readonly now: number;
  readonly fleet: number;
  readonly rings: readonly RingView[];
  /** Waves offered so far. */
  readonly steps: readonly GateStep[];
  readonly offered: number;
  /** Devices whose installation has begun. */
  readonly started: number;
  silent(): SilentGroup[];
  readonly control: CheckInControl | null;
  readonly history: MonthHistory;
  /** A ring's day has come and not all of it has been offered. */
  readonly waiting: boolean;
  /** Devices that reported a failure and are not held. */
  readonly failed: readonly number[];
  results(): MonthResults;
  /** Tick of the offer by device, -1 until offered; 1 in `held` where a safeguard hold keeps the device back. */
  readonly offeredAt: Int32Array;
  readonly held: Uint8Array;
}

/** What a gate says at a look. */
export interface Look {
  readonly decision: GateDecision;
  /** How many more devices may be offered now, in a hold as well: a hold that has heard most of it may probe. */
  readonly allowed: number;
  /**
   * Devices (1) that safeguard holds keep back from now on, and no others (gate.md §5): they are offered nothing, spared
   * if they have not installed when the hold reaches them, and leave all counts. The gate looks again at the next tick.
   */
  readonly hold?: Uint8Array;
}

/** A gate that can be put in charge of a month. */
export interface GatePolicy {
  readonly name: string;
  /** A fresh gate for one deployment. */
  begin(): (view: MonthView) => Look;
}
