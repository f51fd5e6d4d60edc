import type { DeviceRecord } from "../registration/device.js";
import { DEMANDS, READINESS_CHECKS, type ReadinessCheck } from "./checks.js";

/** How a check stands over all registered devices. */
export interface CheckCount {
  readonly check: ReadinessCheck;
  /** What it demands, for people. */
  readonly demand: string;
  readonly passed: number;
  readonly failed: number;
  /** Devices whose agent has not reported it. */
  readonly notChecked: number;
}

/** The readiness of the registered devices among these: counts, and the devices with findings. */
export function readinessOverview(records: readonly DeviceRecord[]) {
  const registered = records.filter(({ status }) => status === "Registered");
  const notReady = registered.filter(({ state }) => state === "Not ready");
  return {
    devices: {
      registered: registered.length,
      ready: registered.length - notReady.length,
      notReady: notReady.length,
    },
    checks: READINESS_CHECKS.map((check) => countOf(check, registered)),
    findings: notReady.map(deviceReadiness),
  };
}

/** One device: every check with its result, and the ring it keeps whatever the result. */
export function deviceReadiness({ deviceId, name, groupId, ring, status, state, reason, readiness }: DeviceRecord) {
  const checks = READINESS_CHECKS.map((check) => {
    const result = readiness?.checks.find((each) => each.check === check);
    if (result === undefined) return { check, result: "Not checked" as const };
    if (result.passed) return { check, result: "Passed" as const };
    return { check, result: "Failed" as const, reason: result.reason ?? DEMANDS[check] };
  });
  return { deviceId, name, groupId, ring, status, state, reason, judgedAt: readiness?.at ?? null, checks };
}

function countOf(check: ReadinessCheck, records: readonly DeviceRecord[]): CheckCount {
  const results = records.map(({ readiness }) => readiness?.checks.find((each) => each.check === check));
  const count = (wanted: boolean | undefined) => results.filter((result) => result?.passed === wanted).length;
  return { check, demand: DEMANDS[check], passed: count(true), failed: count(false), notChecked: count(undefined) };
}
