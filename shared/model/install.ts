import { exponential, uniform } from "../random.js";
import type { ModelParameters } from "./parameters.js";

/** Names a device in draws: its id, or its number in a benchmark. */
export type DeviceKey = string | number;

export interface InstallDelay {
  /** From the offer to the installed update, days. */
  readonly days: number;
  /** Whether the restart was forced, because the user had put it off to the end. */
  readonly forced: boolean;
}

/** Whether a device is of the type that is mostly offline (gate.md §1a). */
export function isOfflineType(model: ModelParameters, seed: number, device: DeviceKey): boolean {
  return uniform(seed, device, "offline type") < model.offlineShare;
}

/**
 * When a device installs an update, counted from the offer (gate.md §1a). With D = max(deadline, 0.75 days): an active
 * device at min(Exp(0.6·D + 0.2), D + U(0, 0.5)), an offline one at D + Exp(6).
 */
export function installDelay(
  model: ModelParameters,
  deadlineDays: number,
  seed: number,
  device: DeviceKey,
  update: string,
): InstallDelay {
  const deadline = Math.max(deadlineDays, model.shortestDeadlineDays);
  if (isOfflineType(model, seed, device)) {
    return { days: deadline + exponential(model.offlineMeanDays, seed, device, update, "return"), forced: false };
  }
  const mean = model.activeMeanPerDeadline * deadline + model.activeBaseDays;
  const wish = exponential(mean, seed, device, update, "install");
  const limit = deadline + model.forcedSpreadDays * uniform(seed, device, update, "forced");
  return wish < limit ? { days: wish, forced: false } : { days: limit, forced: true };
}

/** When a change of policy made at one instant reaches a device, hours later: U(0, 8 h) (gate.md §1a, autopatch.md §5.6). */
export function policyReachHours(model: ModelParameters, seed: number, device: DeviceKey, change: number): number {
  return model.policyReachHours * uniform(seed, device, "policy reach", change);
}
