import type { Attributes } from "../attributes/columns.js";
import { type DeviceRow, ledger } from "../ledger/index.js";
import { toldAttributes } from "../readiness/device-attributes.js";
import { type DeviceRecord, listDevices } from "../registration/store.js";
import type { Expedite } from "./expedite.js";
import { ExpediteState, progressBefore, progressOf } from "./progress.js";
import { testDevice } from "./readiness.js";
import type { ExpediteDevice } from "./view.js";

/** The register of devices with what they told of themselves, for the reasons of those that are not ready. */
interface Known {
  readonly records: ReadonlyMap<string, DeviceRecord>;
  readonly told: ReadonlyMap<string, Attributes>;
}

/**
 * The devices of an expedite with their states: of its releases once it runs, by the ledger; of its groups before. Those
 * of groups that take no part are left out.
 */
export async function expediteDevices(expedite: Expedite): Promise<ExpediteDevice[]> {
  const [devices, told] = await Promise.all([listDevices(), toldAttributes()]);
  const known = { records: new Map(devices.map((record) => [record.deviceId, record])), told };
  if (expedite.deployments === null) return devicesBefore(expedite, known);
  const found: ExpediteDevice[] = [];
  const books = await ledger();
  for (const { groupId, releaseId } of expedite.deployments) {
    if (releaseId === null) continue;
    for await (const row of books.rows(releaseId)) found.push(deviceOf(expedite, row, groupId, known));
  }
  return found;
}

function deviceOf(expedite: Expedite, row: DeviceRow, groupId: string, known: Known): ExpediteDevice {
  const { deviceId, ring, offeredAt = null, lastSeenAt = null, errorCode = null } = row;
  const progress = progressOf(row);
  const isDone = progress.state === ExpediteState.installed;
  const notReady = isDone ? null : notReadyReason(expedite, deviceId, known);
  // What its own signals say counts for more than a test.
  const isWaiting = progress.state === ExpediteState.pending || progress.state === ExpediteState.offering;
  const shown = notReady !== null && isWaiting ? progressBefore(notReady) : progress;
  return { deviceId, groupId, ring, ...shown, notReady, offeredAt, lastSeenAt, errorCode };
}

function devicesBefore(expedite: Expedite, known: Known): ExpediteDevice[] {
  return [...known.records.values()].flatMap(({ deviceId, groupId, ring, status }) => {
    if (status !== "Registered" || groupId === null || !expedite.groupIds.includes(groupId)) return [];
    const notReady = notReadyReason(expedite, deviceId, known);
    const nothing = { offeredAt: null, lastSeenAt: null, errorCode: null };
    return { deviceId, groupId, ring: ring ?? "", ...progressBefore(notReady), notReady, ...nothing };
  });
}

function notReadyReason({ update }: Expedite, deviceId: string, { records, told }: Known): string | null {
  const record = records.get(deviceId);
  if (update === null || record === undefined) return null;
  return testDevice(record, told.get(deviceId) ?? {}, update).reason;
}
