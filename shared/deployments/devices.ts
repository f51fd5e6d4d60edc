import type { Graph } from "../graph/graph.js";
import { listManagedDevices, type ManagedDevice } from "../graph/inventory.js";
import { type DeviceRecord, listDevices } from "../registration/store.js";
import { refused, someOf } from "./refusals.js";

/** Devices as a deployment chooses among them. */
export interface Estate {
  /** What Intune manages, by Entra deviceId. */
  readonly managed: ReadonlyMap<string, ManagedDevice>;
  readonly registered: ReadonlyMap<string, DeviceRecord>;
}

/** A device that was chosen. */
export interface ChosenDevice {
  readonly deviceId: string;
  readonly osVersion: string | null;
  /** Autopatch group and ring that it is registered in. */
  readonly place: { readonly groupId: string; readonly ring: string } | null;
}

/** Joined in a way that Windows Update takes deployments for (graph.md §1.0). */
const JOINED: ReadonlySet<string> = new Set(["azureADJoined", "hybridAzureADJoined"]);

export async function readEstate(graph: Graph): Promise<Estate> {
  const records = await listDevices();
  return {
    managed: await listManagedDevices(graph),
    registered: new Map(records.map((record) => [record.deviceId, record])),
  };
}

/**
 * The devices of these ids. Throws `rule_violated` naming those that nobody knows, that Intune does not manage, or that
 * are not joined to Entra.
 * @param mayTarget whether the caller may decide about a device of an Autopatch group, null for one in none
 */
export function chooseDevices(
  ids: readonly string[],
  { managed, registered }: Estate,
  mayTarget: (groupId: string | null) => boolean,
  field = "devices",
): ChosenDevice[] {
  const groupOf = (id: string) => registered.get(id)?.groupId ?? null;
  const unknown = ids.filter((id) => (!managed.has(id) && !registered.has(id)) || !mayTarget(groupOf(id)));
  if (unknown.length > 0) {
    const message = `there are no devices ${someOf(unknown)} that you may see; write the Entra deviceId, not the object id`;
    throw refused("unknownDevices", field, message, { deviceIds: unknown });
  }
  const unmanaged = ids.filter((id) => !managed.has(id));
  if (unmanaged.length > 0) {
    const message = `${someOf(unmanaged)} are not enrolled in Intune; enrol them first`;
    throw refused("notEnrolled", field, message, { deviceIds: unmanaged });
  }
  const unjoined = ids.filter((id) => !JOINED.has(managed.get(id)?.joinType ?? ""));
  if (unjoined.length > 0) {
    const message = `${someOf(unjoined)} are not joined to Microsoft Entra, which Windows Update needs`;
    throw refused("notJoined", field, message, { deviceIds: unjoined });
  }
  return ids.map((deviceId) => {
    const { groupId = null, ring = null } = registered.get(deviceId) ?? {};
    const place = groupId === null ? null : { groupId, ring: ring ?? "" };
    return { deviceId, osVersion: managed.get(deviceId)?.osVersion ?? null, place };
  });
}

/** How many devices there are, and how many of them in which rings. */
export function placesOf(devices: readonly ChosenDevice[]) {
  const counts = new Map<string, { groupId: string; ring: string; devices: number }>();
  for (const { place } of devices) {
    if (place === null) continue;
    const key = JSON.stringify(place);
    counts.set(key, { ...place, devices: (counts.get(key)?.devices ?? 0) + 1 });
  }
  const rings = [...counts.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, count]) => count);
  return { devices: devices.length, rings };
}
