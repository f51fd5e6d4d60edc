import type { DeviceRow } from "../ledger/index.js";
import { type DeviceRecord, DeviceState } from "../registration/device.js";
import { deviceSlo } from "../releases/device-slo.js";
import type { RingPlan } from "../releases/plan.js";
import { type Compliance, compliance } from "../slo/percent.js";
import type { QualityUpdate } from "../updates/quality-update.js";
import { isUpToDate } from "../updates/up-to-date.js";

/**
 * How many devices of a ring have the update, of those that had to have it by now (autopatch.md §5.5). A device counts as
 * up to date by its report or by the build that Intune knows. Without it these do not count: devices that are not ready
 * or not registered any more, those that a safeguard hold keeps back (§12), and those that became active later and have
 * days left.
 * @param register what discovery knows, by deviceId
 * @param now ms
 */
export function ringCompliance(
  plan: RingPlan,
  rows: readonly DeviceRow[],
  register: ReadonlyMap<string, DeviceRecord>,
  update: QualityUpdate,
  now: number,
): Compliance {
  let upToDate = 0;
  let excused = 0;
  for (const row of rows) {
    const record = register.get(row.deviceId);
    const build = record?.managed?.osVersion ?? "";
    if (row.state === "upToDate" || isUpToDate(build, update)) upToDate++;
    else if (row.state === "held" || record?.state !== DeviceState.ready || !isDue(plan, row, now)) excused++;
  }
  return compliance(upToDate, rows.length, excused);
}

function isDue(plan: RingPlan, { log, offeredAt }: DeviceRow, now: number): boolean {
  const { sloAt } = deviceSlo(plan, {
    offeredAt: offeredAt === undefined ? null : Date.parse(offeredAt),
    firstSeenAt: log.length === 0 ? null : Math.min(...log.map(({ at }) => at)),
  });
  return sloAt !== null && now >= sloAt;
}
