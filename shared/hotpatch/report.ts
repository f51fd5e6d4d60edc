import { groupBy } from "../ledger/collections.js";
import { type DeviceRecord, DeviceState } from "../registration/device.js";
import { percentOf } from "../slo/percent.js";
import { parseBuild } from "../updates/build.js";
import type { QualityUpdate } from "../updates/quality-update.js";
import { isUpToDate } from "../updates/up-to-date.js";
import { type Eligibility, Health } from "../workloads/eligibility.js";
import type { Cycle } from "./cycle.js";
import type { QualityPolicy } from "./policy.js";
import type { ReportRow } from "./report-schema.js";

/** A device of the report. */
export interface ReportDevice {
  readonly record: Pick<DeviceRecord, "deviceId" | "state">;
  /** Null: in no quality update policy, so the tenant's default counts. */
  readonly policy: QualityPolicy | null;
  /** `10.0.26100.7623`, as Intune says it now; null when it does not. */
  readonly build: string | null;
  readonly eligibility: Eligibility;
}

/** Where the ring of a device stands in the release of the device's latest update. */
export interface RingProgress {
  readonly paused: boolean;
  /** The ring's days are not over. */
  readonly running: boolean;
  /** An attempt of the device has failed and none has succeeded. */
  readonly failed: boolean;
}

/** Progress of a device with an update; undefined where no release brings it. */
export type ProgressOf = (device: ReportDevice, update: QualityUpdate) => RingProgress | undefined;

const DeviceUpdate = {
  notReady: "notReady",
  paused: "paused",
  upToDate: "upToDate",
  inProgress: "inProgress",
  notUpToDate: "notUpToDate",
} as const;
type DeviceUpdate = (typeof DeviceUpdate)[keyof typeof DeviceUpdate];

/** Name of the row for devices in no quality update policy. */
export const TENANT_DEFAULT = "Tenant default";

/**
 * The rows of the hotpatch report, one for each policy and one for the devices in none (autopatch.md §9.3). Every device is
 * in one of the states, found in the order of §9.2.
 */
export function reportRows(
  policies: readonly QualityPolicy[],
  devices: readonly ReportDevice[],
  cycle: Pick<Cycle, "latest">,
  progressOf: ProgressOf,
): ReportRow[] {
  const byPolicy = groupBy(devices, ({ policy }) => policy?.name ?? null);
  return [...policies, null].map((policy) => {
    const own = byPolicy.get(policy?.name ?? null) ?? [];
    return rowOf(
      policy,
      own,
      own.map((device) => judged(device, cycle, progressOf)),
    );
  });
}

interface Judged {
  readonly state: DeviceUpdate;
  readonly hasLatest: boolean;
  readonly hotpatched: boolean;
}

function judged(device: ReportDevice, { latest }: Pick<Cycle, "latest">, progressOf: ProgressOf): Judged {
  const update = latest.get(parseBuild(device.build ?? "")?.major ?? 0);
  const build = device.build ?? "";
  const hasLatest = update !== undefined && isUpToDate(build, update);
  const progress = update && progressOf(device, update);
  return {
    state: stateOf(device.record.state === DeviceState.ready, hasLatest, progress),
    hasLatest,
    hotpatched: update?.revisions.some((revision) => revision.isHotpatch && revision.build === build) ?? false,
  };
}

function stateOf(ready: boolean, hasLatest: boolean, progress: RingProgress | undefined): DeviceUpdate {
  if (!ready) return DeviceUpdate.notReady;
  if (progress?.paused) return DeviceUpdate.paused;
  if (hasLatest) return DeviceUpdate.upToDate;
  return progress?.running && !progress.failed ? DeviceUpdate.inProgress : DeviceUpdate.notUpToDate;
}

function rowOf(
  policy: QualityPolicy | null,
  devices: readonly ReportDevice[],
  judgements: readonly Judged[],
): ReportRow {
  const count = (state: DeviceUpdate) => judgements.filter((each) => each.state === state).length;
  const ready = judgements.filter(({ state }) => state !== DeviceUpdate.notReady);
  const withLatest = ready.filter(({ hasLatest }) => hasLatest);
  const unhealthy = devices.filter(({ eligibility }) => eligibility.label === Health.unhealthy);
  return {
    policy: policy?.name ?? TENANT_DEFAULT,
    groupId: policy?.groupId ?? null,
    ring: policy?.ring ?? null,
    devices: devices.length,
    upToDate: count(DeviceUpdate.upToDate),
    hotpatched: ready.filter(({ hotpatched }) => hotpatched).length,
    notUpToDate: count(DeviceUpdate.notUpToDate),
    inProgress: count(DeviceUpdate.inProgress),
    percentWithLatest: percentOf(withLatest.length, ready.length),
    notReady: count(DeviceUpdate.notReady),
    paused: count(DeviceUpdate.paused),
    notEligible: unhealthy.length,
    reasons: countsOf(unhealthy.flatMap(({ eligibility }) => eligibility.reasons.map(({ code }) => code))),
  };
}

function countsOf(codes: readonly string[]): Record<string, number> {
  return Object.fromEntries([...groupBy(codes, (code) => code)].map(([code, each]) => [code, each.length]));
}
