import type { ReleaseSummary } from "../ledger/index.js";
import { defaultArrivals } from "./arrivals.js";
import type { GateStep } from "./evidence.js";

/** Rings and waves offered so far as the gate counts them, in the order of their offers. */
export function gateSteps(summary: ReleaseSummary, deadlineDaysOf: (ring: string) => number): GateStep[] {
  const steps = summary.waves.map((wave) => ({
    ring: wave.ring,
    wave: wave.wave,
    offered: wave.offered,
    offeredAt: Date.parse(wave.offeredAt),
    resolved: wave.resolved,
    failures: wave.failed + wave.rolledBack,
    arrivals: defaultArrivals(deadlineDaysOf(wave.ring)),
  }));
  return steps.sort((a, b) => a.offeredAt - b.offeredAt || a.ring.localeCompare(b.ring) || a.wave - b.wave);
}
