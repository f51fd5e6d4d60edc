import type { AppDevice } from "../inventory/devices.js";
import { CHECKED_IN, INVENTORY_KNOWN } from "../inventory/rules.js";
import { type Eligibility, eligibilityOf, type Rule } from "../workloads/eligibility.js";

const RULES: readonly Rule<AppDevice>[] = [
  CHECKED_IN,
  INVENTORY_KNOWN,
  {
    code: "notReported",
    text: "The device tells no antivirus definitions: another product protects it, or none does.",
    keeps: ({ inventory }) => inventory === null || inventory.antivirus !== undefined,
  },
];

/** Whether a device gets antivirus definitions with its scans, and every rule that it breaks (autopatch.md §8.2). */
export function antivirusEligibility(device: AppDevice): Eligibility {
  return eligibilityOf(device, RULES);
}
