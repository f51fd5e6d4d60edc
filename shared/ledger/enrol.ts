import { changeDevices, type LedgerContext } from "./context.js";
import { type Attributes, enrolledValues, newRow } from "./row-values.js";

/** A device that takes part in a release. */
export interface Enrolment {
  /** Entra deviceId, lower-case GUID. */
  readonly deviceId: string;
  /** Directory object id, which groups are made of. */
  readonly objectId: string;
  readonly ring: string;
  readonly attributes?: Attributes;
}

/** Enrols devices as not offered; devices that are enrolled keep what they have. */
export async function enrolDevices(
  context: LedgerContext,
  releaseId: string,
  devices: readonly Enrolment[],
): Promise<void> {
  const release = await context.store.create(releaseId, devices.length);
  const byId = new Map(devices.map((device) => [device.deviceId.toLowerCase(), device]));
  await changeDevices(context, release, byId.keys(), (deviceId) => (row) => {
    const device = byId.get(deviceId);
    if (row !== undefined || device === undefined) return undefined;
    const enrolled = newRow(device.ring);
    return { row: enrolled, values: enrolledValues(enrolled, device.objectId, device.attributes ?? {}) };
  });
}
