import { compareVersions } from "../../../shared/drivers/version.js";
import { SignalWorkload } from "../../../shared/signals/signal.js";
import { isNewer, isNewerVersion, versionOf } from "./build-number.js";
import type { DeviceState, DeviceUpdate, Result } from "./device-state.js";
import type { SimulatedDevice } from "./devices.js";

/** What really became of an update on a device, whatever was reported. */
export interface DeviceTruth {
  readonly deviceId: string;
  /** A device that began and was lost counts as failed. */
  readonly state: "installed" | "failed" | "rolledBack" | "none";
  /** Its result will never be reported. */
  readonly neverReports: boolean;
  /** Failed because of the update itself, not by the base rate. */
  readonly harmed: boolean;
  /** Its result is yet to be reported. */
  readonly reportPending: boolean;
  /** ms; only while it is installed. */
  readonly installedAt?: number;
  /** Which build or version of it, likewise: of a month with hotpatches there are two. */
  readonly build?: string;
}

const NONE = { state: "none", neverReports: false, harmed: false, reportPending: false } as const;

/** Builds of a quality update per Windows version, or any other update by its names. */
export type WantedUpdate = readonly string[] | DeviceUpdate;

/** The truth about an update. A newer one counts as having it. */
export function truthOf(device: SimulatedDevice, state: DeviceState, wanted: WantedUpdate): DeviceTruth {
  const { deviceId } = device;
  const found = "kb" in wanted ? truthOfSubject(state, wanted) : truthOfBuilds(device, state, wanted);
  return found === undefined ? { deviceId, ...NONE } : { deviceId, ...found };
}

/** By the Windows version that the device began with, else by the one it has now. */
function truthOfBuilds(device: SimulatedDevice, state: DeviceState, builds: readonly string[]) {
  for (const installed of [device.record.osVersion, state.build]) {
    const own = builds.filter((each) => versionOf(each) === versionOf(installed));
    const [newest] = own.toSorted((a, b) => Number(isNewer(b, a)) - Number(isNewer(a, b)));
    const found =
      newest &&
      pick(
        state,
        (result) => result.workload === SignalWorkload.quality && own.includes(result.build),
        (result) => result.workload !== SignalWorkload.driver && isNewer(result.brings ?? result.build, newest),
      );
    if (found) return found;
  }
  return undefined;
}

function truthOfSubject(
  state: DeviceState,
  { workload, kb, build, component = state.results[kb]?.component }: DeviceUpdate,
) {
  return pick(
    state,
    (_result, key) => key === kb,
    (result) => {
      if (result.workload !== workload) return false;
      if (workload === SignalWorkload.feature) return isNewerVersion(result.build, build);
      return result.component === component && compareVersions(result.build, build) > 0;
    },
  );
}

/** @param isIt whether a result is of the update; @param isNewerOne whether it is of one that replaces it */
function pick(
  state: DeviceState,
  isIt: (result: Result, key: string) => boolean,
  isNewerOne: (result: Result) => boolean,
): Omit<DeviceTruth, "deviceId"> | undefined {
  const results = Object.entries(state.results);
  const newer = results.find(([, result]) => result.state === "installed" && isNewerOne(result));
  const found = results.find(([key, result]) => isIt(result, key)) ?? newer;
  if (found === undefined) return undefined;
  const [kb, result] = found;
  const [reportedAs, final] = result.state === "installed" || newer === undefined ? [kb, result] : newer;
  const states = {
    installed: "installed",
    failed: "failed",
    bricked: "failed",
    rolledBack: "rolledBack",
    blocked: "none",
  } as const;
  return {
    state: states[final.state],
    neverReports: final.silent,
    harmed: result.harmed,
    reportPending: state.outbox.some((signal) => signal.kb === reportedAs && signal.at === final.at),
    ...(final.state === "installed" ? { installedAt: final.at, build: final.build } : {}),
  };
}
