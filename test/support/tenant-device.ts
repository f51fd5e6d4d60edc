import type { DeviceRecord } from "../../infra/local/tenant/types.js";

/** The `nth` device of a tenant as Entra and Intune know it: it passes every prerequisite check, unless `given` differs. */
export function tenantDevice(nth: number, given: Partial<DeviceRecord> = {}): DeviceRecord {
  return {
    deviceId: numberedId("d0000000", nth),
    objectId: numberedId("0b000000", nth),
    managedDeviceId: numberedId("3a000000", nth),
    name: `PC-${nth}`,
    osVersion: "10.0.22631.3593",
    product: "Windows 11",
    version: "23H2",
    model: "Model",
    manufacturer: "Maker",
    serialNumber: `S${nth}`,
    joinType: "azureADJoined",
    ownerType: "company",
    skuFamily: "Enterprise",
    lastSyncDateTime: "2024-06-11T08:00:00Z",
    attributes: {},
    ...given,
  };
}

/** A GUID that ends with a number; `prefix` has eight hexadecimal digits. */
export function numberedId(prefix: string, nth: number): string {
  return `${prefix}-0000-4000-a000-${nth.toString(16).padStart(12, "0")}`;
}
