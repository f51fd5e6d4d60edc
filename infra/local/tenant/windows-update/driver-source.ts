import { compareVersions } from "../../../../shared/drivers/version.js";
import type { DriverEntry } from "../drivers/catalogue.js";
import { type Component, installedOn } from "../drivers/components.js";
import type { DeviceRecord } from "../types.js";
import type { Assigned } from "./assignments.js";

/** What brings drivers to devices: a driver update profile with its approvals. */
export interface DriverSource extends Assigned {
  /** What devices may have now for a component, the newest first. */
  readonly approved: (component: Component) => readonly DriverEntry[];
  /** The next instant after `now` (ms) at which that may change by itself, if there is one. */
  readonly nextChange: (now: number) => number | undefined;
}

/** The newest driver approved by any of the sources for each part of a device that has an older one. */
export function newestDrivers(sources: readonly DriverSource[], device: DeviceRecord): DriverEntry[] {
  if (sources.length === 0) return [];
  return installedOn(device).flatMap((part) => {
    const offered = sources.flatMap((source) => source.approved(part)[0] ?? []);
    const [newest] = offered.toSorted((a, b) => compareVersions(b.version, a.version));
    return newest !== undefined && compareVersions(newest.version, part.version) > 0 ? [newest] : [];
  });
}
