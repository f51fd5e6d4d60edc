import type { DeviceRecord } from "../../../../shared/registration/device.js";

/** A registered device in Ring1 of `contoso`; what is given takes the place of its values. */
export function record(patch: Partial<DeviceRecord> = {}): DeviceRecord {
  const deviceId = patch.deviceId ?? "d0000000-0000-4000-8000-000000000001";
  return {
    deviceId,
    objectId: deviceId.replace(/^d/, "a"),
    name: "PC-1",
    entra: { operatingSystem: "Windows", accountEnabled: true, registeredAt: null, lastSignInAt: null },
    managed: managed(),
    found: [{ groupId: "contoso", ring: null }],
    groupId: "contoso",
    ring: "Ring1",
    ringAssignedBy: "Service",
    status: "Registered",
    state: "Ready",
    reason: null,
    readiness: null,
    registeredAt: "2026-11-01T00:00:00.000Z",
    discoveredAt: "2026-11-01T00:00:00.000Z",
    ...patch,
  };
}

type Managed = NonNullable<DeviceRecord["managed"]>;

/** A device as Intune has it that passes every check. */
export function managed(patch: Partial<Managed> = {}): Managed {
  return {
    managedDeviceId: "m1",
    osVersion: "10.0.26100.7171",
    manufacturer: "Contoso",
    model: "Laptop 5",
    serialNumber: "SN-1",
    skuFamily: "Enterprise",
    joinType: "azureADJoined",
    ownerType: "company",
    managementAgent: "mdm",
    coManagement: null,
    processorArchitecture: "x64",
    lastSyncAt: "2026-11-20T00:00:00Z",
    ...patch,
  };
}

/** The n-th device id. */
export function deviceId(n: number): string {
  return `d0000000-0000-4000-8000-${n.toString(16).padStart(12, "0")}`;
}
