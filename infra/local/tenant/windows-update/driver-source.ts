import { compareVersions } from "../../../../shared/drivers/version.js";
import type { DriverEntry } from "../drivers/catalogue.js";
import { type Component, installedOn } from "../drivers/components.js";
import type { DeviceRecord } from "../types.js";
import type { Assigned } from "./assignments.js";
import { isOffered, type Rollout } from "./rollout.js";

/** What brings drivers to devices: a driver update profile with its approvals, or a deployment. */
export interface DriverSource extends Assigned {
  /** What devices may have now for a component, the newest first. */
  readonly approved: (component: Component) => readonly DriverEntry[];
  /** When devices are offered it; absent, each as soon as it is approved. */
  readonly rollout?: Rollout;
  /** The next instant after `now` (ms) at which that may change by itself, if there is one. */
  readonly nextChange: (now: number) => number | undefined;
}

/** The newest driver that any of the sources offers now for each part of a device that has an older one. */
export function newestDrivers(all: readonly DriverSource[], device: DeviceRecord, now: number): DriverEntry[] {
  const sources = all.filter(({ id, rollout = {} }) => isOffered({ id, rollout }, device, now));
  if (sources.length === 0) return [];
  return installedOn(device).flatMap((part) => {
    const offered = sources.flatMap((source) => source.approved(part)[0] ?? []);
    const [newest] = offered.toSorted((a, b) => compareVersions(b.version, a.version));
    return newest !== undefined && compareVersions(newest.version, part.version) > 0 ? [newest] : [];
  });
}
