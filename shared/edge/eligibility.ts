import type { AppDevice } from "../inventory/devices.js";
import { CHECKED_IN, INVENTORY_KNOWN } from "../inventory/rules.js";
import { type Eligibility, eligibilityOf, type Rule } from "../workloads/eligibility.js";

const RULES: readonly Rule<AppDevice>[] = [
  CHECKED_IN,
  INVENTORY_KNOWN,
  {
    code: "notInstalled",
    text: "Microsoft Edge is not installed on the device.",
    keeps: ({ inventory }) => inventory === null || inventory.edge !== undefined,
  },
];

/** Whether Edge takes part in the rollout of its channel on a device, and every rule that it breaks (autopatch.md §8.2). */
export function edgeEligibility(device: AppDevice): Eligibility {
  return eligibilityOf(device, RULES);
}
