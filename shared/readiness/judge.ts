import type { DeviceRecord } from "../registration/device.js";
import { same } from "../registration/same.js";
import { type CheckResult, DEMANDS, isReadinessCheck, READINESS_CHECKS, ReadinessCheck } from "./checks.js";
import { platformProblem } from "./platform.js";
import { conflictingPolicies, conflictingRegistryValues, type FoundSetting } from "./update-settings.js";

/** What the agent on a device found when it ran its checks. */
export interface AgentReport {
  /** When it ran them, ISO 8601: of two reports the newer one counts, whichever comes first. */
  readonly at: string;
  readonly checks: readonly {
    readonly check: string;
    readonly passed: boolean;
    readonly reason?: string | undefined;
  }[];
  /** Policies of the Update CSP that are set on the device. */
  readonly updatePolicies?: readonly FoundSetting[] | undefined;
  /** Values set below the watched registry keys (autopatch.md §5.8). */
  readonly registry?: readonly FoundSetting[] | undefined;
}

export interface Readiness {
  /** When the agent found it, or since when the service has seen it so; ISO 8601. */
  readonly at: string;
  readonly checks: readonly CheckResult[];
  readonly ready: boolean;
}

/**
 * Judges a device (autopatch.md §3.7): one failing check makes it Not ready. What the agent found last stands until it
 * reports again; of a device whose agent never reported, the service judges what Intune knows.
 * @param report the agent's new report, passed over when it is older than the last; null when there is none
 * @param now domain time, ms
 */
export function readinessOf(record: DeviceRecord, report: AgentReport | null, now: number): Readiness {
  const known = reportIn(record);
  const isNews = report !== null && (known === null || Date.parse(report.at) > Date.parse(known.at));
  const counted = isNews ? report : known;
  const checks = READINESS_CHECKS.flatMap((check) => judged(check, record, counted));
  const ready = checks.every(({ passed }) => passed);
  // A judgement that says nothing new keeps its time, so that the record stays as it is and need not be written.
  const before = record.readiness;
  const judgedAt = before !== null && same(before.checks, checks) ? before.at : new Date(now).toISOString();
  return { at: counted?.at ?? judgedAt, checks, ready };
}

/**
 * The record with its readiness, and for a registered device the state and reason that follow from it. A device that is
 * Not ready for another reason, such as a conflict of groups, stays so. It keeps its ring in any case.
 */
export function withReadiness(record: DeviceRecord, { at, checks, ready }: Readiness): DeviceRecord {
  const readiness = { at, checks };
  const otherReason = record.reason !== null && !isReadinessCheck(record.reason.check);
  if (record.status !== "Registered" || otherReason) return { ...record, readiness };
  const failed = checks.find(({ passed }) => !passed);
  const reason = failed === undefined ? null : { check: failed.check, message: failed.reason ?? DEMANDS[failed.check] };
  return { ...record, readiness, state: ready ? "Ready" : "Not ready", reason };
}

/** The agent's last report as the register keeps it; null while it never reported: the service judges one check only. */
function reportIn({ readiness }: DeviceRecord): AgentReport | null {
  const reported = readiness?.checks.some(({ check }) => check !== ReadinessCheck.platform) ?? false;
  return readiness !== null && reported ? readiness : null;
}

/** The result of one check, none when nobody has looked. */
function judged(check: ReadinessCheck, record: DeviceRecord, report: AgentReport | null): CheckResult[] {
  const conflicts = listedConflicts(check, report);
  if (conflicts.length > 0) return [failure(check, `Found ${conflicts.join(", ")}. ${DEMANDS[check]}`)];
  const found = report?.checks.find((result) => result.check === check);
  if (found !== undefined) return [found.passed ? { check, passed: true } : failure(check, found.reason)];
  if (check !== ReadinessCheck.platform || record.managed === null) return [];
  const problem = platformProblem(record.managed);
  return [problem === undefined ? { check, passed: true } : failure(check, problem)];
}

/** Settings that the agent lists and that the service does not suffer (autopatch.md §5.8). */
function listedConflicts(check: ReadinessCheck, report: AgentReport | null): string[] {
  if (check === ReadinessCheck.mdmPolicies) return conflictingPolicies(report?.updatePolicies ?? []);
  if (check === ReadinessCheck.groupPolicies) return conflictingRegistryValues(report?.registry ?? []);
  return [];
}

function failure(check: ReadinessCheck, reason = DEMANDS[check]): CheckResult {
  return { check, passed: false, reason };
}
