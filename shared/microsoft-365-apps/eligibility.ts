import type { AppDevice } from "../inventory/devices.js";
import { OfficeManager } from "../inventory/inventory.js";
import { CHECKED_IN, INVENTORY_KNOWN } from "../inventory/rules.js";
import { type Eligibility, eligibilityOf, type Rule } from "../workloads/eligibility.js";

/** Office exists for these, 64-bit and 32-bit. */
const ARCHITECTURES: ReadonlySet<string> = new Set(["x64", "amd64", "arm64", "x86"]);

/** How the settings of Office's policies are called. */
const OFFICE_SETTING = /^office[A-Z]/;

/** The rules of Microsoft 365 Apps in the order of the reference (autopatch.md §8.1). */
export const OFFICE_RULES: readonly Rule<AppDevice>[] = [
  CHECKED_IN,
  {
    code: "architecture",
    text: "Microsoft 365 Apps are for 64-bit and 32-bit processors, and Intune names no such processor of the device.",
    keeps: ({ architecture }) => architecture !== null && ARCHITECTURES.has(architecture),
  },
  INVENTORY_KNOWN,
  {
    code: "notInstalled",
    text: "Microsoft 365 Apps are not installed on the device.",
    keeps: ({ inventory }) => inventory === null || inventory.office !== undefined,
  },
  {
    code: "servicingProfile",
    text: "A servicing profile of the Microsoft 365 Apps admin center updates the apps and takes precedence. Take the device out of the profile.",
    keeps: ({ inventory }) => inventory?.office?.managedBy !== OfficeManager.servicingProfile,
  },
  {
    code: "cloudUpdate",
    text: "Cloud update updates the apps and takes precedence. Exclude the device from cloud update.",
    keeps: ({ inventory }) => inventory?.office?.managedBy !== OfficeManager.cloudUpdate,
  },
  {
    code: "policyConflict",
    text: "Another policy says otherwise about updates of the apps. GET policy-conflicts names it; change it or exclude the device.",
    keeps: ({ conflictingSettings }) => !conflictingSettings.some((setting) => OFFICE_SETTING.test(setting)),
  },
];

/** Whether a device counts in the objective of Microsoft 365 Apps, and every rule that it breaks. */
export function officeEligibility(device: AppDevice): Eligibility {
  return eligibilityOf(device, OFFICE_RULES);
}
