import { z } from "zod";
import { type Graph, INTUNE } from "./graph.js";
import { bool, dateTime, guid, text } from "./lenient.js";
import { segment } from "./odata.js";

/** A Windows device as Intune manages it. */
export interface ManagedDevice {
  readonly managedDeviceId: string;
  /** Entra deviceId, lower-cased. */
  readonly deviceId: string;
  readonly name: string | null;
  /** `10.0.22631.3593` */
  readonly osVersion: string | null;
  readonly manufacturer: string | null;
  readonly model: string | null;
  readonly serialNumber: string | null;
  readonly skuFamily: string | null;
  /** `azureADJoined`, `hybridAzureADJoined`, `azureADRegistered`, `unknown`. */
  readonly joinType: string | null;
  readonly ownerType: string | null;
  readonly managementAgent: string | null;
  /** Which workloads of a co-managed device are Intune's; null when Intune does not say. */
  readonly coManagement: CoManagedWorkloads | null;
  readonly processorArchitecture: string | null;
  readonly lastSyncAt: string | null;
}

/** Workloads that the service needs on Intune; true is Intune or Pilot Intune (autopatch.md §3.2). */
export interface CoManagedWorkloads {
  readonly windowsUpdateForBusiness: boolean;
  readonly deviceConfiguration: boolean;
  readonly officeApps: boolean;
}

/** A device of a deployment ring: member of its Entra group, joined with what Intune knows of it. */
export interface RingDevice {
  /** Entra deviceId, lower-cased: the id that device signals carry. */
  readonly deviceId: string;
  /** Id of the directory object, lower-cased: the id that group membership takes (graph.md §0.3). */
  readonly objectId: string;
  readonly name: string | null;
  /** Undefined when Intune does not manage the device. */
  readonly managed?: ManagedDevice;
}

const managedSchema = z
  .object({
    id: z.string().min(1),
    deviceName: text,
    azureADDeviceId: guid,
    osVersion: text,
    manufacturer: text,
    model: text,
    serialNumber: text,
    skuFamily: text,
    joinType: text,
    managedDeviceOwnerType: text,
    managementAgent: text,
    configurationManagerClientEnabledFeatures: z
      .object({ windowsUpdateForBusiness: bool, deviceConfiguration: bool, officeApps: bool })
      .nullish(),
    processorArchitecture: text,
    lastSyncDateTime: dateTime,
  })
  .transform((device) => ({
    managedDeviceId: device.id,
    deviceId: device.azureADDeviceId,
    name: device.deviceName,
    osVersion: device.osVersion,
    manufacturer: device.manufacturer,
    model: device.model,
    serialNumber: device.serialNumber,
    skuFamily: device.skuFamily,
    joinType: device.joinType,
    ownerType: device.managedDeviceOwnerType,
    managementAgent: device.managementAgent,
    coManagement: device.configurationManagerClientEnabledFeatures ?? null,
    processorArchitecture: device.processorArchitecture,
    lastSyncAt: device.lastSyncDateTime,
  }));

const SELECTED = [
  "id",
  "deviceName",
  "azureADDeviceId",
  "osVersion",
  "manufacturer",
  "model",
  "serialNumber",
  "skuFamily",
  "joinType",
  "managedDeviceOwnerType",
  "managementAgent",
  "configurationManagerClientEnabledFeatures",
  "processorArchitecture",
  "lastSyncDateTime",
].join(",");

/**
 * All Windows devices that Intune manages, by Entra deviceId, in pages of 1,000 (graph.md §2.6). Devices without a
 * deviceId are left out; of several records of one device (it was enrolled anew) the one that synced last counts.
 */
export async function listManagedDevices(graph: Graph): Promise<ReadonlyMap<string, ManagedDevice>> {
  const query = { $filter: "operatingSystem eq 'Windows'", $select: SELECTED, $top: 1000 };
  const devices = new Map<string, ManagedDevice>();
  for await (const page of graph.pages(`${INTUNE}/managedDevices`, { query, schema: managedSchema })) {
    for (const { deviceId, ...rest } of page) {
      const known = deviceId === null ? undefined : devices.get(deviceId);
      if (deviceId !== null && syncedAt(known) <= syncedAt(rest)) devices.set(deviceId, { deviceId, ...rest });
    }
  }
  return devices;
}

/** Milliseconds; a device never seen comes before one that never synced. */
function syncedAt(device: Pick<ManagedDevice, "lastSyncAt"> | undefined): number {
  if (device === undefined) return -1;
  return device.lastSyncAt === null ? 0 : Date.parse(device.lastSyncAt);
}

const memberSchema = z.object({ id: guid, deviceId: guid, displayName: text });

/**
 * Devices of a deployment ring: the transitive device members of its Entra group, joined with Intune's records.
 * @param managed pass the result of `listManagedDevices` when several rings are read, so that it is read once.
 */
export async function listRingDevices(
  graph: Graph,
  groupId: string,
  managed?: ReadonlyMap<string, ManagedDevice>,
): Promise<RingDevice[]> {
  const members = await graph.list(`/groups/${segment(groupId)}/transitiveMembers/microsoft.graph.device`, {
    version: "v1.0",
    // A cast on a directory collection is an advanced query and needs both (graph.md §3.1).
    headers: { ConsistencyLevel: "eventual" },
    query: { $select: "id,deviceId,displayName", $count: true, $top: 999 },
    schema: memberSchema,
  });
  const known = managed ?? (await listManagedDevices(graph));
  const devices = new Map<string, RingDevice>();
  for (const { id, deviceId, displayName } of members) {
    if (id === null || deviceId === null) continue;
    const record = known.get(deviceId);
    devices.set(deviceId, { deviceId, objectId: id, name: displayName, ...(record ? { managed: record } : {}) });
  }
  return [...devices.values()];
}

/**
 * What is known of a device in bulk, for finding the cohort that an update harms (gate.md §5). Absent values are left
 * out; BIOS, drivers and graphics are not in Intune's lists (graph.md §2.6), and the device's agent tells them.
 */
export function attributesOf({ managed }: RingDevice): Record<string, string> {
  if (managed === undefined) return {};
  const { manufacturer, model, osVersion, skuFamily, joinType, ownerType, managementAgent, processorArchitecture } =
    managed;
  const found = {
    manufacturer,
    model: model === null ? null : `${manufacturer ?? ""} ${model}`.trim(),
    osBuild: osVersion,
    skuFamily,
    joinType,
    ownerType,
    managementAgent,
    processorArchitecture,
  };
  return Object.fromEntries(
    Object.entries(found).flatMap(([name, value]) => (value === null || value === "" ? [] : [[name, value]])),
  );
}
