import type { ReleaseSummary } from "../ledger/index.js";
import { type ArrivalCurve, defaultArrivals } from "./arrivals.js";
import type { GateStep } from "./evidence.js";

/** What the gate has to know of a ring beside its counts. */
export interface GateRing {
  readonly deadlineDays: number;
  /** People had the update uninstalled: what is rolled back there says nothing about the update. */
  readonly uninstalled: boolean;
  /** F as finished releases have taught it; absent: the default of the deadline. */
  readonly arrivals?: ArrivalCurve;
}

/** Rings and waves offered so far as the gate counts them, in the order of their offers. */
export function gateSteps(summary: ReleaseSummary, ringOf: (ring: string) => GateRing): GateStep[] {
  const steps = summary.waves.map((wave) => ({
    ring: wave.ring,
    wave: wave.wave,
    offered: wave.offered,
    offeredAt: Date.parse(wave.offeredAt),
    resolved: wave.resolved,
    failures: wave.failed + (ringOf(wave.ring).uninstalled ? 0 : wave.rolledBack),
    arrivals: ringOf(wave.ring).arrivals ?? defaultArrivals(ringOf(wave.ring).deadlineDays),
  }));
  return steps.sort((a, b) => a.offeredAt - b.offeredAt || a.ring.localeCompare(b.ring) || a.wave - b.wave);
}
