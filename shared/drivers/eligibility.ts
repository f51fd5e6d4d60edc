import type { StoredGroup } from "../groups/store.js";
import type { DeviceRecord } from "../registration/device.js";
import { CHECK_IN_DAYS, hasCheckedIn } from "../registration/prerequisites.js";
import { type Eligibility, eligibilityOf, type Rule } from "../workloads/eligibility.js";
import { driverApprovalIn } from "./mode.js";

/** A device as drivers and firmware see it. */
export interface DriverDevice {
  readonly record: Pick<DeviceRecord, "managed" | "reason" | "ring">;
  /** The group in which it is registered; undefined: in none. */
  readonly group: Pick<StoredGroup, "definition"> | undefined;
  /** ms */
  readonly now: number;
}

const RULES: readonly Rule<DriverDevice>[] = [
  {
    code: "notManaged",
    text: "Intune does not manage the device, so that no driver policy reaches it. Enrol it in Intune.",
    keeps: ({ record: { managed } }) => managed !== null,
  },
  {
    code: "checkIn",
    text: `The device has not checked in with Intune for more than ${CHECK_IN_DAYS} days. Switch it on and synchronise it.`,
    keeps: ({ record, now }) => hasCheckedIn(record, now),
  },
  {
    code: "coManaged",
    text: "Configuration Manager has its Windows Update workload, so that Intune's driver policies do not count there. Move the workload to Intune.",
    keeps: ({ record: { managed } }) => managed?.coManagement?.windowsUpdateForBusiness !== false,
  },
  {
    code: "noPolicy",
    text: "Its Autopatch group leaves drivers alone, or it is in no ring. Allow driver updates in the group, or put it into one.",
    keeps: ({ record: { ring }, group }) =>
      ring !== null && group !== undefined && driverApprovalIn(group.definition, ring) !== null,
  },
];

/** Whether driver policies reach a device, and every rule that it breaks (autopatch.md §7). */
export function driverEligibility(device: DriverDevice): Eligibility {
  return eligibilityOf(device, RULES);
}
