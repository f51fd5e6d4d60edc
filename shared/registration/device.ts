import { z } from "zod";

/** Whether the service manages a device (autopatch.md §3.3). */
export const DeviceStatus = { registered: "Registered", notRegistered: "Not registered" } as const;
export type DeviceStatus = (typeof DeviceStatus)[keyof typeof DeviceStatus];

/** Registered devices are Ready or Not ready; the others say why they are not registered (§3.3, row 30). */
export const DeviceState = {
  ready: "Ready",
  notReady: "Not ready",
  conflict: "Autopatch group conflict",
  prerequisitesFailed: "Prerequisites failed",
  excluded: "Excluded",
} as const;
export type DeviceState = (typeof DeviceState)[keyof typeof DeviceState];

/** Who chose the ring: the service, an admin, or an admin whose choice has not reached the directory yet (§3.5). */
export const RingAssignedBy = { service: "Service", pending: "Pending", admin: "Admin" } as const;
export type RingAssignedBy = (typeof RingAssignedBy)[keyof typeof RingAssignedBy];

const nullableText = z.string().nullable();

/** Workloads of a co-managed device that Intune has, by Graph's names; true is Intune or Pilot Intune (§3.2 no. 6). */
const coManagementSchema = z.object({
  windowsUpdateForBusiness: z.boolean(),
  deviceConfiguration: z.boolean(),
  officeApps: z.boolean(),
});

/** What Intune knows of the device. */
const managedSchema = z
  .object({
    managedDeviceId: z.string(),
    osVersion: nullableText,
    manufacturer: nullableText,
    model: nullableText,
    serialNumber: nullableText,
    skuFamily: nullableText,
    joinType: nullableText,
    ownerType: nullableText,
    managementAgent: nullableText,
    coManagement: coManagementSchema.readonly().nullable(),
    processorArchitecture: nullableText,
    /** ISO 8601. Up to a week behind Intune while nothing else changes (discover.ts). */
    lastSyncAt: nullableText,
  })
  .readonly();
export type ManagedFacts = z.infer<typeof managedSchema>;

/** What Entra knows of the device; all there is of one that Intune does not manage. */
const entraSchema = z
  .object({
    operatingSystem: nullableText,
    accountEnabled: z.boolean(),
    /** Whether some device management has it, Intune or another. */
    isManaged: z.boolean().optional(),
    registeredAt: nullableText,
    lastSignInAt: nullableText,
  })
  .readonly();
export type EntraFacts = z.infer<typeof entraSchema>;

const checkResultSchema = z
  .object({ check: z.string(), passed: z.boolean(), reason: z.string().optional() })
  .readonly();

/** A device that discovery has found, with everything the service says about it. */
export const deviceRecordSchema = z
  .object({
    /** Entra deviceId, lower-cased: a new one after a hardware change (§3.5). */
    deviceId: z.string().min(1),
    /** Id of the directory object, lower-cased: the id that group membership takes. */
    objectId: z.string().min(1),
    name: nullableText,
    entra: entraSchema,
    managed: managedSchema.nullable(),
    /** Where the last discovery found it: Autopatch group and ring, null for the group's dynamic pool. */
    found: z.array(z.object({ groupId: z.string(), ring: nullableText }).readonly()).readonly(),
    /** Autopatch group and ring that it is registered in; null when it is not. */
    groupId: nullableText,
    ring: nullableText,
    ringAssignedBy: z.enum(RingAssignedBy),
    /** Rings filled by hand (Test, Last) that the device is to leave; other memberships of such rings stay untouched. */
    leaving: z.array(z.string()).readonly().optional(),
    status: z.enum(DeviceStatus),
    state: z.enum(DeviceState),
    /** The first failing check and what to do about it; null when there is nothing to say. */
    reason: z.object({ check: z.string(), message: z.string() }).readonly().nullable(),
    /** The last judgement of its readiness; null before the first. */
    readiness: z
      .object({ at: z.string(), checks: z.array(checkResultSchema).readonly() })
      .readonly()
      .nullable(),
    /** ISO 8601. */
    registeredAt: nullableText,
    discoveredAt: z.string(),
  })
  .readonly();
export type DeviceRecord = z.infer<typeof deviceRecordSchema>;
