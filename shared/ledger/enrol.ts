import { changeDevices, type LedgerContext } from "./context.js";
import { newRow } from "./page.js";
import { type Attributes, writeRoster } from "./roster.js";

/** A device that takes part in a release. */
export interface Enrolment {
  /** Entra deviceId, lower-case GUID. */
  readonly deviceId: string;
  /** Directory object id, which groups are made of. */
  readonly objectId: string;
  readonly ring: string;
  readonly attributes?: Attributes;
}

export interface EnrolOptions {
  /** A policy of the ring offers by itself: a device has been offered the update once it says so. Default false. */
  readonly joinsBySignal?: boolean;
}

/** Enrols devices as not offered; devices that are enrolled keep what they have. The first call fixes the options. */
export async function enrolDevices(
  context: LedgerContext,
  releaseId: string,
  devices: readonly Enrolment[],
  { joinsBySignal = false }: EnrolOptions = {},
): Promise<void> {
  const release = await context.store.create(releaseId, devices.length, joinsBySignal);
  const byId = new Map(devices.map((device) => [device.deviceId.toLowerCase(), device]));
  const roster = new Map([...byId].map(([id, { objectId, attributes = {} }]) => [id, { objectId, attributes }]));
  await writeRoster(context.store.devices, release, roster);
  await changeDevices(context, release, byId.keys(), (deviceId) => (row) => {
    const device = byId.get(deviceId);
    return row !== undefined || device === undefined ? undefined : newRow(device.ring);
  });
}
