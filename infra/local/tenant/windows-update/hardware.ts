import type { DeviceRecord } from "../types.js";

/** GB; autopatch.md §6.4 with Microsoft's list of requirements. */
const LEAST_MEMORY_GB = 4;
const LEAST_DISK_GB = 64;

/** Whether the hardware allows Windows 11, by what the device tells of itself. What it does not tell it does not have. */
export function canRunWindows11({ attributes }: Pick<DeviceRecord, "attributes">): boolean {
  const { tpm, secureBoot, processorSupported, memoryGb, diskGb } = attributes;
  return (
    tpm === "2.0" &&
    secureBoot === "on" &&
    processorSupported === "yes" &&
    Number(memoryGb ?? 0) >= LEAST_MEMORY_GB &&
    Number(diskGb ?? 0) >= LEAST_DISK_GB
  );
}
