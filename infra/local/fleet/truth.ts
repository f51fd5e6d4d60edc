import { isNewer, versionOf } from "./build-number.js";
import type { DeviceState, Result } from "./device-state.js";
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
}

const NONE = { state: "none", neverReports: false, harmed: false, reportPending: false } as const;

/** The truth about an update, given by its build per Windows version. A newer update counts as having it. */
export function truthOf(device: SimulatedDevice, state: DeviceState, builds: readonly string[]): DeviceTruth {
  const { deviceId } = device;
  const build = builds.find((each) => versionOf(each) === versionOf(device.record.osVersion));
  if (build === undefined) return { deviceId, ...NONE };
  const results = Object.entries(state.results);
  const found =
    results.find(([, result]) => result.build === build) ?? results.find(([, result]) => brings(result, build));
  if (found === undefined) return { deviceId, ...NONE };
  const [kb, result] = found;
  const newer = results.find(([, each]) => brings(each, build));
  const [reportedAs, final] = result.state === "installed" || newer === undefined ? [kb, result] : newer;
  const states = {
    installed: "installed",
    failed: "failed",
    bricked: "failed",
    rolledBack: "rolledBack",
    blocked: "none",
  } as const;
  const installed = final.state === "installed";
  return {
    deviceId,
    state: states[final.state],
    neverReports: final.silent,
    harmed: result.harmed,
    reportPending: state.outbox.some((signal) => signal.kb === reportedAs && signal.at === final.at),
    ...(installed ? { installedAt: final.at } : {}),
  };
}

function brings({ state, build }: Result, wanted: string): boolean {
  return state === "installed" && isNewer(build, wanted);
}
