import type { MonitoringRule } from "../groups/group.js";
import type { WorkloadModule } from "../workloads/workload.js";

/** The monitoring rule as a release can carry it out: what nothing can stop is not paused, and people are told. */
export function enforceable(
  { unstoppable }: Pick<WorkloadModule, "unstoppable">,
  rule: MonitoringRule | null,
): MonitoringRule | null {
  if (rule === null || unstoppable?.what !== "all") return rule;
  return { ...rule, action: "alertError" };
}
