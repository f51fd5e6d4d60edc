import type { Permissions } from "./types.js";

const directoryRead = ["Directory.Read.All", "Directory.ReadWrite.All"];
const readMembers = ["GroupMember.Read.All", "GroupMember.ReadWrite.All", "Group.Read.All", "Group.ReadWrite.All"];
const readUsers = ["User.ReadBasic.All", "User.Read.All", "User.ReadWrite.All", ...directoryRead];

/** Application permissions per kind of call (graph.md §3.1, §8). One of each inner list is enough. */
export const needs = {
  nothing: [] as Permissions,
  readGroups: [[...readMembers, ...directoryRead]],
  createGroups: [["Group.Create", "Group.ReadWrite.All", "Directory.ReadWrite.All"]],
  /** For groups of any owner; those of its own an application manages with `createGroups`. */
  manageGroups: [["Group.ReadWrite.All", "Directory.ReadWrite.All"]],
  writeMembers: [["GroupMember.ReadWrite.All", "Group.ReadWrite.All", "Directory.ReadWrite.All"]],
  writeGroups: [["GroupMember.ReadWrite.All", "Group.Create", "Group.ReadWrite.All", "Directory.ReadWrite.All"]],
  readDevices: [["Device.Read.All", "Device.ReadWrite.All", ...directoryRead]],
  deleteDevices: [["Device.ReadWrite.All"]],
  readGroupDevices: [
    [...readMembers, ...directoryRead],
    ["Device.Read.All", "Device.ReadWrite.All", ...directoryRead],
  ],
  readUsers: [readUsers],
  readServicePrincipals: [["Application.Read.All", "Application.ReadWrite.All", ...directoryRead]],
  writeUsers: [["User.ReadWrite.All", "Directory.ReadWrite.All"]],
  readGroupUsers: [[...readMembers, ...directoryRead], readUsers],
  readOrganization: [["Organization.Read.All", "Organization.ReadWrite.All", ...directoryRead]],
  readLicences: [["LicenseAssignment.Read.All", "Organization.Read.All", ...directoryRead]],
  readManagedDevices: [["DeviceManagementManagedDevices.Read.All", "DeviceManagementManagedDevices.ReadWrite.All"]],
  actOnManagedDevices: [["DeviceManagementManagedDevices.PrivilegedOperations.All"]],
  readConfiguration: [["DeviceManagementConfiguration.Read.All", "DeviceManagementConfiguration.ReadWrite.All"]],
  writeConfiguration: [["DeviceManagementConfiguration.ReadWrite.All"]],
  readScopeTags: [["DeviceManagementRBAC.Read.All", "DeviceManagementRBAC.ReadWrite.All"]],
  writeScopeTags: [["DeviceManagementRBAC.ReadWrite.All"]],
  readCloudPcs: [["CloudPC.Read.All", "CloudPC.ReadWrite.All"]],
  readPolicies: [["Policy.Read.All"]],
  windowsUpdates: [["WindowsUpdates.ReadWrite.All"]],
  sendMail: [["Mail.Send"]],
  readServiceMessages: [["ServiceMessage.Read.All"]],
  readServiceHealth: [["ServiceHealth.Read.All"]],
} as const satisfies Record<string, Permissions>;

/** Everything that may be granted: what an administrator's tools can do. */
export const ALL_ROLES: readonly string[] = [...new Set(Object.values<Permissions>(needs).flat(2))];

/** What the application is granted unless told otherwise: the writer of graph.md §8, and what readiness looks at, mail and service announcements. */
export const DEFAULT_ROLES: readonly string[] = [
  "WindowsUpdates.ReadWrite.All",
  "DeviceManagementManagedDevices.Read.All",
  "DeviceManagementManagedDevices.PrivilegedOperations.All",
  "DeviceManagementConfiguration.ReadWrite.All",
  "GroupMember.ReadWrite.All",
  "Group.Create",
  "Device.Read.All",
  "Organization.Read.All",
  "LicenseAssignment.Read.All",
  "DeviceManagementRBAC.Read.All",
  "CloudPC.Read.All",
  "Policy.Read.All",
  "Mail.Send",
  "ServiceMessage.Read.All",
  "ServiceHealth.Read.All",
];

export function permitted(roles: readonly string[], wanted: Permissions): boolean {
  return wanted.every((anyOf) => anyOf.some((role) => roles.includes(role)));
}
