import { SignalWorkload } from "../../../shared/signals/signal.js";
import type { InventoryPatch } from "../tenant/types.js";
import { windowsVersionOf } from "../tenant/windows-update/windows-versions.js";
import { versionOf } from "./build-number.js";
import type { DeviceState, Job, Result } from "./device-state.js";

/** What is kept of an attempt that ended at `at` (ms), but for its end. */
export function resultOf(job: Job, { build: previous }: DeviceState, at: number): Omit<Result, "state"> {
  const { workload, build, brings, component, attempt, harmed, silent } = job;
  return {
    ...{ workload, build, at, attempt, harmed, silent, previous },
    ...(brings !== undefined && { brings }),
    ...(component !== undefined && { component }),
  };
}

/** Gives the device what an attempt has installed. */
export function install({ build, brings, component }: Job, state: DeviceState): void {
  if (component === undefined) state.build = brings ?? build;
  else state.drivers = { ...state.drivers, [component]: build };
}

/** Takes an update of Windows away. With a Windows version go the quality updates that were installed on it. */
export function uninstall(kb: string, result: Result, state: DeviceState, at: number): void {
  state.build = result.previous;
  state.results[kb] = { ...result, state: "rolledBack", at };
  if (result.workload !== SignalWorkload.feature) return;
  for (const [key, each] of Object.entries(state.results)) {
    if (each.workload === SignalWorkload.quality && versionOf(each.build) === result.build) delete state.results[key];
  }
}

/** What Intune hears of a device at a synchronisation (ms). */
export function inventoryOf({ build, drivers }: DeviceState, at: number): InventoryPatch {
  const windows = windowsVersionOf(build);
  return {
    osVersion: build,
    lastSyncDateTime: new Date(at).toISOString(),
    ...(windows !== undefined && { product: windows.product, version: windows.version }),
    ...(drivers !== undefined && { installedDrivers: drivers }),
  };
}
