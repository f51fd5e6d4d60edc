import { keepInventories } from "../inventory/store.js";
import { changeDevices } from "../registration/store.js";
import { keepAttributes } from "./device-attributes.js";
import { keepEarlyReports } from "./early-reports.js";
import { readinessOf, withReadiness } from "./judge.js";
import type { DeviceReport } from "./report.js";

/**
 * Takes the agents' reports into the register. A batch may come again, and in any order: per device the newest report
 * counts. Reports of devices that are not in the register wait for them; what devices are like, and their apps, is
 * kept in any case.
 * @param now domain time, ms
 * @returns how many reports concern devices of the register
 */
export async function foldReports(reports: readonly DeviceReport[], now: number): Promise<number> {
  const told = reports.flatMap(({ deviceId, at, attributes }) => (attributes ? [{ deviceId, at, attributes }] : []));
  await keepAttributes([...newestByDevice(told).values()]);
  await keepInventories(
    reports.flatMap(({ deviceId, at, inventory }) => (inventory ? [{ deviceId, at, inventory }] : [])),
  );
  const newest = newestByDevice(reports.filter(({ checks }) => checks.length > 0));
  if (newest.size === 0) return 0;
  const changed = await changeDevices([...newest.keys()], (record) =>
    withReadiness(record, readinessOf(record, newest.get(record.deviceId) ?? null, now)),
  );
  const registered = new Set(changed.map(({ deviceId }) => deviceId));
  await keepEarlyReports([...newest.values()].filter(({ deviceId }) => !registered.has(deviceId)));
  return registered.size;
}

function newestByDevice<T extends Pick<DeviceReport, "deviceId" | "at">>(reports: readonly T[]): Map<string, T> {
  const newest = new Map<string, T>();
  for (const report of reports) {
    const known = newest.get(report.deviceId);
    if (known === undefined || report.at > known.at) newest.set(report.deviceId, report);
  }
  return newest;
}
