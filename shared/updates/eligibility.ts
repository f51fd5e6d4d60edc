import { DEMANDS } from "../readiness/checks.js";
import { type DeviceRecord, DeviceState, DeviceStatus } from "../registration/device.js";
import { type Eligibility, Health, type Reason } from "../workloads/eligibility.js";

/**
 * Whether a device counts in the objective of quality updates: it is registered and passes every readiness check
 * (autopatch.md §3.7, §5.5).
 */
export function qualityEligibility({ status, state, reason, readiness }: DeviceRecord): Eligibility {
  const failing: Reason[] = (readiness?.checks ?? [])
    .filter(({ passed }) => !passed)
    .map(({ check, reason: why }) => ({ code: check, text: why ?? demandOf(check) }));
  const named = failing.length > 0 || reason === null ? [] : [{ code: reason.check, text: reason.message }];
  const isReady = status === DeviceStatus.registered && state === DeviceState.ready;
  const unnamed = { code: "notReady", text: `The device is ${state}. GET devices/{id} says why.` };
  const reasons = [...failing, ...named];
  if (isReady) return { label: Health.healthy, reasons: [] };
  return { label: Health.unhealthy, reasons: reasons.length > 0 ? reasons : [unnamed] };
}

function demandOf(check: string): string {
  return Object.entries(DEMANDS).find(([name]) => name === check)?.[1] ?? check;
}
