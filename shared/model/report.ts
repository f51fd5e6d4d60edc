import { logNormal, uniform } from "../random.js";
import type { DeviceKey } from "./install.js";
import type { ModelParameters } from "./parameters.js";

/** Days from the end of an attempt to its report: log-normal, wider when it failed (gate.md §1a). */
export function reportDelayDays(
  model: ModelParameters,
  seed: number,
  device: DeviceKey,
  update: string,
  failed: boolean,
  attempt = 1,
): number {
  const sigma = failed ? model.reportSigmaFailing : model.reportSigmaHealthy;
  return logNormal(model.reportMedianDays, sigma, seed, device, update, "report", attempt);
}

/**
 * Whether the result of an update is never heard of (gate.md §1a: 15 % of failing, 2 % of healthy devices). One draw
 * per device and update: a device that would hide a success hides a failure too.
 */
export function neverReports(
  model: ModelParameters,
  seed: number,
  device: DeviceKey,
  update: string,
  failed: boolean,
): boolean {
  const share = failed ? model.neverReportFailing : model.neverReportHealthy;
  return uniform(seed, device, update, "never reports") < share;
}
