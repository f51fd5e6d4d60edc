import type { DeviceProgress } from "../ledger/index.js";
import { type DeviceRecord, DeviceState } from "../registration/device.js";
import { deviceSlo } from "../releases/device-slo.js";
import type { RingPlan } from "../releases/plan.js";
import { type Compliance, compliance } from "../slo/percent.js";
import { UpdateState } from "../updates/up-to-date.js";
import type { Update } from "../updates/update.js";
import { workloadFor } from "../workloads/index.js";
import type { DeviceVersions } from "../workloads/workload.js";

/** What is known of the devices at a look. */
export interface Known {
  /** What discovery knows, by deviceId. */
  readonly register: ReadonlyMap<string, DeviceRecord>;
  /** Versions of apps by deviceId, from the daily inventory; for workloads that it reports. */
  readonly apps?: ReadonlyMap<string, NonNullable<DeviceVersions["apps"]>>;
  /** Devices that are labelled Healthy for the workload; absent: it has no such rules. */
  readonly eligible?: ReadonlySet<string>;
}

/**
 * How many devices of a ring have the update, of those that had to have it by now (autopatch.md §5.5). A device counts as
 * up to date by its report, by the build that Intune knows, or by its inventory. Without it these do not count: devices that are not ready
 * or not registered any more, those that a safeguard hold keeps back (§12), and those that became active later and have
 * days left.
 * @param objective percent
 * @param now ms
 */
export function ringCompliance(
  plan: RingPlan,
  rows: readonly DeviceProgress[],
  { register, apps, eligible }: Known,
  update: Update,
  objective: number,
  now: number,
): Compliance {
  const { stateOf } = workloadFor(update);
  let upToDate = 0;
  let excused = 0;
  for (const row of rows) {
    const record = register.get(row.deviceId);
    const osVersion = record?.managed?.osVersion ?? null;
    const versions = { osVersion, apps: apps?.get(row.deviceId) ?? {} };
    if (row.state === "upToDate" || stateOf(versions, update) === UpdateState.upToDate) upToDate++;
    else if (eligible?.has(row.deviceId) === false) excused++;
    else if (row.state === "held" || record?.state !== DeviceState.ready || !isDue(plan, row, now)) excused++;
  }
  return compliance(upToDate, rows.length, { notReady: excused, objective });
}

function isDue(plan: RingPlan, { log, offeredAt }: DeviceProgress, now: number): boolean {
  const { sloAt } = deviceSlo(plan, {
    offeredAt: offeredAt === undefined ? null : Date.parse(offeredAt),
    firstSeenAt: log.length === 0 ? null : Math.min(...log.map(({ at }) => at)),
  });
  return sloAt !== null && now >= sloAt;
}
