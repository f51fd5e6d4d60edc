import { type DeviceRow, ledger } from "../ledger/index.js";
import { listReleases } from "../releases/store.js";

/** Rows of the ledger by feature release and device. */
export type MeasuredRows = (featureReleaseId: string, deviceId: string) => DeviceRow | undefined;

/**
 * What the ledger has of devices in the releases that measure feature releases: one for each group of a feature release,
 * whose id their update has for its own.
 * @param featureReleaseIds which are wanted
 */
export async function measuredRows(featureReleaseIds: ReadonlySet<string>): Promise<MeasuredRows> {
  const rows = new Map<string, DeviceRow>();
  const books = await ledger();
  for (const { id, update } of await listReleases()) {
    const { catalogEntryId } = update;
    // A release that has only just begun has no devices in the ledger.
    if (!featureReleaseIds.has(catalogEntryId) || !(await books.knows(id))) continue;
    for await (const row of books.rows(id)) rows.set(keyOf(catalogEntryId, row.deviceId), row);
  }
  return (featureReleaseId, deviceId) => rows.get(keyOf(featureReleaseId, deviceId));
}

/** What the ledger has of one device for a feature release. */
export async function measuredRow(featureReleaseId: string, deviceId: string): Promise<DeviceRow | undefined> {
  const books = await ledger();
  for (const { id, update } of await listReleases()) {
    if (update.catalogEntryId !== featureReleaseId) continue;
    const row = await books.device(id, deviceId);
    if (row !== undefined) return row;
  }
  return undefined;
}

function keyOf(featureReleaseId: string, deviceId: string): string {
  return `${featureReleaseId} ${deviceId}`;
}
