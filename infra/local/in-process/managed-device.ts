import type { ManagedDevice } from "../../../shared/graph/inventory.js";
import type { DeviceRecord } from "../tenant/types.js";

/** A device as the app reads it from Intune's list. */
export function managedDeviceOf(record: DeviceRecord): ManagedDevice {
  const { deviceId, managedDeviceId, name, osVersion, manufacturer, model, serialNumber, skuFamily } = record;
  const { joinType, ownerType, managementAgent = "mdm", coManagement = null, attributes } = record;
  return {
    ...{ managedDeviceId, deviceId, name, osVersion, manufacturer, model, serialNumber, skuFamily },
    ...{ joinType, ownerType, managementAgent, coManagement },
    processorArchitecture: record.processorArchitecture ?? attributes.architecture ?? "x64",
    lastSyncAt: record.lastSyncDateTime,
  };
}
