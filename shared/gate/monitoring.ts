import type { MonitoringRule } from "../groups/group.js";
import { percentOf, reaches } from "../slo/percent.js";

export interface MonitoringResult {
  readonly triggered: boolean;
  /** Rollbacks in percent of offered devices, one decimal; null before the first offer. */
  readonly percent: number | null;
  /** Why the deployment pauses, by Graph's name; null when the rule only alerts or has not triggered. */
  readonly pauseReason: "pausedByMonitoring" | null;
}

/** Judges the group's one monitoring rule: rollbacks at or above its threshold trigger it (autopatch.md §5.12, row 105). */
export function evaluateMonitoringRule(
  rule: MonitoringRule,
  { offered, rolledBack }: { readonly offered: number; readonly rolledBack: number },
): MonitoringResult {
  const triggered = reaches(rolledBack, offered, rule.threshold);
  return {
    triggered,
    percent: percentOf(rolledBack, offered),
    pauseReason: triggered && rule.action === "pauseDeployment" ? "pausedByMonitoring" : null,
  };
}
